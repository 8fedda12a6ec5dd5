#include "config.h"

#include "common/base/utf8.h"

/* RFC 3629 s4: the lead octets of one row have the same range for their second octet; later ones
 * are 80..BF. */
static const struct {
	unsigned char first, last, low, high, size;
} rows[] = {
	/* clang-format off */
	{ 0x00, 0x7f, 0x00, 0x00, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	/* clang-format on */
};

/* The octets of the character at the front; 0: none. */
static size_t one(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last)
			continue;
		if (n < rows[i].size)
			return 0;
		if (rows[i].size > 1 && (p[1] < rows[i].low || p[1] > rows[i].high))
			return 0;
		for (size_t k = 2; k < rows[i].size; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return rows[i].size;
	}
	return 0;
}

size_t utf8_prefix(struct span in)
{
	size_t at = 0, n;

	while (at < in.n && (n = one((const unsigned char *)in.p + at, in.n - at)) > 0)
		at += n;
	return at;
}

/* C0 but for HTAB, DEL, and C1, whose two octets begin with C2. */
static bool is_control(const unsigned char *p, size_t left)
{
	return (p[0] < 0x20 && p[0] != '\t') || p[0] == 0x7f ||
	       (p[0] == 0xc2 && left > 1 && p[1] < 0xa0);
}

bool utf8_is_text(struct span in, size_t *ret_at)
{
	size_t well = utf8_prefix(in);

	for (size_t i = 0; i < well; i++)
		if (is_control((const unsigned char *)in.p + i, in.n - i)) {
			*ret_at = i;
			return false;
		}
	if (well < in.n)
		*ret_at = well;
	return well == in.n;
}
