/* follow_file.h - the lines that are added to a file, for as long as one likes
 *
 * PURPOSE   As `tail -F`: the file may be missing at first, be renamed and made anew (the old one is read to its end, and on while the new one is
 *           empty), be cut off and written from its beginning. Standard input too: that has an end. Never waits.
 * OWNERSHIP follow_file_close() frees; lines are valid until the next call.
 * LIMITS    FOLLOW_LINE octets of a line; longer ones are passed over. A file that was cut off and has grown past where we were between two looks is
 *           taken for the old one.
 * ERRORS    -errno
 */
#ifndef MILTER_COMMAND_FOLLOW_FILE_H
#define MILTER_COMMAND_FOLLOW_FILE_H

#include "common/base/span.h"

#include <stdint.h>
#include <sys/types.h>

enum { FOLLOW_LINE = 64 << 10 };

enum follow_from {
	FOLLOW_FROM_END,   /* what is added from now on; all of a file that is not there yet */
	FOLLOW_FROM_START, /* and what is there already */
};

struct follow_file {
	int fd;	    /* -1: there is none yet */
	char *path; /* NULL: standard input */
	char *lines;
	size_t begin, n; /* what has been read and not been given */
	off_t at;	 /* of the file: behind what has been read */
	uint64_t inode;
	bool passing_over; /* a line that is too long */
	bool moved;	   /* another file is in its place: read to the end, then go there */
	bool ended;
};

/* Where one is in a file: so that a later run can go on there. */
struct follow_place {
	uint64_t inode;
	uint64_t offset; /* of the next line */
};

/* path "-": standard input. */
int follow_file_open(struct follow_file *f, const char *path, enum follow_from from);
void follow_file_close(struct follow_file *f);

/* Goes to a place of an earlier run: in this file or, where it has been rotated since, in the one that is called PATH.1; else to the beginning. */
int follow_file_resume(struct follow_file *f, const struct follow_place *place);
struct follow_place follow_file_place(const struct follow_file *f);

/* 1: *ret is the next line, without its end. 0: there is none now; of standard input and f->ended: no more. */
int follow_file_next(struct follow_file *f, struct span *ret);

#endif
