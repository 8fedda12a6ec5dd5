#include "config.h"

#include "common/sts/setting_word.h"

#include "common/base/limits.h"
#include "common/base/num.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 32, MAILER_MAX_BYTES = 64, TEXT_MAX_NAME = 253 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool word_is_name(struct span word)
{
	if (word.n == 0 || word.n > NAME_MAX_BYTES || word.p[0] == '-')
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!is_alnum(word.p[i]) && memchr("-_.", word.p[i], 3) == NULL)
			return false;
	return true;
}

/* Dot-separated labels of 1..63 octets. */
static bool has_labels(struct span word)
{
	size_t label = 0;

	if (word.n == 0 || word.n > TEXT_MAX_NAME)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!is_alnum(c) && c != '-' && c != '_')
			return false;
		if (++label > LIMIT_LABEL)
			return false;
	}
	return label > 0;
}

bool word_is_host(struct span word)
{
	return has_labels(word);
}

bool word_is_path(struct span word, size_t max)
{
	return word.n > 1 && word.n <= max && word.p[0] == '/' && word.p[word.n - 1] != '/';
}

static bool is_port(struct span word)
{
	uint64_t port;

	return num_u64(word, 65535, &port) && port > 0;
}

static struct span after(struct span word, size_t n)
{
	return span_make(word.p + n, word.n - n);
}

bool word_is_socket(struct span word, size_t max)
{
	struct netaddr addr;
	struct span port;

	if (span_starts(word, "unix:"))
		return word_is_path(after(word, strlen("unix:")), max);
	if (!span_starts(word, "inet:"))
		return false;
	word = after(word, strlen("inet:"));
	return span_until(&word, '@', word.n, &port) && is_port(port) && netaddr_parse(word, &addr);
}

/* Numbers between dots. */
bool word_is_version(struct span word)
{
	if (word.n == 0 || word.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		bool digit = word.p[i] >= '0' && word.p[i] <= '9';
		bool before = i > 0 && word.p[i - 1] != '.';

		if (!digit && (word.p[i] != '.' || !before || i + 1 == word.n))
			return false;
	}
	return true;
}

bool word_is_address(struct span word, enum addr_family family)
{
	struct netaddr addr;

	return netaddr_parse(word, &addr) && addr.family == family;
}

bool word_is_mailer(struct span word)
{
	struct span name = word;

	if (span_until(&word, '@', word.n, &name) && !span_caseeq(word, "postfix") &&
	    !span_caseeq(word, "sendmail"))
		return false;
	if (name.n == 0 || name.n > MAILER_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_alnum(name.p[i]) && memchr("-_.*+", name.p[i], 5) == NULL)
			return false;
	return true;
}

bool word_domain(struct span word, char out[DOMAIN_SIZE + 1])
{
	char name[DOMAIN_SIZE];
	bool below = span_starts(word, ".");

	if (below)
		word = after(word, 1);
	if (domain_normalize(word, name) != DOMAIN_OK)
		return false;
	snprintf(out, DOMAIN_SIZE + 1, "%s%s", below ? "." : "", name);
	return true;
}

bool word_is_resolver(struct span word)
{
	struct netaddr addr;
	struct span host = word;

	if (span_until(&word, '@', word.n, &host) && !is_port(word))
		return false;
	return netaddr_parse(host, &addr);
}

bool word_is_stub(struct span word)
{
	struct span zone;

	if (!span_until(&word, '@', word.n, &zone))
		return false;
	if (zone.n > 1 && zone.p[zone.n - 1] == '.')
		zone.n--;
	return (span_eq(zone, ".") || has_labels(zone)) && word_is_resolver(word);
}
