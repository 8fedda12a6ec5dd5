/* Every fault that `mta-sts setup postfix --check` knows, planted into what a real Postfix 3.7.11 tells about a good set-up. */
#include "config.h"

#include "tests/unit/setup_told.h"

struct row {
	const char *name;
	const char *main, *overrides; /* lines that are put first, where they win */
	const char *columns;	      /* of more services */
	const char *settings;
	struct told told;
	enum setup_fault
		fault; /* this one and no other that is more than a note; SETUP_FAULTS: none */
	const char *what, *remedy;
};

static const struct row rows[] = {
	{ .name = "nothing is wrong", .fault = SETUP_FAULTS },
	{ .name = "nothing is wrong with 3.10",
	  .main = NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_FAULTS },
	{ .name = "nothing is wrong with DANE",
	  .main = DANE_MAIN,
	  .settings = DANE_OURS,
	  .fault = SETUP_FAULTS },
	{ .name = "nothing is wrong with TCP",
	  .main = "smtpd_milters = inet:localhost:8899\nsmtp_tls_policy_maps = "
		  "socketmap:inet:127.0.0.1:5461:postfix\n",
	  .settings = BOUND "[milter]\nmilter_socket = inet:8899@127.0.0.1\n",
	  .fault = SETUP_FAULTS },
	{ .name = "nothing is wrong through proxymap",
	  .main = "smtp_tls_policy_maps = proxy:" OURS "\n",
	  .fault = SETUP_FAULTS },
	{ .name = "not root",
	  .told.not_root = true,
	  .fault = SETUP_NOT_ROOT,
	  .what = "are not looked at",
	  .remedy = "as root" },

	{ .name = "no milter",
	  .main = "smtpd_milters =\n",
	  .fault = SETUP_MILTER_MISSING,
	  .remedy = "postconf -e 'smtpd_milters = unix:mta-sts/milter.sock'" },
	{ .name = "another milter",
	  .main = "smtpd_milters = inet:127.0.0.1:11332, unix:/run/opendkim.sock\n",
	  .fault = SETUP_MILTER_MISSING,
	  .remedy = "'smtpd_milters = inet:127.0.0.1:11332, unix:/run/opendkim.sock, "
		    "unix:mta-sts/milter.sock'" },
	{ .name = "submission without the milter",
	  .overrides = "submission/inet/smtpd_milters =\n",
	  .fault = SETUP_MILTER_OVERRIDDEN,
	  .what = "submission/inet",
	  .remedy = "postconf -PX submission/inet/smtpd_milters" },
	{ .name = "the way back in without the milter",
	  .overrides = "127.0.0.1:10026/inet/smtpd_milters =\n",
	  .fault = SETUP_MILTER_REINJECTS },
	{ .name = "the milter is away",
	  .told.milter = REACH_ABSENT,
	  .fault = SETUP_MILTER_ABSENT,
	  .remedy = "systemctl start" },
	{ .name = "the milter's socket is closed",
	  .told.milter = REACH_FORBIDDEN,
	  .fault = SETUP_MILTER_FORBIDDEN,
	  .remedy = "the cure" },
	{ .name = "no milter at the socket", .told.milter = REACH_ODD, .fault = SETUP_MILTER_ODD },
	{ .name = "the whole path in a chroot",
	  .main = "smtpd_milters = unix:/var/spool/postfix/mta-sts/milter.sock\n",
	  .fault = SETUP_MILTER_CHROOT,
	  .what = "smtp/inet runs in a chroot",
	  .remedy = "smtpd_milters = unix:mta-sts/milter.sock'" },
	{ .name = "milter_default_action accept",
	  .main = "milter_default_action = accept\n",
	  .fault = SETUP_ACTION_ACCEPT },
	{ .name = "default_action of the item",
	  .main = "smtpd_milters = { unix:mta-sts/milter.sock, connect_timeout=10s, default_action "
		  "= accept }\n",
	  .fault = SETUP_ACTION_ACCEPT },
	{ .name = "the item's goes first",
	  .main = "milter_default_action = accept\nsmtpd_milters = {unix:mta-sts/milter.sock, { "
		  "default_action = tempfail }}\n",
	  .fault = SETUP_FAULTS },
	{ .name = "milter_default_action reject",
	  .main = "milter_default_action = reject\n",
	  .fault = SETUP_ACTION_REJECT,
	  .what = "reject" },
	{ .name = "milter_default_action quarantine",
	  .main = "milter_default_action = quarantine\n",
	  .fault = SETUP_ACTION_HOLD },
	{ .name = "milter_default_action shutdown",
	  .main = "milter_default_action = shutdown\n",
	  .fault = SETUP_ACTION_SHUTDOWN },
	{ .name = "Postfix gives up first",
	  .main = "milter_command_timeout = 10s\n",
	  .fault = SETUP_TIMES_COMMAND,
	  .what = "10s" },
	{ .name = "Postfix waits long enough",
	  .main = "milter_command_timeout = 11s\n",
	  .fault = SETUP_FAULTS },
	{ .name = "no time to connect",
	  .main = "milter_connect_timeout = 1s\n",
	  .fault = SETUP_TIMES_CONNECT },
	{ .name = "local submissions are held",
	  .main = "non_smtpd_milters = unix:mta-sts/milter.sock\n",
	  .settings = BOUND "action_local = action\n",
	  .fault = SETUP_LOCAL_HELD },
	{ .name = "local submissions pass",
	  .main = "non_smtpd_milters = unix:mta-sts/milter.sock\n",
	  .fault = SETUP_LOCAL_PASSES },

	{ .name = "a wrong map name",
	  .main = "smtp_tls_policy_maps = socketmap:unix:mta-sts/policy.sock:QUERY\n",
	  .fault = SETUP_MAP_NAME,
	  .what = "QUERY" },
	{ .name = "another map first",
	  .main = "smtp_tls_policy_maps = inline:{ {a.example = may} {b.example = may} }, " OURS
		  "\n",
	  .fault = SETUP_MAP_HIDDEN,
	  .what = "inline:{ {a.example = may} {b.example = may} } is asked before" },
	{ .name = "a table that answers for every domain",
	  .main = "smtp_tls_policy_maps = static:may, " OURS "\n",
	  .settings = "[action]\ndelivery_bound = no\n",
	  .told.wall = "static:may",
	  .fault = SETUP_MAP_ANSWERS_ALL,
	  .what = "static:may answers for every domain" },
	{ .name = "behind ours it does no harm",
	  .main = "smtp_tls_policy_maps = " OURS ", static:may\n",
	  .told.wall = "static:may",
	  .fault = SETUP_FAULTS },
	{ .name = "behind ours, but for one service",
	  .main = "smtp_tls_policy_maps = " OURS ", static:may\n",
	  .overrides = "relay/unix/smtp_tls_policy_maps = static:may, " OURS "\n",
	  .settings = "[action]\ndelivery_bound = no\n",
	  .told.wall = "static:may",
	  .fault = SETUP_MAP_ANSWERS_ALL },
	{ .name = "another server is not asked by postmap, which is not in Postfix's place",
	  .main = "smtp_tls_policy_maps = socketmap:unix:other/policy.sock:x, " OURS "\n",
	  .told.broken = "socketmap:unix:other/policy.sock:x",
	  .fault = SETUP_MAP_HIDDEN },
	{ .name = "a table without its file",
	  .main = "smtp_tls_policy_maps = " OURS ", proxy:hash:/etc/postfix/tls\n",
	  .told.broken = "hash:/etc/postfix/tls",
	  .fault = SETUP_MAP_BROKEN,
	  .what = "hash:/etc/postfix/tls in smtp_tls_policy_maps cannot be asked (no such file)" },
	{ .name = "a fallback relay",
	  .main = "smtp_fallback_relay = [relay.example]\n",
	  .settings = "[action]\ndelivery_bound = no\n",
	  .fault = SETUP_FALLBACK,
	  .what = "[relay.example]",
	  .remedy = "postconf -X smtp_fallback_relay" },
	{ .name = "a fallback relay of one service",
	  .overrides = "relay/unix/smtp_fallback_relay = [relay.example]\n",
	  .settings = "[action]\ndelivery_bound = no\n",
	  .fault = SETUP_FALLBACK,
	  .remedy = "postconf -PX relay/unix/smtp_fallback_relay" },
	{ .name = "connections are reused without tlsproxy",
	  .main = "smtp_tls_connection_reuse = yes\n",
	  .fault = SETUP_REUSE_ALONE },
	{ .name = "connections are reused with it",
	  .main = "smtp_tls_connection_reuse = yes\n",
	  .columns = "tlsproxy/unix/chroot = y\ntlsproxy/unix/command = tlsproxy\n",
	  .fault = SETUP_FAULTS },
	{ .name = "STARTTLS is not heard",
	  .main = "smtp_discard_ehlo_keywords = dsn, StartTLS\n",
	  .fault = SETUP_STARTTLS_IGNORED },
	{ .name = "another keyword is not heard",
	  .main = "smtp_discard_ehlo_keywords = chunking, silent-discard\n",
	  .fault = SETUP_FAULTS },
	{ .name = "STARTTLS is not heard by one service",
	  .overrides = "relay/unix/smtp_discard_ehlo_keywords = starttls\n",
	  .fault = SETUP_STARTTLS_IGNORED },
	{ .name = "relay without the map",
	  .overrides = "relay/unix/smtp_tls_policy_maps =\n",
	  .settings = "[action]\ndelivery_bound = no\n",
	  .fault = SETUP_MAP_OVERRIDDEN,
	  .what = "relay/unix",
	  .remedy = "postconf -PX relay/unix/smtp_tls_policy_maps" },
	{ .name = "relay with a level of its own",
	  .overrides = "relay/unix/smtp_tls_security_level = none\n",
	  .fault = SETUP_SERVICE_LEVEL,
	  .what = "none" },
	{ .name = "the policy service is away",
	  .told.policy = REACH_ABSENT,
	  .fault = SETUP_MAP_ABSENT },
	{ .name = "the policy socket is closed",
	  .told.policy = REACH_FORBIDDEN,
	  .fault = SETUP_MAP_FORBIDDEN,
	  .remedy = "the cure" },
	{ .name = "another server at the policy socket",
	  .told.policy = REACH_ODD,
	  .fault = SETUP_MAP_ODD },
	{ .name = "the whole path of the map in a chroot",
	  .main = "smtp_tls_policy_maps = "
		  "socketmap:unix:/var/spool/postfix/mta-sts/policy.sock:postfix\n",
	  .fault = SETUP_MAP_CHROOT,
	  .what = "/var/spool/postfix/var/spool/postfix/mta-sts/policy.sock",
	  .remedy = OURS },
	{ .name = "level none",
	  .main = "smtp_tls_security_level = none\n",
	  .fault = SETUP_LEVEL_NONE,
	  .what = "is none" },
	{ .name = "level unset",
	  .main = "smtp_tls_security_level =\n",
	  .fault = SETUP_LEVEL_NONE,
	  .what = "is empty" },
	{ .name = "no roots",
	  .main = "smtp_tls_CApath =\n",
	  .fault = SETUP_CA_NONE,
	  .remedy = "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt" },
	{ .name = "the roots cannot be read",
	  .main = "smtp_tls_CAfile = /etc/x.pem\n",
	  .told.no_file = "/etc/x.pem",
	  .fault = SETUP_CA_UNREADABLE,
	  .what = "/etc/x.pem" },
	{ .name = "one service has no roots",
	  .overrides = "relay/unix/smtp_tls_CApath =\n",
	  .fault = SETUP_CA_OVERRIDDEN,
	  .what = "relay/unix",
	  .remedy = "postconf -PX relay/unix/smtp_tls_CApath" },
	{ .name = "one service cannot read its roots",
	  .overrides = "relay/unix/smtp_tls_CAfile = /etc/x.pem\n",
	  .told.no_file = "/etc/x.pem",
	  .fault = SETUP_CA_OVERRIDDEN,
	  .remedy = "postconf -PX relay/unix/smtp_tls_CAfile" },
	{ .name = "other roots are trusted",
	  .main = "smtp_tls_trust_anchor_file = /etc/x.pem\nsmtp_tls_CApath =\n",
	  .fault = SETUP_ANCHORS,
	  .what = "/etc/x.pem" },
	{ .name = "other roots are out of reach",
	  .main = "smtp_tls_trust_anchor_file = /etc/x.pem\n",
	  .told.no_file = "/var/spool/postfix/etc/x.pem",
	  .fault = SETUP_ANCHORS_UNREADABLE,
	  .what = "/var/spool/postfix/etc/x.pem: No such file" },
	{ .name = "one service trusts other roots",
	  .overrides = "relay/unix/smtp_tls_trust_anchor_file = /etc/x.pem\n",
	  .fault = SETUP_ANCHORS },
	{ .name = "no such CApath",
	  .told.no_directory = "/etc/ssl/certs",
	  .fault = SETUP_CA_UNREADABLE },
	{ .name = "no roots in the chroot",
	  .told.no_directory = "/var/spool/postfix/etc/ssl/certs",
	  .fault = SETUP_CA_CHROOT },
	{ .name = "our own roots",
	  .told.no_file = "/etc/ssl/certs/ca-certificates.crt",
	  .fault = SETUP_BUNDLE_UNREADABLE },
	{ .name = "dane without the level",
	  .settings = DANE_OURS,
	  .main = "smtp_dns_support_level = dnssec\n",
	  .fault = SETUP_DANE_LEVEL,
	  .what = "may" },
	{ .name = "dane without DNSSEC",
	  .settings = DANE_OURS,
	  .main = "smtp_tls_security_level = dane\n",
	  .fault = SETUP_DANE_DNS },
	{ .name = "dane without DNS",
	  .settings = DANE_OURS,
	  .main = "smtp_host_lookup = native\n" DANE_MAIN,
	  .fault = SETUP_DANE_HOSTS,
	  .what = "native" },
	{ .name = "DANE replaced", .main = DANE_MAIN, .fault = SETUP_DANE_REPLACED },
	{ .name = "no AD",
	  .main = DANE_MAIN,
	  .settings = DANE_OURS,
	  .told.validation = VALIDATION_NO_AD,
	  .fault = SETUP_RESOLVER_NO_AD,
	  .what = "192.0.2.53" },
	{ .name = "no resolver",
	  .main = DANE_MAIN,
	  .settings = DANE_OURS,
	  .told.validation = VALIDATION_NO_ANSWER,
	  .fault = SETUP_RESOLVER_AWAY },
	{ .name = "a resolver far away",
	  .main = DANE_MAIN,
	  .settings = DANE_OURS,
	  .told.far = true,
	  .fault = SETUP_RESOLVER_FAR },
	{ .name = "the AD bit does not matter without DANE",
	  .told.validation = VALIDATION_NO_AD,
	  .fault = SETUP_FAULTS },
	{ .name = "a version that is not installed",
	  .settings = BOUND "[delivery]\npostfix_version = 3.10\n",
	  .fault = SETUP_VERSION_NEWER,
	  .what = "3.7.11" },
	{ .name = "MX patterns that are not enforced yet",
	  .main = "mail_version = 3.10.4\n",
	  .settings = BOUND "[delivery]\npostfix_version = 3.10.5\n",
	  .fault = SETUP_VERSION_NEWER },
	{ .name = "a version that was left behind",
	  .main = NEW_MAIN,
	  .fault = SETUP_VERSION_OLDER,
	  .what = "(unset)" },
	{ .name = "3.4 is as good as 3.9",
	  .settings = BOUND "[delivery]\npostfix_version = 3.4.1\n",
	  .main = "mail_version = 3.9.2\n",
	  .fault = SETUP_FAULTS },
	{ .name = "patterns off",
	  .main = "smtp_tls_enforce_sts_mx_patterns = no\n" NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_PATTERNS_OFF },
	{ .name = "could be bound", .settings = "", .fault = SETUP_BOUND_COULD },
	{ .name = "no outcomes",
	  .main = "smtp_tlsrpt_enable = no\n" NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_TLSRPT_OFF,
	  .remedy = "mta-sts/tlsrpt.sock" },
	{ .name = "outcomes to nobody",
	  .main = "smtp_tlsrpt_socket_name =\n" NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_TLSRPT_ELSEWHERE,
	  .what = "= (empty) is not" },
	{ .name = "outcomes to another",
	  .main = "smtp_tlsrpt_socket_name = /run/tlsrpt\n" NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_TLSRPT_ELSEWHERE },
	{ .name = "nobody takes outcomes",
	  .main = NEW_MAIN,
	  .settings = NEW_OURS,
	  .told.tlsrpt = REACH_ABSENT,
	  .fault = SETUP_TLSRPT_ABSENT },
	{ .name = "outcomes may not be written",
	  .main = NEW_MAIN,
	  .settings = NEW_OURS,
	  .told.tlsrpt = REACH_FORBIDDEN,
	  .fault = SETUP_TLSRPT_FORBIDDEN },
	{ .name = "senders may ask for less",
	  .main = NEW_MAIN,
	  .settings = NEW_OURS,
	  .fault = SETUP_TLS_REQUIRED_ON },
};

