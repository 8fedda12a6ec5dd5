#include "config.h"

#include "milter/command/follow.h"

#include "common/base/num.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool place_of(struct span mark, struct follow_place *ret)
{
	struct follow_place place;
	struct span inode;

	if (!span_until(&mark, ' ', 20, &inode) || !num_u64(inode, UINT64_MAX, &place.inode) ||
	    !num_u64(mark, INT64_MAX, &place.offset))
		return false;
	*ret = place;
	return true;
}

static int open_journal(struct follow *f, enum follow_from from, struct span mark)
{
	char cursor[512];

	if (!span_copy(mark, cursor, sizeof(cursor)))
		cursor[0] = '\0';
	return follow_journal_open(NULL, cursor, from, &f->journal);
}

int follow_open(struct follow *f, const char *name, enum follow_from from, struct span mark)
{
	struct follow_place place;
	int r;

	*f = (struct follow){ .name = name, .file = { .fd = -1 } };
	if (strcmp(name, "journal") == 0)
		return open_journal(f, from, mark);
	r = follow_file_open(&f->file, name, from);
	if (r == 0 && place_of(mark, &place))
		r = follow_file_resume(&f->file, &place);
	if (r < 0)
		follow_close(f);
	return r;
}

void follow_close(struct follow *f)
{
	follow_file_close(&f->file);
	f->journal = follow_journal_close(f->journal);
}

int follow_fd(struct follow *f)
{
	if (f->journal != NULL)
		return follow_journal_fd(f->journal);
	return follow_pending(f) ? f->file.fd : -1;
}

int follow_next(struct follow *f, struct logline *ret, bool *ret_known)
{
	struct span line;
	int r;

	*ret_known = true;
	if (f->journal != NULL) {
		r = follow_journal_next(f->journal, ret);
	} else {
		r = follow_file_next(&f->file, &line);
		if (r > 0)
			*ret_known = logline_read(line, ret);
	}
	f->lines += r > 0;
	return r;
}

bool follow_ended(const struct follow *f)
{
	return f->journal == NULL && f->file.ended;
}

bool follow_pending(const struct follow *f)
{
	return f->journal == NULL && f->file.path == NULL && !f->file.ended;
}

int follow_mark(struct follow *f, struct buf *out)
{
	struct follow_place place;
	char *cursor;
	int r;

	if (f->journal == NULL) {
		place = follow_file_place(&f->file);
		return buf_addf(out, "%llu %llu", (unsigned long long)place.inode,
				(unsigned long long)place.offset);
	}
	cursor = follow_journal_cursor(f->journal);
	r = cursor != NULL ? buf_adds(out, cursor) : 0;
	free(cursor);
	return r;
}
