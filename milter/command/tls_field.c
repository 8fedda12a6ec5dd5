#include "config.h"

#include "milter/command/tls_field.h"

#include <string.h>

static void drop(struct span *text, size_t n)
{
	*text = span_make(text->p + n, text->n - n);
}

bool take_word(struct span *text, const char *word)
{
	if (!span_starts(*text, word))
		return false;
	drop(text, strlen(word));
	return true;
}

int take_one(struct span *text, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (take_word(text, words[i]))
			return i;
	return -1;
}

static bool is_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_any(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool take_value(struct span *text, const char *others, const char *end, struct span *ret)
{
	struct span rest = *text;
	size_t n = 0;

	while (n < rest.n && (is_letter(rest.p[n]) || is_any(rest.p[n], others)))
		n++;
	drop(&rest, n);
	if (n == 0 || !take_word(&rest, end))
		return false;
	*ret = span_make(text->p, n);
	*text = rest;
	return true;
}

bool take_id(struct span *text, const char *others, size_t least, const char *end,
	     char ret[TLS_LINE_ID])
{
	struct span rest = *text, id;

	if (!take_value(&rest, others, end, &id) || id.n < least || id.n >= TLS_LINE_ID)
		return false;
	memcpy(ret, id.p, id.n);
	ret[id.n] = '\0';
	*text = rest;
	return true;
}

static size_t quoted_length(struct span text)
{
	for (size_t i = 1; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Dot-atoms and quoted strings with dots between them, as MTAs write local parts; "" is a local part too. */
static size_t local_length(struct span text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != '@') {
		size_t more = 1;

		if (text.p[n] == '"')
			more = n == 0 || text.p[n - 1] == '.'
				       ? quoted_length(span_make(text.p + n, text.n - n))
				       : 0;
		else if ((unsigned char)text.p[n] <= ' ' || text.p[n] == 0x7f ||
			 is_any(text.p[n], "<>(),;:\\[]"))
			more = 0;
		if (more == 0)
			return 0;
		n += more;
	}
	return n < text.n ? n : 0;
}

/* What names and literals are made of, U-labels included. */
static size_t domain_length(struct span text)
{
	size_t n = 0;
	bool literal = text.n > 0 && text.p[0] == '[';

	while (n < text.n &&
	       (is_letter(text.p[n]) || is_any(text.p[n], "-_.") ||
		(unsigned char)text.p[n] >= 0x80 || (literal && is_any(text.p[n], "[:]"))))
		n++;
	return n;
}

bool take_address(struct span *text, char ret_domain[DOMAIN_SIZE])
{
	size_t local = local_length(*text);
	struct span domain;

	if (local == 0)
		return false;
	domain = span_make(text->p + local + 1, text->n - local - 1);
	domain.n = domain_length(domain);
	if (domain.n == 0)
		return false;
	if (domain_normalize(domain, ret_domain) != DOMAIN_OK)
		ret_domain[0] = '\0';
	drop(text, local + 1 + domain.n);
	return true;
}

static bool set_name(struct span name, char ret[DOMAIN_SIZE])
{
	struct netaddr address;

	ret[0] = '\0';
	return netaddr_parse(name, &address) || domain_normalize(name, ret) == DOMAIN_OK;
}

bool take_name(struct span *text, const char *end, char ret[DOMAIN_SIZE])
{
	struct span rest = *text, name;

	if (!take_value(&rest, "-_.", end, &name) || !set_name(name, ret))
		return false;
	*text = rest;
	return true;
}

bool take_host(struct span *text, const char *gap, struct tls_line *ret)
{
	struct span rest = *text, name, address;
	struct netaddr parsed;
	char mx[DOMAIN_SIZE];

	if (!take_value(&rest, "-_.:", gap, &name) || !set_name(name, mx) ||
	    !take_value(&rest, ".:", "]", &address) || !netaddr_parse(address, &parsed))
		return false;
	memcpy(ret->mx, mx, sizeof(mx));
	netaddr_format(&parsed, ret->address);
	*text = rest;
	return true;
}

/* The daemon escapes what it keeps; twice would be hard to read. */
void set_detail(struct tls_line *line, struct span text)
{
	size_t n = text.n < sizeof(line->detail) - 1 ? text.n : sizeof(line->detail) - 1;

	for (size_t i = 0; i < n; i++) {
		char c = text.p[i];

		line->detail[i] = c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '?';
	}
	line->detail[n] = '\0';
}
