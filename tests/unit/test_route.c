#include "tests/unit/test.h"

#include "common/sts/route.h"

static struct settings *parsed(const char *text)
{
	struct settings *s = NULL;
	struct buf error;

	buf_init(&error, 1000);
	if (settings_parse(span_of(text), "test.conf", &s, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	return s;
}

static void routes(void **state)
{
	static const struct {
		const char *name;
		const char *v, *mailer, *host, *addr;
		bool judged;
		const char *domain;
		unsigned port;
		enum reason reason;
	} cases[] = {
		{ "Postfix, by MX", "Postfix 3.7.11", "smtp", "good.example", "u@good.example",
		  true, "good.example", 25, REASON_OK },
		{ "Postfix keeps the case", "Postfix 3.7.11", "smtp", "Good.Example",
		  "u@good.example", true, "good.example", 25, REASON_OK },
		{ "RFC 8461 s3.4: a smart host is its own policy domain", "Postfix 3.7.11", "smtp",
		  "[smart.example]:587", "u@good.example", true, "smart.example", 587, REASON_OK },
		{ "inbound mail of a gateway", "Postfix 3.7.11", "relay", "inside.example",
		  "u@inside.example", false, "", 0, REASON_SKIPPED_MAILER },
		{ "virtual_transport = dovecot", "Postfix 3.7.11", "dovecot", "own.example",
		  "u@own.example", false, "", 0, REASON_SKIPPED_MAILER },
		{ "local", "Postfix 3.7.11", "local", "mail.own.example", "u@own.example", false,
		  "", 0, REASON_SKIPPED_MAILER },
		{ "Sendmail, by MX", "8.17.1.9", "esmtp", "good.example.", "u@good.example", true,
		  "good.example", 25, REASON_OK },
		{ "Sendmail's relay is its smart host", "8.17.1.9", "relay", "smart.example.",
		  "u@good.example", true, "smart.example", 25, REASON_OK },
		{ "an unknown transport is judged", "Postfix 3.7.11", "slowsmtp", "good.example",
		  "u@good.example", true, "good.example", 25, REASON_OK },
		{ "no macros", NULL, NULL, NULL, "<u@good.example>", true, "good.example", 25,
		  REASON_OK },
		{ "an address literal", "Postfix 3.7.11", "smtp", "[192.0.2.1]", "u@[192.0.2.1]",
		  false, "", 25, REASON_ADDRESS_LITERAL },
		{ "port 465", "Postfix 3.7.11", "smtp", "[smart.example]:465", "u@good.example",
		  false, "smart.example", 465, REASON_WRAPPED_PORT },
		{ "nobody", NULL, NULL, NULL, "<>", false, "", 0, REASON_NO_DOMAIN },
		{ "postmaster", NULL, NULL, NULL, "<postmaster>", false, "", 0, REASON_NO_DOMAIN },
		{ "no domain name", NULL, NULL, NULL, "<u@.example>", false, "", 0,
		  REASON_BAD_DOMAIN },
		{ "skip_domains", "Postfix 3.7.11", "smtp", "own.example", "u@own.example", false,
		  "own.example", 25, REASON_SKIPPED_DOMAIN },
		{ "skip_domains, below", "Postfix 3.7.11", "smtp", "a.below.example",
		  "u@a.below.example", false, "a.below.example", 25, REASON_SKIPPED_DOMAIN },
		{ "skip_domains, the zone itself", "Postfix 3.7.11", "smtp", "below.example",
		  "u@below.example", true, "below.example", 25, REASON_OK },
	};
	struct settings *s = parsed("[judge]\nskip_domains = own.example .below.example\n");
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct route r;

		route_of(s,
			 &(struct routing){ mta_of_version(cases[i].v), cases[i].mailer,
					    cases[i].host, cases[i].addr },
			 &r);
		if (r.n_hops != cases[i].judged || r.reason != cases[i].reason)
			fail_msg("%s: %zu hops, %s", cases[i].name, r.n_hops,
				 reason_name(r.reason));
		if (r.n_hops == 1 && (strcmp(r.hops[0].domain, cases[i].domain) != 0 ||
				      r.hops[0].port != cases[i].port))
			fail_msg("%s: domain %s, port %u", cases[i].name, r.hops[0].domain,
				 r.hops[0].port);
	}
	settings_free(s);
}

static void unknown_mailers_are_told(void **state)
{
	struct settings *s = parsed("");
	struct route r;
	(void)state;

	route_of(s, &(struct routing){ MTA_POSTFIX, "slowsmtp", "a.example", "u@a.example" }, &r);
	assert_true(r.unknown_mailer);
	route_of(s, &(struct routing){ MTA_POSTFIX, "smtp", "a.example", "u@a.example" }, &r);
	assert_false(r.unknown_mailer);
	/* A list entry for one MTA does not hold for another. */
	route_of(s, &(struct routing){ MTA_SENDMAIL, "relay", "a.example", "u@a.example" }, &r);
	assert_true(r.n_hops == 1 && !r.unknown_mailer);
	route_of(s, &(struct routing){ MTA_UNKNOWN, "relay", "a.example", "u@a.example" }, &r);
	assert_true(r.n_hops == 1 && r.unknown_mailer);
	settings_free(s);
}

static void lists_are_judged_one_by_one(void **state)
{
	static const struct {
		enum mta mta;
		const char *host, *domains[3];
	} cases[] = {
		{ MTA_POSTFIX, "[a.example], [b.example]:587", { "a.example", "b.example", NULL } },
		{ MTA_POSTFIX, "a.example:26 b.example", { "a.example", "b.example", NULL } },
		{ MTA_POSTFIX, "[192.0.2.1], b.example", { "b.example", NULL, NULL } },
		{ MTA_SENDMAIL, "a.example:b.example.", { "a.example", "b.example", NULL } },
		{ MTA_SENDMAIL, "[IPv6:2001:db8::1]:[b.example]", { "b.example", NULL, NULL } },
	};
	struct settings *s = parsed("");
	struct route r;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 0;

		route_of(s, &(struct routing){ cases[i].mta, "smtp", cases[i].host, "u@c.example" },
			 &r);
		for (; n < 3 && cases[i].domains[n] != NULL; n++)
			if (n >= r.n_hops || strcmp(r.hops[n].domain, cases[i].domains[n]) != 0)
				fail_msg("%s: hop %zu of %zu", cases[i].host, n, r.n_hops);
		assert_int_equal(r.n_hops, n);
	}
	settings_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),
		cmocka_unit_test(unknown_mailers_are_told),
		cmocka_unit_test(lists_are_judged_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
