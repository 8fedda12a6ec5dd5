/* store_bytes.h - reading SQLite's files byte by byte
 *
 * ERRORS bytes_read(): 0; 1 when the file ends before; -errno.
 */
#ifndef COMMON_STORE_STORE_BYTES_H
#define COMMON_STORE_STORE_BYTES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

enum { BYTES_PAGE_SIZE = 4096 }; /* of the files that we make */

static inline uint32_t bytes_u16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t bytes_u32(const unsigned char *p)
{
	return bytes_u16(p) << 16 | bytes_u16(p + 2);
}

static inline bool bytes_page_size_good(size_t size)
{
	return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

static inline int bytes_read(int fd, off_t at, unsigned char *out, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(fd, out, n, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 1;
		out += got;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

#endif
