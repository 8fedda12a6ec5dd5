#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "common/store/store_wal.h"

static void check(const char *path, size_t db_page_size, size_t size)
{
	unsigned char page[65536];
	struct wal w;

	if (wal_open(path, db_page_size, &w) != 0)
		return;
	MUST(w.page_size >= 512 && w.page_size <= sizeof(page));
	MUST(db_page_size == 0 || w.page_size == db_page_size);
	MUST(w.n_valid <= w.n && w.n_frames <= w.n);
	MUST(w.n == 0 || 32 + w.n * (24 + w.page_size) <= size);
	for (size_t i = 0; i < w.n_frames; i++) {
		uint32_t number;

		MUST(w.frames[i].slot < w.n);
		MUST(i == 0 || w.frames[i - 1].page <= w.frames[i].page);
		MUST(wal_slot(&w, w.frames[i].slot, &number, page) == 0);
		MUST(wal_page(&w, number, page) == 0);
	}
	MUST(wal_page(&w, 0x7ffffff1, page) >= 0);
	wal_release(&w);
}

/* The input is a write-ahead log. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("wal", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check(path, 0, size);
	check(path, 512, size);
	check(path, 4096, size);
	close(fd);
	return 0;
}
