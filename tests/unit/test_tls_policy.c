/* What Postfix and Sendmail are told: postconf(5) smtp_tls_policy_maps, TLSRPT_README; proto.m4. */
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "common/base/cleanup.h"
#include "common/sts/sts_map.h"
#include "common/sts/tls_policy.h"

static const char *const PATTERNS[] = { "*.example.net", "mail.example.com" };
static const struct policy POLICY = {
	.mode = POLICY_MODE_ENFORCE, .max_age = 604800, .n_mx = 2, .mx = PATTERNS
};

static const struct delivery VERIFY = { .demand = DEMAND_VERIFY,
					.n_names = 3,
					.n_current = 2,
					.names = { "a.example.net", "b.example.net",
						   "mail.example.com" } };

#define MATCH "OK secure match=a.example.net:b.example.net:mail.example.com servername=hostname"
#define STRINGS                                                                                    \
	" { policy_string = version: STSv1 } { policy_string = mode: enforce }"                    \
	" { policy_string = mx: *.example.net } { policy_string = mx: mail.example.com }"          \
	" { policy_string = max_age: 604800 }"
#define REPORTS                                                                                    \
	" policy_type=sts policy_domain=example.com mx_host_pattern=*.example.net"                 \
	" mx_host_pattern=mail.example.com" STRINGS
#define NARROWED                                                                                   \
	" policy_type=sts policy_domain=example.com mx_host_pattern=a.example.net"                 \
	" mx_host_pattern=b.example.net mx_host_pattern=mail.example.com" STRINGS

static const struct {
	const char *version;
	bool narrowed, foreign; /* a host fails DANE; the operator's words */
	const char *want;
} versions[] = {
	{ "", false, false, MATCH },
	{ "3.7.11", false, false, MATCH },
	{ "3.9.0", false, false, MATCH },
	{ "3.9.13", false, false, MATCH },
	{ "2.11.1", false, false, MATCH },
	{ "3", false, false, MATCH },
	{ "3.10", false, false, MATCH REPORTS },
	{ "3.10.0", false, false, MATCH REPORTS },
	{ "3.10.1", false, false, MATCH REPORTS },
	{ "3.10.4", false, false, MATCH REPORTS },
	{ "3.10.4", true, false, MATCH REPORTS },
	{ "3.10.5", false, false, MATCH REPORTS },
	{ "3.10.5", true, false, MATCH NARROWED },
	{ "3.10.13", true, false, MATCH NARROWED },
	{ "3.11", false, false, MATCH REPORTS },
	{ "3.11", true, false, MATCH NARROWED },
	{ "3.11.0", true, false, MATCH NARROWED },
	{ "3.12.20260821", true, false, MATCH NARROWED },
	{ "4.0", true, false, MATCH NARROWED },
	{ "3.9.9", true, false, MATCH },
	{ "3.10.13", false, true, MATCH },
	{ "3.11.0", true, true, MATCH },
};

static void every_postfix(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };
		const struct tls_policy t = {
			.delivery = &VERIFY,
			.domain = "example.com",
			.published = versions[i].foreign ? NULL : &POLICY,
			.narrowed = versions[i].narrowed,
			.postfix = tls_policy_postfix(versions[i].version),
		};

		assert_int_equal(tls_policy_write(&t, LIMIT_MAP_REPLY, &out), 0);
		if (strcmp(buf_text(&out), versions[i].want) != 0)
			fail_msg("%s, row %zu: %s", versions[i].version, i, buf_text(&out));
	}
}

