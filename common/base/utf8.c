#include "config.h"

#include "common/base/utf8.h"

#include <stdint.h>

/* Bytes of the sequence that begins with c, 0 when none does. */
static size_t sequence(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if ((c & 0xf0) == 0xe0)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* The code point of the n bytes at p, or UINT32_MAX. */
static uint32_t decode(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return UINT32_MAX;
	return c;
}

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t') || (c >= 0x7f && c <= 0x9f);
}

bool utf8_is_text(struct span text, size_t *ret_at)
{
	const unsigned char *p = (const unsigned char *)text.p;

	for (size_t i = 0; i < text.n;) {
		size_t n = sequence(p[i]);
		uint32_t c = n > 0 && n <= text.n - i ? decode(p + i, n) : UINT32_MAX;

		if (c == UINT32_MAX || is_control(c)) {
			*ret_at = i;
			return false;
		}
		i += n;
	}
	return true;
}
