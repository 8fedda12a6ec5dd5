/* Every fault that `mta-sts setup postfix --check` knows, planted into what a real Postfix 3.7.11 tells about a good set-up. */
#include "config.h"

#include "milter/command/setup_postfix.h"

#include "common/base/cleanup.h"
#include "milter/shared/input.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct told {
	enum setup_reach milter, policy, tlsrpt;
	enum setup_validation validation;
	bool far, not_root;
	const char *no_file, *no_directory; /* the path that is missing */
	const char *wall, *broken;	    /* tables */
};

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

#define BOUND	  "[action]\ndelivery_bound = yes\n"
#define DANE_MAIN "smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec\n"
#define DANE_OURS BOUND "[delivery]\ndane = postfix\n"
#define NEW_MAIN                                                                                   \
	"mail_version = 3.10.13\nsmtp_tlsrpt_enable = yes\nsmtp_tlsrpt_socket_name = "             \
	"mta-sts/tlsrpt.sock\n"                                                                    \
	"smtp_tls_enforce_sts_mx_patterns = yes\ntls_required_enable = yes\n"
#define NEW_OURS BOUND "[delivery]\npostfix_version = 3.10.13\n"
#define OURS	 "socketmap:unix:mta-sts/policy.sock:postfix"

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

static void reach(void *ctx, const struct setup_guise *guise, const struct setup_address *to,
		  enum setup_talk talk, const char *map, struct setup_reached *ret)
{
	const struct told *t = ctx;

	assert_string_equal(guise->user, "postfix");
	assert_string_equal(guise->cwd, "/var/spool/postfix");
	assert_true(to->path != NULL || to->port != 0);
	if (talk == TALK_SOCKETMAP)
		assert_string_equal(map, "postfix");
	*ret = (struct setup_reached){ .word = talk == TALK_MILTER	? t->milter
					       : talk == TALK_SOCKETMAP ? t->policy
									: t->tlsrpt,
				       .why = "the reason",
				       .cure = "the cure" };
}

static void resolver(void *ctx, const struct setup_guise *guise, struct setup_resolver *ret)
{
	const struct told *t = ctx;

	assert_string_equal(guise->user, "postfix");
	assert_string_equal(guise->root, "/var/spool/postfix");
	*ret = (struct setup_resolver){ .word = t->validation,
					.servers = "192.0.2.53",
					.far = t->far };
}

static int file(void *ctx, const char *path)
{
	const struct told *t = ctx;

	return t->no_file != NULL && strcmp(t->no_file, path) == 0 ? ENOENT : 0;
}

static int directory(void *ctx, const char *path)
{
	const struct told *t = ctx;

	return t->no_directory != NULL && strcmp(t->no_directory, path) == 0 ? ENOENT : 0;
}

static enum setup_answer table(void *ctx, const char *config, const char *name, char why[200])
{
	const struct told *t = ctx;

	(void)config;
	snprintf(why, 200, "no such file");
	if (t->wall != NULL && strcmp(t->wall, name) == 0)
		return TABLE_ANSWERS;
	return t->broken != NULL && strcmp(t->broken, name) == 0 ? TABLE_BROKEN : TABLE_SILENT;
}

static void fixture(const char *name, const char *before, struct buf *ret)
{
	const char *src = getenv("srcdir");
	char path[1000];

	snprintf(path, sizeof(path), "%s/tests/fixtures/postconf-3.7.%s", src != NULL ? src : ".",
		 name);
	buf_init(ret, 1 << 20);
	buf_adds(ret, before != NULL ? before : "");
	assert_int_equal(input_read(path, 1 << 19, ret), 0);
}

static struct settings *settings_of(const char *text)
{
	AUTO(buf_release) struct buf error = { .max = 2000 };
	struct settings *s = NULL;

	if (settings_parse(span_of(text != NULL ? text : BOUND), "test", &s, &error) != 0)
		fail_msg("%s", buf_text(&error));
	return s;
}

/* column: a line that takes the place of the one of that name. */
static void facts_of(const char *main, const char *overrides, const char *columns,
		     const char *column, struct arena *arena, struct postfix_facts *ret)
{
	AUTO(buf_release) struct buf m, c, o;
	char *at = NULL;

	fixture("main", main, &m);
	fixture("columns", columns, &c);
	fixture("overrides", overrides, &o);
	if (column != NULL) { /* "smtp/unix/chroot = n": the last character is what differs */
		AUTO(buf_release) struct buf line = { .max = 200 };

		buf_addf(&line, "\n%.*s", (int)strlen(column) - 1, column);
		at = strstr(c.p, buf_text(&line));
		assert_non_null(at);
		at[line.n] = column[strlen(column) - 1];
	}
	*ret = (struct postfix_facts){ .version = NULL };
	assert_int_equal(postfix_facts_parse(buf_span(&m), buf_span(&c), buf_span(&o), arena, ret),
			 0);
}

#define WORLD(root)                                                                                \
	{                                                                                          \
		&told, root, reach, resolver, file, directory, NULL, table                         \
	}

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
		bool absent = cases[i].line[0] == '!', found = false;
		struct postfix_facts f;

		arena_init(&arena, 1 << 22);
		setup_lines_init(&l);
		facts_of(cases[i].main, NULL, NULL, NULL, &arena, &f);
		setup_postfix_lines(&f, s, &w, &l);
		assert_false(l.failed);
		for (size_t k = 0; k < l.n; k++)
			found |= l.v[k].kind != LINE_NOTE &&
				 strstr(l.v[k].text, cases[i].line + absent) != NULL;
		if (found == absent)
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
		cmocka_unit_test(test_faults),	 cmocka_unit_test(test_no_map),
		cmocka_unit_test(test_lines),	 cmocka_unit_test(test_no_chroot),
		cmocka_unit_test(test_versions), cmocka_unit_test(test_not_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
