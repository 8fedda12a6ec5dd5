#include "config.h"

#include "milter/shared/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int read_all(int fd, size_t max, struct buf *ret)
{
	char piece[4096];
	ssize_t n;
	int r;

	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		if ((size_t)n > max - ret->n)
			return -EFBIG;
		r = buf_add(ret, piece, (size_t)n);
		if (r < 0)
			return r;
	}
}

int input_read(const char *path, size_t max, struct buf *ret)
{
	int fd, r;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, max, ret);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = read_all(fd, max, ret);
	close(fd);
	return r;
}
