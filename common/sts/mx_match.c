#include "config.h"

#include "common/sts/mx_match.h"

#include "common/base/limits.h"

#include <string.h>
#include <strings.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5321 s4.1.2: sub-domain = Let-dig [Ldh-str]. MX host names in the DNS may hold underscores
 * too. */
static bool label_valid(const char *p, size_t n, bool underscores)
{
	if (n == 0 || n > LIMIT_LABEL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(p[i]) && p[i] != '-' && !(underscores && p[i] == '_'))
			return false;
	return underscores || (is_alnum(p[0]) && is_alnum(p[n - 1]));
}

static bool name_valid(const char *p, size_t n, bool underscores)
{
	size_t start = 0;

	if (n == 0 || n > LIMIT_DOMAIN - 2)
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && p[i] != '.')
			continue;
		if (!label_valid(p + start, i - start, underscores))
			return false;
		start = i + 1;
	}
	return true;
}

static bool is_wildcard(const char *pattern)
{
	return pattern[0] == '*' && pattern[1] == '.';
}

bool mx_pattern_valid(const char *pattern)
{
	size_t n = strnlen(pattern, LIMIT_DOMAIN);

	if (is_wildcard(pattern))
		return n <= LIMIT_DOMAIN - 2 && name_valid(pattern + 2, n - 2, false);
	return name_valid(pattern, n, false);
}

bool mx_match(const char *host, const char *pattern)
{
	size_t n = strnlen(host, LIMIT_DOMAIN);
	const char *rest;

	if (n > 0 && host[n - 1] == '.')
		n--;
	if (!name_valid(host, n, true) || !mx_pattern_valid(pattern))
		return false;
	if (!is_wildcard(pattern))
		return strlen(pattern) == n && strncasecmp(host, pattern, n) == 0;
	/* "*" is one label: compare from the first dot on. */
	rest = memchr(host, '.', n);
	if (rest == NULL)
		return false;
	n -= (size_t)(rest - host);
	return strlen(pattern + 1) == n && strncasecmp(rest, pattern + 1, n) == 0;
}

int mx_match_any(const char *host, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mx_match(host, patterns[i]))
			return (int)i;
	return -1;
}
