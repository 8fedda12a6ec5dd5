/* Mail logs: whatever they hold, an outcome has names in normal form, an address, and a result that RFC 8460 knows. */
#include "tests/fuzz/fuzz.h"

#include "common/sts/outcome.h"
#include "milter/command/tls_sessions.h"

static void check(void *arg, const struct tls_session *s)
{
	struct netaddr address;

	(void)arg;
	MUST(domain_is_normal(s->domain));
	MUST(s->mx[0] == '\0' || domain_is_normal(s->mx));
	MUST(s->address[0] == '\0' || netaddr_parse(span_of(s->address), &address));
	MUST(s->result != NULL && tls_result_from_name(s->result) >= 0);
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
