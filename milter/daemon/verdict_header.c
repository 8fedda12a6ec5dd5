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

/* Does the word at p, a token or a quoted string with its quoted pairs, spell name? *ret_end is behind it. */
static bool spells(const char *p, const char *name, const char **ret_end)
{
	bool quoted = *p == '"';

	for (p += quoted; *name != '\0'; p++, name++) {
		p += quoted && *p == '\\';
		if (*p == '\0' || strncasecmp(p, name, 1) != 0)
			return false;
	}
	p += *p == '.';
	*ret_end = p + (quoted && *p == '"');
	return true;
}

bool verdict_header_claims(const char *value, const char *authority)
{
	const char *end;

	if (!spells(skip_cfws(value), authority, &end))
		return false;
	return *end == '\0' || *end == ';' || *end == '(' || is_space(*end);
}

const char *verdict_header_format(char *out, size_t size, const char *authority, const char *id,
				  const char *word)
{
	snprintf(out, size, "%s; id=%s; result=%s", authority, id, word);
	return out;
}
