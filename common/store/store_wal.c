#include "config.h"

#include "common/store/store_wal.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_bytes.h"

enum { HEADER = 32, FRAME_HEADER = 24, MAGIC = 0x377f0682, FORMAT = 3007000 };

struct sum {
	uint32_t a, b;
};

struct walk {
	unsigned char header[HEADER];
	bool big_endian; /* of the sums */
	struct sum sum;
};

static struct sum add(struct sum s, bool big_endian, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		uint32_t x, y;

		memcpy(&x, p + i, 4);
		memcpy(&y, p + i + 4, 4);
		s.a += (big_endian ? be32toh(x) : le32toh(x)) + s.b;
		s.b += (big_endian ? be32toh(y) : le32toh(y)) + s.a;
	}
	return s;
}

static struct sum stored(const unsigned char *p)
{
	return (struct sum){ bytes_u32(p), bytes_u32(p + 4) };
}

static bool equal(struct sum s, struct sum t)
{
	return s.a == t.a && s.b == t.b;
}

static off_t offset_of(const struct wal *w, size_t slot)
{
	return (off_t)(HEADER + slot * (FRAME_HEADER + w->page_size));
}

static bool header_good(struct walk *walk, size_t db_page_size)
{
	const unsigned char *h = walk->header;
	size_t size = bytes_u32(h + 8);

	if ((bytes_u32(h) & ~1u) != MAGIC || bytes_u32(h + 4) != FORMAT ||
	    !bytes_page_size_good(size) || (db_page_size != 0 && size != db_page_size))
		return false;
	walk->big_endian = (bytes_u32(h) & 1) != 0;
	walk->sum = add((struct sum){ 0, 0 }, walk->big_endian, h, 24);
	return equal(walk->sum, stored(h + 24));
}

static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Follows the chain of sums from frame to frame. *sum is the sum of the frame before, and becomes
 * the one stored in this frame. */
static bool frame_good(const struct walk *walk, const unsigned char *frame, size_t page_size,
		       struct sum *sum)
{
	struct sum s = add(*sum, walk->big_endian, frame, 8);

	s = add(s, walk->big_endian, frame + FRAME_HEADER, page_size);
	*sum = stored(frame + 16);
	return memcmp(frame + 8, walk->header + 16, 8) == 0 && bytes_u32(frame) != 0 &&
	       equal(s, *sum);
}

/*
 * The first bad frame ends what SQLite sees. A commit behind it that hangs together with the frame
 * before it was once complete, so something was lost; frames without a commit are what a failed or
 * killed writer left.
 */
static int walk_frames(struct wal *w, struct walk *walk)
{
	size_t size = FRAME_HEADER + w->page_size;
	unsigned char *frame = malloc(size);
	struct sum sum = walk->sum;
	bool broken = false;
	int r = 0;

	if (frame == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < w->n && r == 0 && !w->damaged; i++) {
		bool good, commit;

		r = bytes_read(w->fd, offset_of(w, i), frame, size);
		if (r != 0)
			break;
		good = frame_good(walk, frame, w->page_size, &sum);
		commit = bytes_u32(frame + 4) != 0;
		w->frames[i] = (struct wal_frame){ bytes_u32(frame), (uint32_t)i };
		if (good && commit && !broken)
			w->n_valid = i + 1;
		if (good && commit && broken)
			w->damaged = true;
		broken = broken || !good;
	}
	free(frame);
	return r < 0 ? r : 0;
}

static int by_page(const void *a, const void *b)
{
	const struct wal_frame *x = a, *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

/* Of a damaged log we want every frame: rows carry their own sums. */
static int list_all(struct wal *w)
{
	unsigned char head[4];

	for (size_t i = 0; i < w->n; i++) {
		int r = bytes_read(w->fd, offset_of(w, i), head, sizeof(head));

		if (r < 0)
			return r;
		w->frames[i] = (struct wal_frame){ r == 0 ? bytes_u32(head) : 0, (uint32_t)i };
	}
	return 0;
}

static int read_frames(struct wal *w, off_t size, size_t db_page_size)
{
	struct walk walk = { 0 };
	bool good;
	int r;

	if (size < HEADER)
		return 0;
	r = bytes_read(w->fd, 0, walk.header, HEADER);
	if (r != 0 || is_zero(walk.header, HEADER))
		return r < 0 ? r : 0;
	good = header_good(&walk, db_page_size);
	if (good)
		w->page_size = bytes_u32(walk.header + 8);
	w->n = (size_t)(size - HEADER) / (FRAME_HEADER + w->page_size);
	if (w->n > WAL_FRAMES_MAX)
		w->n = WAL_FRAMES_MAX;
	w->damaged = !good && w->n > 0;
	w->frames = calloc(w->n + 1, sizeof(*w->frames));
	if (w->frames == NULL)
		return -ENOMEM;
	r = good ? walk_frames(w, &walk) : 0;
	if (r == 0 && w->damaged)
		r = list_all(w);
	w->n_frames = w->damaged ? w->n : w->n_valid;
	qsort(w->frames, w->n_frames, sizeof(*w->frames), by_page);
	return r;
}

int wal_open(const char *wal_path, size_t db_page_size, struct wal *ret)
{
	struct wal w = { .page_size = db_page_size != 0 ? db_page_size : BYTES_PAGE_SIZE };
	struct stat st;
	int r = 0;

	w.fd = open(wal_path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (w.fd < 0 && errno != ENOENT)
		return -errno;
	if (w.fd >= 0)
		r = fstat(w.fd, &st) < 0 ? -errno : read_frames(&w, st.st_size, db_page_size);
	if (r < 0) {
		wal_release(&w);
		return r;
	}
	*ret = w;
	return 0;
}

void wal_release(struct wal *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(TAKE(w->frames));
	w->fd = -1;
}

int wal_slot(const struct wal *w, size_t slot, uint32_t *ret_page, unsigned char *out)
{
	unsigned char head[4];
	int r = bytes_read(w->fd, offset_of(w, slot), head, sizeof(head));

	if (r == 0)
		r = bytes_read(w->fd, offset_of(w, slot) + FRAME_HEADER, out, w->page_size);
	if (r == 0)
		*ret_page = bytes_u32(head);
	return r;
}

int wal_page(const struct wal *w, uint32_t page, unsigned char *out)
{
	size_t lo = 0, hi = w->n_frames; /* the first frame of a later page */
	uint32_t found;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->frames[mid].page <= page)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || w->frames[lo - 1].page != page)
		return 1;
	return wal_slot(w, w->frames[lo - 1].slot, &found, out);
}
