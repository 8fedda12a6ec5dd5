#include "config.h"

#include "common/base/text.h"

#include <string.h>

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t escape_byte(unsigned char c, char out[4])
{
	static const char hex[] = "0123456789abcdef";

	if (is_plain(c)) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	return 4;
}

const char *text_printable(struct span in, char *out, size_t size)
{
	size_t used = 0, cut = 0; /* cut: the last place where "..." would still fit */

	if (size == 0)
		return out;
	for (size_t i = 0; i < in.n; i++) {
		char one[4];
		size_t n = escape_byte((unsigned char)in.p[i], one);

		if (used + n >= size) {
			used = cut;
			if (cut + 3 < size) {
				memcpy(out + used, "...", 3);
				used += 3;
			}
			break;
		}
		memcpy(out + used, one, n);
		used += n;
		if (used + 3 < size)
			cut = used;
	}
	out[used] = '\0';
	return out;
}

int text_escape(struct buf *out, struct span in, size_t max_out)
{
	char piece[1024];
	size_t size = max_out + 1 < sizeof(piece) ? max_out + 1 : sizeof(piece);

	return buf_adds(out, text_printable(in, piece, size));
}
