#include "config.h"

#include "common/sts/tls_policy.h"

#include <errno.h>
#include <stdlib.h>

bool tls_policy_reports(const char *version)
{
	char *end;
	unsigned long major = strtoul(version, &end, 10), minor;

	if (end == version || *end != '.')
		return major > 3;
	minor = strtoul(end + 1, NULL, 10);
	return major > 3 || (major == 3 && minor >= 10);
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
static int write_for_reports(const struct tls_policy *t, struct buf *out)
{
	const struct policy *p = t->published;
	int r = buf_addf(out, " policy_type=sts policy_domain=%s", t->domain);

	for (size_t i = 0; r == 0 && i < p->n_mx; i++)
		r = buf_addf(out, " mx_host_pattern=%s", p->mx[i]);
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

static int write_secure(const struct tls_policy *t, size_t n_names, bool for_reports,
			struct buf *out)
{
	int r = buf_adds(out, "OK secure match=");

	for (size_t i = 0; r == 0 && i < n_names; i++) {
		if (i > 0)
			r = buf_addc(out, ':');
		if (r == 0)
			r = buf_adds(out, t->delivery->names[i]);
	}
	if (r == 0)
		r = buf_adds(out, " servername=hostname");
	if (r == 0 && for_reports)
		r = write_for_reports(t, out);
	return r;
}

/* From the whole answer to the shortest that is still right. */
static int write_what_fits(const struct tls_policy *t, size_t max, struct buf *out)
{
	const struct delivery *d = t->delivery;
	const bool told = t->for_reports && t->published != NULL;
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
	return buf_adds(out, "TEMP the policy names more hosts than an answer can hold");
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