static void failures_are_named(void **state)
{
	static const char *const names[] = { NULL, "sts-policy-fetch-error", "sts-policy-invalid",
					     "sts-webpki-invalid", "validation-failure" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };
		struct tls_policy t = { .delivery = &VERIFY,
					.domain = "example.com",
					.published = &POLICY,
					.postfix = POSTFIX_REPORTS,
					.failure = (enum tls_policy_failure)i };
		const char *found;

		tls_policy_write(&t, LIMIT_MAP_REPLY, &out);
		found = strstr(buf_text(&out), " policy_failure=");
		if (names[i] == NULL)
			assert_null(found);
		else
			assert_string_equal(found + strlen(" policy_failure="), names[i]);
		buf_clear(&out);
		t.postfix = POSTFIX_PLAIN;
		tls_policy_write(&t, LIMIT_MAP_REPLY, &out);
		assert_string_equal(buf_text(&out), MATCH);
	}
}

static const struct {
	enum delivery_demand demand;
	enum reason reason;
	const char *postfix, *sendmail;
} demands[] = {
	{ DEMAND_NOTHING, REASON_NO_RECORD, "NOTFOUND ", "NOTFOUND " },
	{ DEMAND_DANE, REASON_OK, "OK dane-only", "NOTFOUND " },
	{ DEMAND_DELAY, REASON_MX_FAILED, "TEMP the MX look-up failed",
	  "TEMP the MX look-up failed" },
	{ DEMAND_VERIFY, REASON_OK, MATCH, MATCH },
};

static void every_demand(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(demands); i++) {
		AUTO(buf_release) struct buf postfix = { .max = LIMIT_MAP_REPLY };
		AUTO(buf_release) struct buf sendmail = { .max = LIMIT_MAP_REPLY };
		struct delivery d = VERIFY;

		d.demand = demands[i].demand;
		d.reason = demands[i].reason;
		tls_policy_write(&(struct tls_policy){ .delivery = &d }, LIMIT_MAP_REPLY, &postfix);
		sts_map_write(&d, &sendmail);
		assert_string_equal(buf_text(&postfix), demands[i].postfix);
		assert_string_equal(buf_text(&sendmail), demands[i].sendmail);
	}
}

/* What is left out when there is no room: old names, reports, both; then there is no answer. */
static void long_answers(void **state)
{
	const struct tls_policy t = { .delivery = &VERIFY,
				      .domain = "example.com",
				      .published = &POLICY,
				      .postfix = POSTFIX_REPORTS };
	const char *current = "OK secure match=a.example.net:b.example.net servername=hostname";
	const struct {
		size_t max;
		const char *want;
	} rooms[] = {
		{ strlen(MATCH REPORTS), MATCH REPORTS },
		{ strlen(MATCH REPORTS) - 1,
		  "OK secure match=a.example.net:b.example.net servername=hostname" REPORTS },
		{ strlen(current) + strlen(REPORTS) - 1, MATCH },
		{ strlen(MATCH) - 1, current },
		{ strlen(current) - 1, "TEMP the policy names more hosts than an answer can hold" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };

		buf_adds(&out, "before ");
		assert_int_equal(tls_policy_write(&t, rooms[i].max, &out), 0);
		assert_string_equal(buf_text(&out) + strlen("before "), rooms[i].want);
	}
}

/* Without a current name nothing may be matched against an empty list. */
static void never_an_empty_match(void **state)
{
	struct delivery d = VERIFY;
	AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };

	(void)state;
	d.n_current = 0;
	tls_policy_write(&(struct tls_policy){ .delivery = &d }, 20, &out);
	assert_string_equal(buf_text(&out),
			    "TEMP the policy names more hosts than an answer can hold");
	buf_clear(&out);
	d.n_names = 0;
	tls_policy_write(&(struct tls_policy){ .delivery = &d }, LIMIT_MAP_REPLY, &out);
	assert_memory_equal(buf_text(&out), "TEMP ", 5);
	buf_clear(&out);
	sts_map_write(&d, &out);
	assert_memory_equal(buf_text(&out), "TEMP ", 5);
}

