#include "config.h"

#include "common/store/store_page.h"

#include "common/store/store_bytes.h"

enum { INDEX_INNER = 0x02, INDEX_LEAF = 0x0a, LEAF_HEADER = 8, INNER_HEADER = 12 };

bool page_parse(const unsigned char *p, size_t usable, struct page *ret)
{
	struct page page = { .p = p, .usable = usable };

	if (usable < 480 || (p[0] != INDEX_INNER && p[0] != INDEX_LEAF))
		return false;
	page.leaf = p[0] == INDEX_LEAF;
	page.array = page.leaf ? LEAF_HEADER : INNER_HEADER;
	page.cells = bytes_u16(p + 3);
	/* More pointers than fit: those that do are still worth a look. */
	if (page.cells > (usable - page.array) / 2)
		page.cells = (usable - page.array) / 2;
	*ret = page;
	return true;
}

/* Big-endian, seven bits a byte, nine bytes at most. Takes it off *in. */
static bool take_varint(struct span *in, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 9 && i < in->n; i++) {
		unsigned char c = (unsigned char)in->p[i];

		v = i == 8 ? v << 8 | c : v << 7 | (c & 0x7f);
		if (i == 8 || c < 0x80) {
			*in = span_make(in->p + i + 1, in->n - i - 1);
			*ret = v;
			return true;
		}
	}
	return false;
}

/* How much of an index row stands in its cell. */
static size_t local_size(size_t usable, size_t size)
{
	size_t most = (usable - 12) * 64 / 255 - 23, least = (usable - 12) * 32 / 255 - 23;
	size_t k;

	if (size <= most)
		return size;
	k = least + (size - least) % (usable - 4);
	return k <= most ? k : least;
}

bool page_cell(const struct page *page, size_t i, struct cell *ret)
{
	size_t at = bytes_u16(page->p + page->array + 2 * i), local;
	struct cell cell = { .overflow = 0 };
	struct span in;
	uint64_t size;

	if (at < page->array || at >= page->usable)
		return false;
	in = span_make(page->p + at, page->usable - at);
	if (!page->leaf) {
		if (in.n < 4)
			return false;
		in = span_make(in.p + 4, in.n - 4);
	}
	if (!take_varint(&in, &size) || size == 0 || size > PAGE_ROW_MAX)
		return false;
	cell.size = (size_t)size;
	local = local_size(page->usable, cell.size);
	if (local > in.n || (local < cell.size && in.n - local < 4))
		return false;
	cell.local = span_make(in.p, local);
	if (local < cell.size)
		cell.overflow = bytes_u32((const unsigned char *)in.p + local);
	if (local < cell.size && cell.overflow == 0)
		return false;
	*ret = cell;
	return true;
}

static int64_t integer_of(struct span in)
{
	uint64_t v = in.n > 0 && (in.p[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (size_t i = 0; i < in.n; i++)
		v = v << 8 | (unsigned char)in.p[i];
	return (int64_t)v;
}

static uint64_t content_size(uint64_t type)
{
	static const unsigned char sizes[12] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

	return type < 12 ? sizes[type] : (type - 12) / 2;
}

static bool take_value(uint64_t type, struct span *body, struct value *ret)
{
	uint64_t size = content_size(type);
	size_t n = (size_t)size;
	struct span content = span_make(body->p, n);

	if (size > body->n || type == 10 || type == 11)
		return false;
	*ret = (struct value){ .kind = VALUE_INTEGER };
	if (type == 0)
		ret->kind = VALUE_NULL;
	else if (type == 7)
		ret->kind = VALUE_REAL;
	else if (type == 8 || type == 9)
		ret->integer = type == 9;
	else if (type < 7)
		ret->integer = integer_of(content);
	else
		*ret = (struct value){ .kind = VALUE_BYTES, .bytes = content };
	*body = span_make(body->p + n, body->n - n);
	return true;
}

bool record_parse(struct span row, struct record *ret)
{
	struct record r = { .n = 0 };
	struct span head = row, body;
	uint64_t size, type;

	if (!take_varint(&head, &size) || size > row.n || size < row.n - head.n)
		return false;
	body = span_make(row.p + size, row.n - (size_t)size);
	head.n = (size_t)size - (row.n - head.n);
	while (head.n > 0) {
		if (r.n == PAGE_VALUES || !take_varint(&head, &type) ||
		    !take_value(type, &body, &r.values[r.n]))
			return false;
		r.n++;
	}
	if (r.n == 0)
		return false;
	*ret = r;
	return true;
}
