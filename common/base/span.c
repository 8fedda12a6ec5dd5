#include "config.h"

#include "common/base/span.h"

#include <string.h>
#include <strings.h>

struct span span_of(const char *text)
{
	return (struct span){ text, text != NULL ? strlen(text) : 0 };
}

struct span span_make(const void *p, size_t n)
{
	return (struct span){ p, n };
}

bool span_eq(struct span a, const char *text)
{
	size_t n = strlen(text);

	return a.n == n && (n == 0 || memcmp(a.p, text, n) == 0);
}

bool span_caseeq(struct span a, const char *text)
{
	size_t n = strlen(text);

	return a.n == n && (n == 0 || strncasecmp(a.p, text, n) == 0);
}

bool span_starts(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

static void span_skip(struct span *a, size_t n)
{
	a->p += n;
	a->n -= n;
}

bool span_line(struct span *in, struct span *ret_line)
{
	const char *lf;
	size_t n;

	if (in->n == 0)
		return false;
	lf = memchr(in->p, '\n', in->n);
	n = lf != NULL ? (size_t)(lf - in->p) : in->n;
	*ret_line = span_make(in->p, n);
	span_skip(in, lf != NULL ? n + 1 : n);
	if (lf != NULL && n > 0 && ret_line->p[n - 1] == '\r')
		ret_line->n--;
	return true;
}

bool span_until(struct span *in, char delim, size_t max, struct span *ret_token)
{
	const char *at = in->n > 0 ? memchr(in->p, delim, in->n) : NULL;
	size_t n;

	if (at == NULL)
		return false;
	n = (size_t)(at - in->p);
	if (n > max)
		return false;
	*ret_token = span_make(in->p, n);
	span_skip(in, n + 1);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
	return is_blank(c) || c == ',';
}

bool span_word(struct span *in, struct span *ret_word)
{
	size_t n = 0;

	while (in->n > 0 && is_separator(in->p[0]))
		span_skip(in, 1);
	if (in->n == 0)
		return false;
	while (n < in->n && !is_separator(in->p[n]))
		n++;
	*ret_word = span_make(in->p, n);
	span_skip(in, n);
	return true;
}

struct span span_trim(struct span a)
{
	while (a.n > 0 && is_blank(a.p[0]))
		span_skip(&a, 1);
	while (a.n > 0 && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

bool span_copy(struct span a, char *out, size_t size)
{
	if (a.n >= size || (a.n > 0 && memchr(a.p, '\0', a.n) != NULL)) {
		if (size > 0)
			out[0] = '\0';
		return false;
	}
	if (a.n > 0)
		memcpy(out, a.p, a.n);
	out[a.n] = '\0';
	return true;
}
