/* journal.h - which domains of a long list are done, over an interruption
 *
 * PURPOSE   One line per domain that was answered, written before the next is begun: whatever ends the program, the file can be gone on with. A
 *           list that is done to its end has no journal any more.
 * OWNERSHIP journal_close() closes; the path is borrowed.
 * ERRORS    0 or -errno; what is wrong has been written to stderr.
 */
#ifndef MILTER_COMMAND_JOURNAL_H
#define MILTER_COMMAND_JOURNAL_H

#include "common/base/span.h"

#include <stdio.h>

struct journal {
	const char *path; /* NULL: there is none, and everything below does nothing */
	FILE *file;
};

typedef void journal_each(void *arg, const char *domain, const char *outcome);

/* Reads what was done before, then appends. A file that is no journal is refused: it may be the list itself. */
int journal_open(struct journal *j, const char *path, journal_each *each, void *arg);
int journal_add(struct journal *j, const char *domain, const char *outcome);
void journal_close(struct journal *j, bool finished);

#endif
