/* follow.h - one source of log lines: a file, standard input, or the journal
 *
 * OWNERSHIP follow_close() frees; names are borrowed; lines are valid until the next call.
 * ERRORS    -errno
 */
#ifndef MILTER_COMMAND_FOLLOW_H
#define MILTER_COMMAND_FOLLOW_H

#include "common/base/buf.h"
#include "milter/command/follow_journal.h"

struct follow {
	const char *name; /* "journal", "-" or a path */
	struct follow_file file;
	struct follow_journal *journal;
	uint64_t lines;
};

/* mark: of follow_mark(), or empty. */
int follow_open(struct follow *f, const char *name, enum follow_from from, struct span mark);
void follow_close(struct follow *f);

/* What to wait on for POLLIN; -1: look again after a while. */
int follow_fd(struct follow *f);

/* 1: the next line; *ret_known: of an MTA, and *ret is it. 0: there is none now. */
int follow_next(struct follow *f, struct logline *ret, bool *ret_known);

/* There will be no more. */
bool follow_ended(const struct follow *f);

/* Standard input, whose writer has not ended: that there is nothing now is no end. */
bool follow_pending(const struct follow *f);

/* Where it is, as one word or more without line ends. */
int follow_mark(struct follow *f, struct buf *out);

#endif
