#include "tests/fuzz/fuzz.h"

#include "common/store/store_page.h"

enum { PAGE = 4096 };

static void check_record(struct span row)
{
	struct record r;

	if (!record_parse(row, &r))
		return;
	MUST(r.n > 0 && r.n <= PAGE_VALUES);
	for (size_t i = 0; i < r.n; i++) {
		const struct value *v = &r.values[i];

		if (v->kind != VALUE_BYTES || v->bytes.n == 0)
			continue;
		MUST(v->bytes.p >= row.p && v->bytes.n <= row.n);
		MUST((size_t)(v->bytes.p - row.p) <= row.n - v->bytes.n);
	}
}

/* The input is a page, filled up with zeros; what is longer is a row. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char bytes[PAGE] = { 0 };
	struct page page;
	struct cell cell;

	if (size > PAGE)
		check_record(span_make(data + PAGE, size - PAGE));
	check_record(span_make(data, size));
	if (size > 0)
		memcpy(bytes, data, size < PAGE ? size : PAGE);
	if (!page_parse(bytes, PAGE, &page))
		return 0;
	MUST(page.cells <= PAGE / 2);
	for (size_t i = 0; i < page.cells; i++) {
		const unsigned char *p;

		if (!page_cell(&page, i, &cell))
			continue;
		p = (const unsigned char *)cell.local.p;
		MUST(cell.size > 0 && cell.size <= PAGE_ROW_MAX);
		MUST(cell.local.n <= cell.size &&
		     (cell.local.n == cell.size) == (cell.overflow == 0));
		MUST(p >= bytes && p + cell.local.n <= bytes + PAGE);
		check_record(cell.local);
	}
	return 0;
}
