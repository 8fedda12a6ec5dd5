#include "tests/fuzz/fuzz.h"

#include "common/sts/record_set.h"

enum { MOST = 2000 };

/* The input as the RDATA of an RRset: two octets of length before each, as on the wire. */
static size_t split(const uint8_t *data, size_t size, struct span *rdata)
{
	size_t n = 0;

	while (size >= 2 && n < MOST) {
		size_t length = (size_t)data[0] << 8 | data[1];

		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		rdata[n++] = span_make(data, length);
		data += length;
		size -= length;
	}
	return n;
}

/* Does it begin as ours do, read octet by octet? */
static bool counts(struct span rdata)
{
	char text[9] = "";
	size_t n = 0, i = 0;

	while (i < rdata.n && n < 8) {
		size_t length = (unsigned char)rdata.p[i++];

		while (length-- > 0 && i < rdata.n && n < 8)
			text[n++] = rdata.p[i++];
	}
	return strcmp(text, "v=STSv1;") == 0;
}

static void reverse(struct span *rdata, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct span other = rdata[n - 1 - i];

		rdata[n - 1 - i] = rdata[i];
		rdata[i] = other;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct span rdata[MOST];
	struct sts_record got = { .verdict = RECORD_INVALID }, again;
	size_t n = split(data, size, rdata), ours = 0;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	MUST(record_set_select(rdata, n, &arena, &got));
	for (size_t i = 0; i < n; i++)
		ours += counts(rdata[i]);
	MUST((got.verdict == RECORD_MULTIPLE) == (ours > 1));
	MUST(ours != 0 || n == 1 || got.verdict == RECORD_NONE);
	MUST(ours != 1 || got.verdict == RECORD_OK || got.verdict == RECORD_INVALID);
	MUST((got.verdict == RECORD_OK) == (got.id[0] != '\0'));
	MUST(strspn(got.id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
	     strlen(got.id));
	/* Nobody promises an order. */
	reverse(rdata, n);
	MUST(record_set_select(rdata, n, &arena, &again));
	MUST(got.verdict == again.verdict && strcmp(got.id, again.id) == 0);
	arena_release(&arena);
	/* Without memory there is no answer rather than a wrong one. */
	arena_init(&arena, 1);
	MUST(!record_set_select(rdata, n, &arena, &again) || again.verdict == got.verdict);
	arena_release(&arena);
	return 0;
}
