#include "tests/fuzz/fuzz.h"

#include "common/sts/netstring.h"

enum { MAX = 1000 };

/* Taken one octet at a time, a string is the same as taken at once; and its head comes back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_make(data, size), content, again;
	size_t used, n = 0;
	enum netstring whole = netstring_take(all, MAX, &content, &used), part = NETSTRING_PART;
	char head[NETSTRING_HEAD];
	const char *begin;

	while (part == NETSTRING_PART && n < size)
		part = netstring_take(span_make(data, ++n), MAX, &again, &used);
	MUST(part == whole || (size == 0 && whole == NETSTRING_PART));
	if (whole != NETSTRING_WHOLE)
		return 0;
	MUST(n == used && again.p == content.p && again.n == content.n && content.n <= MAX);
	begin = netstring_head(head + sizeof(head), content.n);
	MUST(memcmp(begin, data, (size_t)(head + sizeof(head) - begin)) == 0);
	return 0;
}
