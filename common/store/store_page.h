/* store_page.h - rows found on the pages of a damaged database
 *
 * PURPOSE A salvage that asks SQLite loses whatever hangs below one bad inner page, and everything
 *         when the first page or the root is bad. All our tables are WITHOUT ROWID, so every row
 *         stands whole in a cell of an index page, whichever page that is: reading them takes a
 *         cell and a record parser, and the seal of the row says whether it is true.
 * THREADS Pure. Total over hostile bytes. FORMAT sqlite.org/fileformat2.html sections 1.6 and 2.1
 */
#ifndef COMMON_STORE_STORE_PAGE_H
#define COMMON_STORE_STORE_PAGE_H

#include <stdint.h>

#include "common/base/span.h"

enum { PAGE_VALUES = 16, PAGE_ROW_MAX = 66 * 1024 };

struct page {
	const unsigned char *p;
	size_t usable; /* page size less the reserved bytes */
	size_t cells;
	size_t array; /* where the cell pointers begin */
	bool leaf;
};

/* False: not an index page. */
bool page_parse(const unsigned char *p, size_t usable, struct page *ret);

struct cell {
	size_t size; /* of the whole row, at most PAGE_ROW_MAX */
	struct span local;
	uint32_t overflow; /* page with the rest; 0: none */
};

bool page_cell(const struct page *page, size_t i, struct cell *ret);

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_BYTES };

struct value {
	enum value_kind kind;
	int64_t integer;
	struct span bytes;
};

struct record {
	size_t n;
	struct value values[PAGE_VALUES];
};

bool record_parse(struct span row, struct record *ret);

#endif
