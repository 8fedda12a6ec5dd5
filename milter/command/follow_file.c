#include "config.h"

#include "milter/command/follow_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void go_to(struct follow_file *f, off_t at)
{
	f->at = at < 0 ? lseek(f->fd, 0, SEEK_END) : lseek(f->fd, at, SEEK_SET);
	if (f->at < 0)
		f->at = 0;
	f->begin = 0;
	f->n = 0;
	f->passing_over = false;
}

static void hang_up(struct follow_file *f)
{
	if (f->fd > STDIN_FILENO)
		close(f->fd);
	f->fd = -1;
}

/* The file is open from now on; -ENOENT: there is none. */
static int open_file(struct follow_file *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	hang_up(f);
	f->fd = fd;
	f->inode = st.st_ino;
	f->moved = false;
	go_to(f, 0);
	return 0;
}

int follow_file_open(struct follow_file *f, const char *path, enum follow_from from)
{
	bool standard = strcmp(path, "-") == 0;
	int r = 0;

	*f = (struct follow_file){ .fd = standard ? STDIN_FILENO : -1 };
	f->lines = malloc(FOLLOW_LINE);
	f->path = standard ? NULL : strdup(path);
	if (f->lines == NULL || (!standard && f->path == NULL))
		r = -ENOMEM;
	else if (!standard)
		r = open_file(f, path);
	if (r == 0 && !standard && from == FOLLOW_FROM_END)
		go_to(f, -1);
	if (r == -ENOENT)
		r = 0;
	if (r < 0)
		follow_file_close(f);
	return r;
}

void follow_file_close(struct follow_file *f)
{
	hang_up(f);
	free(f->lines);
	free(f->path);
	*f = (struct follow_file){ .fd = -1 };
}

static bool try_place(struct follow_file *f, const struct follow_place *place)
{
	struct stat st;

	if (f->fd < 0 || f->inode != place->inode || fstat(f->fd, &st) != 0 ||
	    (uint64_t)st.st_size < place->offset)
		return false;
	go_to(f, (off_t)place->offset);
	return true;
}

int follow_file_resume(struct follow_file *f, const struct follow_place *place)
{
	char *older = NULL;
	int r = 0;

	if (f->path == NULL || try_place(f, place))
		return 0;
	if (asprintf(&older, "%s.1", f->path) < 0)
		return -ENOMEM;
	/* What stands at the path itself is found when the older one has been read. */
	if (open_file(f, older) != 0 || !try_place(f, place)) {
		hang_up(f);
		r = open_file(f, f->path);
	}
	free(older);
	return r == -ENOENT ? 0 : r;
}

struct follow_place follow_file_place(const struct follow_file *f)
{
	return (struct follow_place){ f->inode, (uint64_t)f->at - (f->n - f->begin) };
}

/* One line out of what has been read. */
static bool give(struct follow_file *f, struct span *ret)
{
	for (;;) {
		char *from = f->lines + f->begin;
		char *end = f->n > f->begin ? memchr(from, '\n', f->n - f->begin) : NULL;
		bool whole = !f->passing_over;

		if (end == NULL)
			return false;
		f->begin = (size_t)(end - f->lines) + 1;
		f->passing_over = false;
		if (whole) {
			*ret = span_make(from, (size_t)(end - from));
			return true;
		}
	}
}

/* What has no end and will not get one. */
static bool give_rest(struct follow_file *f, struct span *ret)
{
	bool any = f->n > f->begin && !f->passing_over;

	*ret = span_make(f->lines + f->begin, f->n - f->begin);
	f->begin = f->n;
	f->passing_over = false;
	return any;
}

/* -EAGAIN: nothing is there now. */
static ssize_t read_more(struct follow_file *f)
{
	ssize_t n;

	memmove(f->lines, f->lines + f->begin, f->n - f->begin);
	f->n -= f->begin;
	f->begin = 0;
	if (f->n == FOLLOW_LINE) {
		f->passing_over = true;
		f->n = 0;
	}
	/* Standard input is shared with others: it stays a blocking one. */
	if (f->path == NULL && poll(&(struct pollfd){ .fd = f->fd, .events = POLLIN }, 1, 0) <= 0)
		return -EAGAIN;
	do {
		n = read(f->fd, f->lines + f->n, FOLLOW_LINE - f->n);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	f->n += (size_t)n;
	f->at += n;
	return n;
}

/* At the end of the file: has it been cut off, or is another one in its place? True: read on. */
static bool look_around(struct follow_file *f)
{
	struct stat here, there;

	if (fstat(f->fd, &here) == 0 && here.st_size < f->at) {
		go_to(f, 0);
		return true;
	}
	if (stat(f->path, &there) != 0 || there.st_ino == f->inode || there.st_size == 0)
		return false;
	/* Whoever wrote here writes there now: what was added to this one since the last look is its end. */
	f->moved = true;
	return true;
}

int follow_file_next(struct follow_file *f, struct span *ret)
{
	ssize_t n;

	if (f->fd < 0 && f->path != NULL) {
		int r = open_file(f, f->path);

		if (r < 0)
			return r == -ENOENT ? 0 : r;
	}
	while (!give(f, ret)) {
		if (f->ended)
			return 0;
		n = read_more(f);
		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return (int)n;
		if (n > 0)
			continue;
		if (f->path == NULL) {
			f->ended = true;
			return give_rest(f, ret);
		}
		if (f->moved) {
			bool rest = give_rest(f, ret);

			hang_up(f);
			return rest ? 1 : follow_file_next(f, ret);
		}
		if (!look_around(f))
			return 0;
	}
	return 1;
}