static void check_row(const struct row *row)
{
	AUTO(arena_release) struct arena arena;
	AUTO(setup_report_release) struct setup_report r;
	struct told told = row->told;
	const struct setup_world w = WORLD(!told.not_root);
	struct settings *s = settings_of(row->settings);
	struct postfix_facts f;
	bool found = row->fault == SETUP_FAULTS;

	arena_init(&arena, 1 << 22);
	setup_report_init(&r);
	facts_of(row->main, row->overrides, row->columns, NULL, &arena, &f);
	setup_postfix_check(&f, s, &w, &r);
	assert_false(r.failed);
	for (size_t i = 0; i < r.n; i++) {
		const struct setup_finding *v = &r.v[i];

		if (v->fault == row->fault) {
			found = true;
			if (row->what != NULL && strstr(v->what, row->what) == NULL)
				fail_msg("%s: found '%s', not '%s'", row->name, v->what, row->what);
			if (row->remedy != NULL && strstr(v->remedy, row->remedy) == NULL)
				fail_msg("%s: remedy '%s', not '%s'", row->name, v->remedy,
					 row->remedy);
		} else if (setup_fault_state(v->fault) > SETUP_NOTE) {
			fail_msg("%s: also found '%s'", row->name, v->what);
		}
	}
	if (!found)
		fail_msg("%s: not found", row->name);
	settings_free(s);
}

