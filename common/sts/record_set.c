#include "config.h"

#include "common/sts/record_set.h"

#include <string.h>

#include "common/sts/rdata.h"

static const char strict[] = "v=STSv1;";

enum { STRICT_N = sizeof(strict) - 1, KEPT = 2 };

/* Is it one that counts, whatever else it says? Its strings need not be joined to tell, nor well-formed to the end. */
static bool is_strict(struct span rdata)
{
	size_t n = 0, left = 0;

	for (size_t i = 0; i < rdata.n && n < STRICT_N; i++) {
		if (left == 0) {
			left = (unsigned char)rdata.p[i];
			continue;
		}
		if (rdata.p[i] != strict[n])
			return false;
		n++;
		left--;
	}
	return n == STRICT_N;
}

/* What cannot be read is there all the same. */
static bool join(struct span rdata, struct arena *arena, struct span *ret)
{
	if (rdata_txt(rdata, arena, ret))
		return true;
	if (arena_alloc(arena, LIMIT_TXT + 1) == NULL)
		return false;
	*ret = span_of(is_strict(rdata) ? strict : "");
	return true;
}

bool record_set_select(const struct span *rdata, size_t n, struct arena *arena,
		       struct sts_record *ret)
{
	struct span records[KEPT + 1];
	size_t kept = 0;

	/* Alone, one is read more generously. */
	for (size_t i = 0; i < n && kept < KEPT; i++)
		if ((n == 1 || is_strict(rdata[i])) && !join(rdata[i], arena, &records[kept++]))
			return false;
	if (n > kept)
		records[kept++] = span_of("");
	record_select(records, kept, ret);
	return true;
}
