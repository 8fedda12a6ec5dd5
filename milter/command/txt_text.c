#include "config.h"

#include "milter/command/txt_text.h"

#include "common/base/num.h"

#include <errno.h>

struct cursor {
	struct span in;
	struct buf *out;
	int error;
};

static char next(struct cursor *c)
{
	char octet = c->in.p[0];

	c->in = span_make(c->in.p + 1, c->in.n - 1);
	return octet;
}

static void put(struct cursor *c, char octet)
{
	int r = buf_addc(c->out, octet);

	if (r < 0)
		c->error = r;
}

/* Behind the backslash: three digits, or the octet itself. */
static bool escaped(struct cursor *c)
{
	uint64_t octet;

	if (c->in.n == 0)
		return false;
	if (c->in.p[0] < '0' || c->in.p[0] > '9') {
		put(c, next(c));
		return true;
	}
	if (c->in.n < 3 || !num_u64(span_make(c->in.p, 3), 255, &octet))
		return false;
	c->in = span_make(c->in.p + 3, c->in.n - 3);
	put(c, (char)octet);
	return true;
}

/* Behind the opening quote, up to the closing one. */
static bool quoted(struct cursor *c)
{
	while (c->in.n > 0) {
		char octet = next(c);

		if (octet == '"')
			return true;
		if (octet != '\\')
			put(c, octet);
		else if (!escaped(c))
			return false;
	}
	return false;
}

static bool strings(struct cursor *c)
{
	c->in = span_trim(c->in);
	if (c->in.n == 0)
		return false;
	while (c->in.n > 0) {
		if (next(c) != '"' || !quoted(c))
			return false;
		c->in = span_trim(c->in);
	}
	return true;
}

int txt_text(const char *text, struct buf *ret)
{
	struct cursor c = { .in = span_of(text), .out = ret };

	if (!strings(&c)) {
		buf_clear(ret);
		c.error = buf_adds(ret, text);
	}
	return c.error;
}