static void test_faults(void **state)
{
	bool planted[SETUP_FAULTS] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(&rows[i]);
		if (rows[i].fault != SETUP_FAULTS)
			planted[rows[i].fault] = true;
	}
	/* Those that come in company have cases of their own below. */
	planted[SETUP_MAP_MISSING] = planted[SETUP_LOCAL_UNJUDGED] = planted[SETUP_BOUND_FALSELY] =
		true;
	/* test_setup_instances.sh */
	planted[SETUP_MTA_SILENT] = planted[SETUP_INSTANCE_OFF] = true;
	for (size_t i = 0; i < SETUP_FAULTS; i++)
		if (!planted[i] && setup_fault_is_postfix((enum setup_fault)i))
			fail_msg("fault %zu is planted nowhere", i);
}

/* Without the map several things are so at once. */
static void test_no_map(void **state)
{
	AUTO(arena_release) struct arena arena;
	AUTO(setup_report_release) struct setup_report r;
	struct told told = { .milter = REACH_OK };
	const struct setup_world w = WORLD(true);
	struct settings *s = settings_of(BOUND);
	struct postfix_facts f;

	(void)state;
	arena_init(&arena, 1 << 22);
	setup_report_init(&r);
	facts_of("smtp_tls_policy_maps = hash:/etc/postfix/tls\n", NULL, NULL, NULL, &arena, &f);
	setup_postfix_check(&f, s, &w, &r);
	assert_true(setup_has(&r, SETUP_MAP_MISSING));
	assert_true(setup_has(&r, SETUP_BOUND_FALSELY));
	assert_true(setup_has(&r, SETUP_LOCAL_UNJUDGED));
	assert_int_equal(setup_worst(&r, SETUP_CHECK_POLICY_MAP), SETUP_WARNING);
	assert_int_equal(setup_worst(&r, SETUP_CHECK_BOUND), SETUP_PROBLEM);
	settings_free(s);
}

/* What makes delivery_bound = yes false beside that. */
static void test_not_bound(void **state)
{
	static const char *const mains[] = {
		"smtp_fallback_relay = [relay.example]\n",
		"smtp_tls_policy_maps = static:may " OURS "\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(arena_release) struct arena arena;
		AUTO(setup_report_release) struct setup_report r;
		struct told told = { .wall = "static:may" };
		const struct setup_world w = WORLD(true);
		struct settings *s = settings_of(BOUND);
		struct postfix_facts f;

		arena_init(&arena, 1 << 22);
		setup_report_init(&r);
		facts_of(mains[i], NULL, NULL, NULL, &arena, &f);
		setup_postfix_check(&f, s, &w, &r);
		assert_true(setup_has(&r, SETUP_BOUND_FALSELY));
		settings_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_no_map),
		cmocka_unit_test(test_not_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
