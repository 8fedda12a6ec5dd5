#include "config.h"

#include "common/net/file_text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, struct buf *ret_text)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		char piece[4096];
		ssize_t n = read(fd, piece, sizeof(piece));
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = buf_add(ret_text, piece, (size_t)n);
		if (r < 0)
			return r;
	}
}

int file_text(const char *path, struct buf *ret_text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, ret_text);
	close(fd);
	return r;
}
