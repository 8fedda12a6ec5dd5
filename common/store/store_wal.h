/* store_wal.h - a write-ahead log read without SQLite
 *
 * PURPOSE   Two questions that SQLite cannot answer without changing files: which pages has the
 *           log, and is it sound. SQLite drops what follows a damaged frame without a word; we want
 *           those rows back.
 * OWNERSHIP wal_release() closes the file. No connection of this process may be open on it when
 *           that happens.
 * THREADS   One at a time.
 * LIMITS    WAL_FRAMES_MAX frames are looked at; later ones are ignored.
 * ERRORS    0 or -errno. No log, or an empty one, is a sound log without frames. FORMAT
 *           sqlite.org/fileformat2.html section 4
 */
#ifndef COMMON_STORE_STORE_WAL_H
#define COMMON_STORE_STORE_WAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAL_FRAMES_MAX = 1 << 20 };

struct wal_frame {
	uint32_t page;
	uint32_t slot; /* place in the file */
};

struct wal {
	int fd;
	size_t page_size;
	bool damaged;		  /* bad header, or committed frames behind a bad one */
	size_t n;		  /* frames in the file, good or bad */
	size_t n_valid;		  /* up to the last commit that SQLite will see */
	struct wal_frame *frames; /* by page, then slot; of a sound log only the valid ones */
	size_t n_frames;
};

/* db_page_size: what the database says, 0 when it says nothing that makes sense. */
int wal_open(const char *wal_path, size_t db_page_size, struct wal *ret);
void wal_release(struct wal *w);

/* The newest image of a page: 0, 1 when the log has none, -errno. out holds page_size bytes. */
int wal_page(const struct wal *w, uint32_t page, unsigned char *out);

/* Frame number i of the file, whatever it is. */
int wal_slot(const struct wal *w, size_t slot, uint32_t *ret_page, unsigned char *out);

#endif
