#include "config.h"

#include "common/sts/tls_required.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Folding white space in front is the grammar's; behind, it is what MTAs leave of it. */
static struct span without_fws(struct span a)
{
	while (a.n > 0 && is_space(a.p[0]))
		a = span_make(a.p + 1, a.n - 1);
	while (a.n > 0 && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

enum tls_required tls_required_add(enum tls_required before, struct span value)
{
	if (before != TLS_REQUIRED_UNSAID || !span_caseeq(without_fws(value), "No"))
		return TLS_REQUIRED_MALFORMED;
	return TLS_REQUIRED_NO;
}

enum tls_required tls_required_conclude(enum tls_required said, bool requiretls)
{
	return requiretls && said != TLS_REQUIRED_UNSAID ? TLS_REQUIRED_IGNORED : said;
}

const char *tls_required_name(enum tls_required t)
{
	static const char *const names[] = {
		[TLS_REQUIRED_UNSAID] = "",
		[TLS_REQUIRED_NO] = "no",
		[TLS_REQUIRED_MALFORMED] = "malformed",
		[TLS_REQUIRED_IGNORED] = "ignored",
	};

	return names[t];
}

bool tls_required_is_requiretls(struct span parameter)
{
	return span_caseeq(parameter, "REQUIRETLS");
}
