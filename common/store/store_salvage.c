#include "config.h"

#include "common/store/store_salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_bytes.h"
#include "common/store/store_file.h"
#include "common/store/store_page.h"
#include "common/store/store_rescue.h"
#include "common/store/store_schema.h"

/* Where the rest of a long row is looked for first. */
enum source { SOURCE_LOG, SOURCE_FILE };

static int read_page(struct salvage *s, enum source source, uint32_t number, unsigned char *out)
{
	int r = source == SOURCE_LOG ? wal_page(&s->wal, number, out) : 1;

	if (r == 1 && number >= 1 && number <= s->pages)
		r = bytes_read(s->fd, (off_t)(number - 1) * (off_t)s->page_size, out, s->page_size);
	return r;
}

/* The whole row; false when its overflow pages cannot be followed. */
static bool gather(struct salvage *s, enum source source, const struct cell *cell, struct span *ret)
{
	size_t n = cell->local.n;
	uint32_t next = cell->overflow;

	memcpy(s->row, cell->local.p, n);
	while (n < cell->size) {
		size_t part = cell->size - n;

		if (next == 0 || read_page(s, source, next, s->more) != 0)
			return false;
		if (part > s->usable - 4)
			part = s->usable - 4;
		memcpy(s->row + n, s->more + 4, part);
		next = bytes_u32(s->more);
		n += part;
	}
	*ret = span_make(s->row, cell->size);
	return true;
}

static void take_cell(struct salvage *s, const struct cell *cell)
{
	enum rescue found = RESCUE_NONE;
	struct span row;

	for (int source = SOURCE_LOG; source <= SOURCE_FILE && found != RESCUE_TAKEN; source++) {
		if (gather(s, (enum source)source, cell, &row))
			found = rescue_row(s, row);
		if (cell->overflow == 0)
			break; /* it stands in the cell: there is nothing else to try */
	}
	if (found == RESCUE_BAD || (found == RESCUE_NONE && cell->overflow != 0))
		s->rejected++;
}

static void take_page(struct salvage *s)
{
	struct page page;
	struct cell cell;

	if (!page_parse(s->page, s->usable, &page))
		return;
	for (size_t i = 0; i < page.cells && s->rc == SQLITE_OK; i++)
		if (page_cell(&page, i, &cell))
			take_cell(s, &cell);
}

static bool stopped(const struct salvage *s)
{
	return s->rc != SQLITE_OK || (s->stop != NULL && atomic_load(s->stop));
}

/* A page that cannot be read is a page less; the next may be fine. */
static void take_all(struct salvage *s)
{
	uint32_t number;

	for (uint32_t i = 1; i <= s->pages && !stopped(s); i++) {
		/* What a sound log replaces is history. */
		enum source source = s->wal.damaged ? SOURCE_FILE : SOURCE_LOG;

		if (read_page(s, source, i, s->page) == 0)
			take_page(s);
	}
	for (size_t i = 0; i < s->wal.n_frames && !stopped(s); i++) {
		const struct wal_frame *f = &s->wal.frames[i];

		if ((s->wal.damaged || f->page > s->pages) &&
		    wal_slot(&s->wal, f->slot, &number, s->page) == 0)
			take_page(s);
	}
}

static int open_input(struct salvage *s)
{
	char name[STORE_PATH_MAX];
	unsigned char head[STORE_FILE_HEAD];
	struct stat st;
	int r = store_file_name(s->from, "-wal", name);

	if (r < 0)
		return r;
	s->fd = open(s->from, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return -errno;
	/* From start to end: on a disk that turns, the only way that ends soon. */
	(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (bytes_read(s->fd, 0, head, sizeof(head)) == 0)
		s->page_size = store_file_page_size(head);
	r = wal_open(name, s->page_size, &s->wal);
	if (r == 0)
		s->page_size = s->wal.page_size;
	s->usable = s->page_size;
	if (r == 0)
		s->pages = (uint32_t)(st.st_size / (off_t)s->page_size);
	return r;
}

static int open_output(struct salvage *s)
{
	int r, rc;

	store_file_remove(s->to);
	r = store_file_create(s->to);
	if (r < 0)
		return r == -ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN;
	rc = conn_open(s->to, CONN_BUILD, &s->out);
	if (rc == SQLITE_OK)
		rc = schema_create(s->out->db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->out->db, "BEGIN", NULL, NULL, NULL);
	return rc;
}

static int finish(struct salvage *s)
{
	int rc = s->rc;

	if (rc == SQLITE_OK)
		rc = rescue_finish(s);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->out->db, "COMMIT", NULL, NULL, NULL);
	s->out = conn_close(s->out);
	return rc;
}

int salvage_run(struct salvage *s, int *ret_rc)
{
	int r;

	s->fd = s->wal.fd = -1;
	s->expected = s->expected_overrides = -1;
	s->page = malloc(65536);
	s->more = malloc(65536);
	s->row = malloc(PAGE_ROW_MAX);
	if (s->page == NULL || s->more == NULL || s->row == NULL)
		return -ENOMEM;
	r = open_input(s);
	if (r < 0)
		return r;
	s->rc = open_output(s);
	if (s->rc == SQLITE_OK)
		take_all(s);
	s->rc = finish(s);
	if (s->rc == SQLITE_OK && s->stop != NULL && atomic_load(s->stop))
		r = -ECANCELED;
	else if (s->rc == SQLITE_OK)
		r = store_file_sync(s->to);
	if (s->rc != SQLITE_OK) {
		*ret_rc = s->rc;
		r = -EIO;
	}
	if (r != 0)
		store_file_remove(s->to);
	return r;
}

void salvage_release(struct salvage *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	wal_release(&s->wal);
	free(TAKE(s->page));
	free(TAKE(s->row));
	free(TAKE(s->more));
}
