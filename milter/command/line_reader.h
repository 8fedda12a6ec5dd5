/* line_reader.h - a file or standard input, line by line, however long it is
 *
 * LIMITS  `max` octets of a line; what is longer is passed over to its end.
 */
#ifndef MILTER_COMMAND_LINE_READER_H
#define MILTER_COMMAND_LINE_READER_H

#include "common/base/span.h"

#include <stdio.h>

struct line_reader {
	FILE *file;
	const char *name; /* for messages */
	char *line;
	size_t max;
	size_t number; /* of the line that was read last, from 1 */
};

/* path: "-" is standard input; borrowed. 0, or -errno. */
int line_reader_open(struct line_reader *r, const char *path, size_t max);
void line_reader_close(struct line_reader *r);

/* 1: *ret is the next line, without its LF, valid until the next call. 0: the end. -EFBIG: it is too long. Other -errno: it cannot be read. */
int line_reader_next(struct line_reader *r, struct span *ret);

#endif
