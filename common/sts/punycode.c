#include "config.h"

#include "common/sts/punycode.h"

#include <stdint.h>
#include <string.h>

#include "common/base/utf8.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 0x80 };
enum { VARIATION_16 = 0xfe0f, NO_CHARACTER = 0x110000 };

struct label {
	uint32_t chars[LIMIT_LABEL];
	size_t n;
	char text[LIMIT_LABEL + 1];
	size_t at;
	bool full;
};

static void put(struct label *l, char c)
{
	if (l->at < LIMIT_LABEL)
		l->text[l->at++] = c;
	else
		l->full = true;
}

static uint32_t lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Well formed as it is. */
static bool take_chars(struct span u, struct label *l)
{
	for (size_t i = 0; i < u.n;) {
		unsigned char lead = (unsigned char)u.p[i++];
		uint32_t c = lead < 0x80 ? lead
					 : lead & (lead < 0xe0	 ? 0x1f
						   : lead < 0xf0 ? 0xf
								 : 7);

		while (i < u.n && ((unsigned char)u.p[i] & 0xc0) == 0x80)
			c = c << 6 | ((unsigned char)u.p[i++] & 0x3f);
		if (c == VARIATION_16)
			continue;
		if (l->n == LIMIT_LABEL)
			return false;
		l->chars[l->n++] = lower(c);
	}
	return true;
}

/* RFC 3492 s6.1 */
static uint32_t adapt(uint32_t delta, size_t points, bool first)
{
	uint32_t k = 0;

	delta /= first ? DAMP : 2;
	delta += delta / (uint32_t)points;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void put_number(struct label *l, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

		if (q < t)
			break;
		put(l, digits[t + (q - t) % (BASE - t)]);
		q = (q - t) / (BASE - t);
	}
	put(l, digits[q]);
}

static uint32_t least_from(const struct label *l, uint32_t n)
{
	uint32_t least = NO_CHARACTER;

	for (size_t i = 0; i < l->n; i++)
		if (l->chars[i] >= n && l->chars[i] < least)
			least = l->chars[i];
	return least;
}

/* RFC 3492 s6.3. So few characters that no sum can overflow. */
static void encode(struct label *l)
{
	uint32_t n = FIRST, delta = 0, bias = BIAS;
	size_t basic = 0, done;

	for (size_t i = 0; i < l->n; i++)
		if (l->chars[i] < FIRST) {
			put(l, (char)l->chars[i]);
			basic++;
		}
	if (basic > 0)
		put(l, '-');
	for (done = basic; done < l->n; delta++, n++) {
		uint32_t next = least_from(l, n);

		delta += (next - n) * (uint32_t)(done + 1);
		n = next;
		for (size_t i = 0; i < l->n; i++) {
			delta += l->chars[i] < n;
			if (l->chars[i] != n)
				continue;
			put_number(l, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

bool punycode_label(struct span u, char out[LIMIT_LABEL + 1])
{
	struct label l = { .n = 0 };
	bool well = utf8_prefix(u) == u.n && take_chars(u, &l);

	out[0] = '\0';
	if (!well || least_from(&l, FIRST) == NO_CHARACTER)
		return false;
	for (const char *p = "xn--"; *p != '\0'; p++)
		put(&l, *p);
	encode(&l);
	if (l.full)
		return false;
	memcpy(out, l.text, l.at);
	out[l.at] = '\0';
	return true;
}
