#include "config.h"

#include "common/sts/rdata.h"

#include <string.h>

enum { NAME_WIRE = 255 }; /* RFC 1035 s2.3.4 */

bool rdata_txt(struct span rdata, struct arena *arena, struct span *ret_text)
{
	size_t total = 0, used = 0;
	char *text;

	for (size_t i = 0; i < rdata.n; i += 1 + (unsigned char)rdata.p[i]) {
		size_t n = (unsigned char)rdata.p[i];

		if (n > rdata.n - i - 1)
			return false;
		total += n;
	}
	if (rdata.n == 0 || total > LIMIT_TXT)
		return false;
	text = arena_alloc(arena, total + 1);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < rdata.n; i += 1 + (unsigned char)rdata.p[i]) {
		size_t n = (unsigned char)rdata.p[i];

		memcpy(text + used, rdata.p + i + 1, n);
		used += n;
	}
	*ret_text = span_make(text, total);
	return true;
}

/* The lower-case form of a byte that may stand in a name we would connect to; 0 for any other. */
static char host_char(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
		return c;
	return '\0';
}

static bool host_label(struct span label, char *out)
{
	for (size_t i = 0; i < label.n; i++) {
		out[i] = host_char(label.p[i]);
		if (out[i] == '\0')
			return false;
	}
	return true;
}

/* One uncompressed name that fills the span, into text without the final dot. */
static bool wire_name(struct span in, char out[DOMAIN_SIZE])
{
	size_t at = 0, used = 0;

	if (in.n == 0 || in.n > NAME_WIRE)
		return false;
	while (at < in.n && in.p[at] != 0) {
		size_t n = (unsigned char)in.p[at];

		if (n > LIMIT_LABEL || n >= in.n - at)
			return false;
		if (used > 0)
			out[used++] = '.';
		if (!host_label(span_make(in.p + at + 1, n), out + used))
			return false;
		used += n;
		at += n + 1;
	}
	out[used] = '\0';
	return at + 1 == in.n;
}

bool rdata_mx(struct span rdata, uint16_t *ret_preference, char ret_exchange[DOMAIN_SIZE])
{
	char name[DOMAIN_SIZE];

	if (rdata.n < 3 || !wire_name(span_make(rdata.p + 2, rdata.n - 2), name))
		return false;
	if (name[0] != '\0' && !domain_is_normal(name)) /* an address written as a name */
		return false;
	*ret_preference = (uint16_t)((unsigned char)rdata.p[0] << 8 | (unsigned char)rdata.p[1]);
	memcpy(ret_exchange, name, strlen(name) + 1);
	return true;
}

bool rdata_address(struct span rdata, enum addr_family family, struct netaddr *ret)
{
	if (rdata.n != (family == ADDR_V4 ? 4 : 16))
		return false;
	*ret = netaddr_make(family, rdata.p);
	return true;
}
