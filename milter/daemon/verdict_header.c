#include "config.h"

#include "milter/daemon/verdict_header.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind white space and comments (RFC 5322 s3.2.2), which may nest. */
static const char *skip_cfws(const char *p)
{
	unsigned depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && depth > 0 && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !is_space(*p))
			break;
	}
	return p;
}

bool verdict_header_claims(const char *value, const char *authority)
{
	const char *p = skip_cfws(value);
	size_t n = strlen(authority);
	bool quoted = *p == '"';

	p += quoted;
	if (strncasecmp(p, authority, n) != 0)
		return false;
	p += n;
	if (*p == '.')
		p++;
	return *p == '\0' || *p == ';' || *p == '(' || is_space(*p) || (quoted && *p == '"');
}

const char *verdict_header_format(char *out, size_t size, const char *authority, const char *id,
				  const char *word)
{
	snprintf(out, size, "%s; id=%s; result=%s", authority, id, word);
	return out;
}
