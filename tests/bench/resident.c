#include "config.h"

#include "tests/bench/resident.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/base/num.h"

/* The second word of /proc/self/statm, in pages. */
long resident_kib(void)
{
	char text[256];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : 0;
	struct span in = span_make(text, n > 0 ? (size_t)n : 0), word;
	uint64_t pages = 0;

	if (fd >= 0)
		close(fd);
	if (!span_word(&in, &word) || !span_word(&in, &word) || !num_u64(word, 1ull << 40, &pages))
		return 0;
	return (long)pages * (sysconf(_SC_PAGESIZE) / 1024);
}
