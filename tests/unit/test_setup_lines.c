/* What `mta-sts setup postfix` prints for what is there, and how it reads versions, chroots and addresses. */
#include "config.h"

#include "tests/unit/setup_told.h"

/* What is printed, for what is there. */
static void test_lines(void **state)
{
	static const struct {
		const char *main, *settings, *line; /* a leading "!": must not be there */
		enum setup_validation validation;
	} cases[] = {
		{ NULL, BOUND, "postfix_version = 3.7.11", 0 },
		{ NULL, BOUND, "delivery_bound = yes", 0 },
		{ NULL, BOUND, "dane = off", 0 },
		{ NULL, BOUND,
		  "postconf -e 'smtpd_milters = unix:mta-sts/milter.sock' 'milter_default_action = "
		  "tempfail'",
		  0 },
		{ NULL, BOUND, "postconf -e 'smtp_tls_policy_maps = " OURS "'", 0 },
		{ NULL, BOUND, "!smtp_tls_security_level", 0 },
		{ NULL, BOUND, "!smtp_tlsrpt", 0 },
		{ NULL, BOUND, "!milter_command_timeout", 0 },
		{ "smtp_tls_security_level =\n", BOUND,
		  "postconf -e 'smtp_tls_security_level = may'", 0 },
		{ "smtp_tls_CApath =\n", BOUND,
		  "postconf -e 'smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt'", 0 },
		{ "milter_command_timeout = 5s\n", BOUND,
		  "postconf -e 'milter_command_timeout = 30s'", 0 },
		{ DANE_MAIN, BOUND, "dane = postfix", VALIDATION_OK },
		{ DANE_MAIN, BOUND, "dane = off", VALIDATION_NO_AD },
		{ DANE_MAIN, BOUND, "dane = off", VALIDATION_NO_ANSWER },
		{ "smtp_tls_security_level = dane\n", BOUND, "dane = off", VALIDATION_OK },
		{ NEW_MAIN, BOUND,
		  "postconf -e 'smtp_tlsrpt_enable = yes' 'smtp_tlsrpt_socket_name = "
		  "mta-sts/tlsrpt.sock'",
		  0 },
		{ "mail_version = 3.10.13\n", BOUND, "!smtp_tlsrpt_enable", 0 },
		{ "smtpd_milters = inet:127.0.0.1:11332\n", BOUND,
		  "'smtpd_milters = inet:127.0.0.1:11332, unix:mta-sts/milter.sock'", 0 },
		{ "smtpd_milters = {unix:mta-sts/milter.sock, command_timeout=30s}, unix:x\n",
		  BOUND,
		  "'smtpd_milters = {unix:mta-sts/milter.sock, command_timeout=30s}, unix:x'", 0 },
		{ "smtp_tls_policy_maps = hash:/etc/postfix/tls, "
		  "socketmap:inet:127.0.0.1:8461:postfix\n",
		  BOUND, "'smtp_tls_policy_maps = hash:/etc/postfix/tls, " OURS "'", 0 },
		{ "smtp_tls_policy_maps = socketmap:inet:127.0.0.1:5462:postfix\n", BOUND,
		  "'smtp_tls_policy_maps = socketmap:inet:127.0.0.1:5462:postfix, " OURS "'", 0 },
		{ "smtpd_milters = unix:mta-sts/milter.sock, unix:mta-sts/milter.sock\n", BOUND,
		  "'smtpd_milters = unix:mta-sts/milter.sock'", 0 },
		{ "smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8642:QUERY\n", BOUND,
		  "'smtp_tls_policy_maps = " OURS "'", 0 },
		{ "smtp_tls_policy_maps = "
		  "socketmap:unix:/run/postfix-tlspol/tlspol.sock:QUERYwithTLSRPT\n",
		  BOUND, "'smtp_tls_policy_maps = " OURS "'", 0 },
		{ "smtp_tls_policy_maps = "
		  "socketmap:unix:/var/spool/postfix/mta-sts/policy.sock:postfix\n",
		  BOUND, "'smtp_tls_policy_maps = " OURS "'", 0 },
		{ "smtp_tls_policy_maps =\n", "[delivery]\nsocketmap = inet:5461@127.0.0.1\n",
		  "'smtp_tls_policy_maps = socketmap:inet:127.0.0.1:5461:postfix'", 0 },
		{ "smtp_tls_policy_maps =\n",
		  "[delivery]\nsocketmap = unix:/run/p.sock inet:5461@127.0.0.1\npostfix_maps = "
		  "QUERY postfix\n",
		  "socketmap:inet:127.0.0.1:5461:QUERY'", 0 },
		{ NULL, "[delivery]\nsocketmap =\n", "delivery_bound = no", 0 },
		{ NULL, "[delivery]\nsocketmap =\n", "!postconf -e 'smtp_tls_policy_maps", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena arena;
		AUTO(setup_lines_release) struct setup_lines l;
		struct told told = { .validation = cases[i].validation };
		const struct setup_world w = WORLD(true);
		struct settings *s = settings_of(cases[i].settings);
		struct postfix_facts f;

		arena_init(&arena, 1 << 22);
		setup_lines_init(&l);
		facts_of(cases[i].main, NULL, NULL, NULL, &arena, &f);
		setup_postfix_lines(&f, s, &w, &l);
		assert_false(l.failed);
		if (!tells(&l, cases[i].line))
			fail_msg("case %zu: %s", i, cases[i].line);
		settings_free(s);
	}
}

/* smtp(8) outside of a chroot: the whole path is right there, the short one always. */
static void test_no_chroot(void **state)
{
	static const struct {
		const char *column, *map;
		bool good;
	} cases[] = {
		{ "smtp/unix/chroot = n", "mta-sts/policy.sock", true },
		{ "smtp/unix/chroot = y", "mta-sts/policy.sock", true },
		{ "smtp/unix/chroot = y", "/var/spool/postfix/mta-sts/policy.sock", false },
		{ "smtp/unix/chroot = y", "/mta-sts/policy.sock", true },
		{ "smtp/unix/chroot = n", "/mta-sts/policy.sock", false },
		{ "smtp/unix/chroot = n", "/var/spool/postfix/mta-sts/policy.sock", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena arena;
		struct settings *s = settings_of(BOUND);
		struct postfix_facts f;
		char item[200];

		arena_init(&arena, 1 << 22);
		facts_of(NULL, NULL, NULL, cases[i].column, &arena, &f);
		snprintf(item, sizeof(item), "socketmap:unix:%s:postfix", cases[i].map);
		for (size_t k = 0; k < f.conf.n_services; k++)
			if (strcmp(f.conf.services[k].key, "smtp/unix") == 0)
				assert_int_equal(postfix_is_policy(&f, s, span_of(item),
								   f.conf.services[k].chroot,
								   &arena),
						 cases[i].good);
		settings_free(s);
	}
}

static void test_versions(void **state)
{
	static const struct {
		const char *version;
		unsigned minor, patch;
		bool at_least;
	} cases[] = {
		{ "3.10", 10, 0, true },   { "3.10.4", 10, 5, false },
		{ "3.10.5", 10, 5, true }, { "3.9.11", 10, 0, false },
		{ "3.10", 10, 5, false },  { "3.11-20250101", 10, 5, true },
		{ "4.0.1", 10, 5, true },  { "", 10, 0, false },
		{ "3", 10, 0, false },	   { "2.11.9", 4, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			postfix_at_least(cases[i].version, 3, cases[i].minor, cases[i].patch),
			cases[i].at_least);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_chroot),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
