#include "config.h"

#include "common/sts/tls_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers between dots; what is not there is 0. */
static void parse_version(const char *version, unsigned long ret[3])
{
	for (size_t i = 0; i < 3; i++) {
		char *end;

		ret[i] = strtoul(version, &end, 10);
		version = *end == '.' ? end + 1 : end;
	}
}

enum tls_policy_postfix tls_policy_postfix(const char *version)
{
	unsigned long v[3];

	parse_version(version, v);
	if (v[0] > 3 || (v[0] == 3 && v[1] > 10))
		return POSTFIX_PATTERNS;
	if (v[0] < 3 || v[1] < 10)
		return POSTFIX_PLAIN;
	return v[2] >= 5 ? POSTFIX_PATTERNS : POSTFIX_REPORTS;
}

bool tls_policy_narrowed(const struct delivery_case *c, const struct delivery *d)
{
	for (size_t i = 0; c->a != NULL && i < c->a->n_hosts; i++)
		if (c->a->hosts[i].in_policy &&
		    delivery_host(c, d, c->a->hosts[i].name) == HOST_FAILS_DANE)
			return true;
	return false;
}

static const char *failure_name(enum tls_policy_failure f)
{
	switch (f) {
	case TLS_POLICY_FETCH_ERROR:
		return "sts-policy-fetch-error";
	case TLS_POLICY_INVALID:
		return "sts-policy-invalid";
	case TLS_POLICY_WEBPKI_INVALID:
		return "sts-webpki-invalid";
	case TLS_POLICY_VALIDATION_FAILURE:
		return "validation-failure";
	case TLS_POLICY_WELL:
		break;
	}
	return NULL;
}

/* Names, modes and numbers have no blank, brace or quote in them: nothing here needs quoting but the braces around what has blanks. */
static int write_for_reports(const struct tls_policy *t, size_t n_names, struct buf *out)
{
	const struct policy *p = t->published;
	bool names = t->narrowed && t->postfix == POSTFIX_PATTERNS;
	size_t n = names ? n_names : p->n_mx;
	int r = buf_addf(out, " policy_type=sts policy_domain=%s", t->domain);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = buf_addf(out, " mx_host_pattern=%s", names ? t->delivery->names[i] : p->mx[i]);
	if (r == 0)
		r = buf_addf(out,
			     " { policy_string = version: STSv1 } { policy_string = mode: %s }",
			     policy_mode_name(p->mode));
	for (size_t i = 0; r == 0 && i < p->n_mx; i++)
		r = buf_addf(out, " { policy_string = mx: %s }", p->mx[i]);
	if (r == 0)
		r = buf_addf(out, " { policy_string = max_age: %lu }", (unsigned long)p->max_age);
	if (r == 0 && t->failure != TLS_POLICY_WELL)
		r = buf_addf(out, " policy_failure=%s", failure_name(t->failure));
	return r;
}

/* What match= takes for a rule: a policy that lists a host of such a name would let every certificate of the domain, or of any host, pass. */
static bool is_strategy(const char *name)
{
	return strcmp(name, "hostname") == 0 || strcmp(name, "nexthop") == 0 ||
	       strcmp(name, "dot-nexthop") == 0;
}

static int write_secure(const struct tls_policy *t, size_t n_names, bool for_reports,
			struct buf *out)
{
	const char *before = "OK secure match=";
	int r = -EMSGSIZE;

	for (size_t i = 0; i < n_names; i++) {
		const char *name = t->delivery->names[i];

		if (is_strategy(name))
			continue;
		r = buf_adds(out, before);
		if (r == 0)
			r = buf_adds(out, name);
		if (r != 0)
			return r;
		before = ":";
	}
	if (r == 0)
		r = buf_adds(out, " servername=hostname");
	if (r == 0 && for_reports)
		r = write_for_reports(t, n_names, out);
	return r;
}

static bool has_names(const struct delivery *d)
{
	for (size_t i = 0; i < d->n_names; i++)
		if (!is_strategy(d->names[i]))
			return true;
	return false;
}

/* From the whole answer to the shortest that is still right. */
static int write_what_fits(const struct tls_policy *t, size_t max, struct buf *out)
{
	const struct delivery *d = t->delivery;
	const bool told = t->postfix != POSTFIX_PLAIN && t->published != NULL;
	const size_t start = out->n;

	for (int i = 0; i < 4; i++) {
		size_t n = (i & 1) != 0 ? d->n_current : d->n_names;
		int r = n > 0 ? write_secure(t, n, told && i < 2, out) : -EMSGSIZE;

		if (r == 0 && out->n - start <= max)
			return 0;
		if (out->n > start) {
			out->n = start;
			out->p[start] = '\0';
		}
		if (r == -ENOMEM)
			return r;
	}
	return buf_adds(out, has_names(d)
				     ? "TEMP the policy names more hosts than an answer can hold"
				     : "TEMP Postfix would take the policy's host for a rule");
}

int tls_policy_write(const struct tls_policy *t, size_t max, struct buf *out)
{
	switch (t->delivery->demand) {
	case DEMAND_NOTHING:
		return buf_adds(out, "NOTFOUND ");
	case DEMAND_DANE:
		return buf_adds(out, "OK dane-only");
	case DEMAND_DELAY:
		return buf_addf(out, "TEMP %s", reason_sentence(t->delivery->reason));
	case DEMAND_VERIFY:
		break;
	}
	return write_what_fits(t, max, out);
}
