/* progress.h - how far a long list is: a bar on a terminal, a line now and then elsewhere; always on stderr
 *
 * UNITS Milliseconds of a clock that never steps back.
 */
#ifndef MILTER_COMMAND_PROGRESS_H
#define MILTER_COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool terminal, silent;
	int64_t began_at, shown_at;
	bool drawn; /* a bar stands on the terminal's last line */
};

/* quiet: only on a terminal. */
void progress_begin(struct progress *p, int64_t now, bool quiet);

/* Of total so many are done; this run began with `before` of them. note: what else to say; printable. Draws when it is time to. */
void progress_show(struct progress *p, int64_t now, size_t done, size_t before, size_t total,
		   const char *note);
void progress_end(struct progress *p); /* before anything else is written */

/* The bar by itself. */
enum { PROGRESS_LINE = 200 };
const char *progress_line(size_t done, size_t before, size_t total, int64_t elapsed,
			  const char *note, char out[PROGRESS_LINE]);

#endif
