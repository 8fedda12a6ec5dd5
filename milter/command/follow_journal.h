/* follow_journal.h - what MTAs write to systemd's journal
 *
 * PURPOSE   Entries of Postfix, Sendmail and Exim, by their identifiers. Everybody on this machine may write to the journal under any name, so what
 *           people's accounts have written is left out. Never waits.
 * OWNERSHIP follow_journal_close() frees; lines are valid until the next call.
 * ERRORS    -errno
 */
#ifndef MILTER_COMMAND_FOLLOW_JOURNAL_H
#define MILTER_COMMAND_FOLLOW_JOURNAL_H

#include "milter/command/follow_file.h"
#include "milter/command/logline.h"

enum {
	FOLLOW_FIRST_PERSON = 1000
}; /* accounts from here on are people's (UID_MIN of login.defs) */

struct follow_journal;

/* directory: NULL for this machine's journal. cursor: behind which entry to begin; "" or one that is gone: as `from` says. */
int follow_journal_open(const char *directory, const char *cursor, enum follow_from from,
			struct follow_journal **ret);
struct follow_journal *
follow_journal_close(struct follow_journal *j); /* NULL in: no-op; returns NULL */

/* To wait on for POLLIN, for a second at most. */
int follow_journal_fd(struct follow_journal *j);

/* 1: *ret is the next entry. 0: there is none now. */
int follow_journal_next(struct follow_journal *j, struct logline *ret);

/* Of the last entry that was given, or passed over; to be freed. NULL: there was none. */
char *follow_journal_cursor(struct follow_journal *j);

#endif
