/* Mail logs: whatever they hold, an outcome has names in normal form, an address, and a result that RFC 8460 knows. */
#include "tests/fuzz/fuzz.h"

#include "milter/command/tls_sessions.h"

static bool is_result(const char *name)
{
	static const char *const names[] = { "success",
					     "starttls-not-supported",
					     "certificate-host-mismatch",
					     "certificate-not-trusted",
					     "certificate-expired",
					     "validation-failure",
					     "sts-policy-fetch-error",
					     "sts-policy-invalid",
					     "sts-webpki-invalid",
					     "tlsa-invalid",
					     "dnssec-invalid",
					     "dane-required" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name != NULL && strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void check(void *arg, const struct tls_session *s)
{
	struct netaddr address;

	(void)arg;
	MUST(domain_is_normal(s->domain));
	MUST(s->mx[0] == '\0' || domain_is_normal(s->mx));
	MUST(s->address[0] == '\0' || netaddr_parse(span_of(s->address), &address));
	MUST(is_result(s->result));
	for (const char *p = s->detail; *p != '\0'; p++)
		MUST(*p >= ' ' && *p <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_sessions *sessions = tls_sessions_new(true, check, NULL);
	struct span file = span_make(data, size), line;
	struct logline read;

	MUST(sessions != NULL);
	while (span_line(&file, &line))
		if (logline_read(line, &read))
			tls_sessions_line(sessions, &read);
	tls_sessions_free(sessions);
	return 0;
}
