#include "config.h"

#include "common/sts/field.h"

#include <string.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool field_name_valid(struct span name)
{
	if (name.n == 0 || name.n > FIELD_NAME_LONGEST || !is_alnum(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!is_alnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '-' &&
		    name.p[i] != '.')
			return false;
	return true;
}

/* Lower case, letters and digits alone: "Max-Age" and "max_age" become "maxage". */
static struct span fold(struct span name, char out[FIELD_NAME_LONGEST])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < FIELD_NAME_LONGEST; i++) {
		char c = name.p[i];

		if (is_alnum(c))
			out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return span_make(out, n);
}

static struct span without(struct span a, size_t n)
{
	return span_make(a.p + n, a.n - n);
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* One letter too many, missing, wrong, or two in the wrong order. */
static bool one_slip(struct span a, struct span b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	a = without(a, i);
	b = without(b, i);
	if (a.n > 0 && same(without(a, 1), b))
		return true;
	if (b.n > 0 && same(a, without(b, 1)))
		return true;
	if (a.n > 0 && b.n > 0 && same(without(a, 1), without(b, 1)))
		return true;
	return a.n > 1 && b.n > 1 && a.p[0] == b.p[1] && a.p[1] == b.p[0] &&
	       same(without(a, 2), without(b, 2));
}

const char *field_meant(struct span name, const char *const *known, size_t n)
{
	char a[FIELD_NAME_LONGEST], b[FIELD_NAME_LONGEST];
	struct span folded = fold(name, a);

	for (size_t i = 0; i < n; i++) {
		struct span want = fold(span_of(known[i]), b);

		/* Every two-letter word is one slip away from another. */
		if (same(folded, want) || (want.n >= 4 && one_slip(folded, want)))
			return known[i];
	}
	return NULL;
}