/* postconf(5) smtp_tls_secure_cert_match: three words are rules there, and a policy may list hosts that are called so. */
static const struct {
	const char *names[3], *want;
} rules[] = {
	{ { "hostname", "mx.example.net", "nexthop" },
	  "OK secure match=mx.example.net servername=hostname" },
	{ { "mx.example.net", "dot-nexthop", "mail" },
	  "OK secure match=mx.example.net:mail servername=hostname" },
	{ { "mx.example.net", "hostname.example", "nexthop" },
	  "OK secure match=mx.example.net:hostname.example servername=hostname" },
	{ { "hostname", "nexthop", "dot-nexthop" },
	  "TEMP Postfix would take the policy's host for a rule" },
};

static void names_that_are_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };
		struct delivery d = { .demand = DEMAND_VERIFY, .n_names = 3, .n_current = 1 };

		memcpy(d.names, rules[i].names, sizeof(rules[i].names));
		tls_policy_write(&(struct tls_policy){ .delivery = &d }, LIMIT_MAP_REPLY, &out);
		assert_string_equal(buf_text(&out), rules[i].want);
	}
}

/* Sendmail cuts at 256 octets: whole names, those that come first. */
static void sendmail_has_little_room(void **state)
{
	static char names[20][64], huge[254];
	struct delivery d = { .demand = DEMAND_VERIFY, .n_names = 20, .n_current = 20 };
	AUTO(buf_release) struct buf out = { .max = LIMIT_MAP_REPLY };
	const char *text;

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "mx%02zu.a-rather-long-name.example.com", i);
		d.names[i] = names[i];
	}
	sts_map_write(&d, &out);
	text = buf_text(&out);
	assert_true(out.n <= STS_MAP_POLICY + 3);
	assert_true(out.n + strlen(names[0]) + 1 > STS_MAP_POLICY + 3);
	assert_memory_equal(text, "OK secure match=mx00.a-rather-long-name.example.com:mx01.", 57);
	assert_non_null(strstr(text, ".example.com servername=hostname"));

	memset(huge, 'a', sizeof(huge) - 1);
	d.names[0] = huge;
	buf_clear(&out);
	sts_map_write(&d, &out);
	assert_memory_equal(buf_text(&out), "OK secure match=mx01.", 21);
	d.n_names = 1;
	buf_clear(&out);
	sts_map_write(&d, &out);
	assert_memory_equal(buf_text(&out), "TEMP ", 5);
}

static void memory_may_be_short(void **state)
{
	struct buf out = { .max = 10 };

	(void)state;
	assert_int_equal(tls_policy_write(&(struct tls_policy){ .delivery = &VERIFY },
					  LIMIT_MAP_REPLY, &out),
			 -EMSGSIZE);
	buf_release(&out);
}

static void hosts_that_fail_dane_narrow(void **state)
{
	struct mx_host hosts[] = {
		{ .name = "a.example.net", .in_policy = true },
		{ .name = "b.example.net", .in_policy = true, .dane = DANE_FAILED },
	};
	struct assessment a = { .n_hosts = 2, .hosts = hosts };
	const struct delivery_case c = { .mode = POLICY_MODE_ENFORCE,
					 .patterns = &POLICY,
					 .a = &a };
	struct delivery d = { .demand = DEMAND_VERIFY, .n_names = 1, .names = { "a.example.net" } };

	(void)state;
	assert_true(tls_policy_narrowed(&c, &d));
	hosts[1].in_policy = false;
	assert_false(tls_policy_narrowed(&c, &d));
	hosts[1].in_policy = true;
	hosts[1].dane = DANE_NONE;
	assert_false(tls_policy_narrowed(&c, &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_postfix),
		cmocka_unit_test(failures_are_named),
		cmocka_unit_test(every_demand),
		cmocka_unit_test(long_answers),
		cmocka_unit_test(never_an_empty_match),
		cmocka_unit_test(names_that_are_rules),
		cmocka_unit_test(sendmail_has_little_room),
		cmocka_unit_test(memory_may_be_short),
		cmocka_unit_test(hosts_that_fail_dane_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
