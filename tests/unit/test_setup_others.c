/* Every fault that `mta-sts setup sendmail|exim --check` knows, planted into what real ones tell about a good set-up: a sendmail.cf made by Debian's
 * sendmail-cf 8.17.1, and Exim 4.96's own print of Debian's configuration with our examples. */
#include "tests/unit/test.h"

#include "common/base/cleanup.h"
#include "milter/command/setup_exim.h"
#include "milter/command/setup_sendmail.h"
#include "milter/shared/input.h"
#include "tests/unit/setup_kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct told {
	enum setup_reach reach;
	const char *no_file;
	const char *open; /* a directory that everybody may write to */
	mode_t mode;
	const struct setup_guise *guise; /* who has to look; NULL: whoever does */
};

struct row {
	const char *name;
	const char *from, *to; /* the first of it in the configuration, replaced */
	const char *settings;
	struct told told;
	enum setup_fault fault; /* SETUP_FAULTS: none */
	const char *what;
	const char *built; /* a word that is not compiled in */
};

#define UNBOUND "[action]\ndelivery_bound = no\n"

/* clang-format off */
static const struct row sendmail_rows[] = {
	{ .name = "nothing is wrong", .fault = SETUP_FAULTS },
	{ .name = "no milters compiled in", .built = "MILTER", .fault = SETUP_SM_NOT_BUILT, .what = "MILTER" },
	{ .name = "no MTA-STS compiled in", .built = "_FFR_MTA_STS", .fault = SETUP_SM_NOT_BUILT, .what = "_FFR_MTA_STS" },
	{ .name = "no names compiled in", .built = "_FFR_TLS_ALTNAMES", .fault = SETUP_SM_NOT_BUILT, .what = "_FFR_TLS_ALTNAMES" },
	{ .name = "no milter", .from = "Xmta-sts, S=local:/var/spool", .to = "Xother, S=local:/nowhere", .fault = SETUP_SM_MILTER_MISSING },
	{ .name = "not used", .from = "O InputMailFilters=mta-sts", .to = "O InputMailFilters=other", .fault = SETUP_SM_MILTER_UNUSED },
	{ .name = "fails open", .from = ", F=T", .to = "", .fault = SETUP_SM_ACTION_OPEN },
	{ .name = "fails hard", .from = ", F=T", .to = ", F=R", .fault = SETUP_SM_ACTION_REJECT, .what = "F=R" },
	{ .name = "gives up early", .from = "R:30s", .to = "R:9s", .fault = SETUP_SM_TIMES, .what = "9s" },
	{ .name = "gives up by default", .from = ", T=C:10s;S:10s;R:30s;E:60s", .to = "", .fault = SETUP_SM_TIMES, .what = "10s" },
	{ .name = "the milter is away", .told.reach = REACH_ABSENT, .fault = SETUP_MILTER_ABSENT },
	{ .name = "the milter may not be asked", .told.reach = REACH_FORBIDDEN, .fault = SETUP_MILTER_FORBIDDEN },
	{ .name = "not root", .from = "O InputMailFilters", .to = "O RunAsUser=smmta\nO InputMailFilters", .told.guise = &(const struct setup_guise){ .user = "smmta" }, .fault = SETUP_FAULTS },
	{ .name = "not root, and another group", .from = "O InputMailFilters", .to = "O RunAsUser=smmta:mail\nO InputMailFilters", .told.guise = &(const struct setup_guise){ .user = "smmta", .group = "mail" }, .fault = SETUP_FAULTS },
	{ .name = "everybody may write beside the milter", .told = { .open = "/var/spool/postfix/mta-sts", .mode = 0777 }, .fault = SETUP_SM_MILTER_UNSAFE, .what = "/var/spool/postfix/mta-sts" },
	{ .name = "a group may", .told = { .open = "/var/spool/postfix", .mode = 0775 }, .fault = SETUP_SM_MILTER_UNSAFE },
	{ .name = "a sticky directory", .told = { .open = "/var", .mode = 01777 }, .fault = SETUP_SM_MILTER_UNSAFE },
	{ .name = "the root directory", .told = { .open = "/", .mode = 0777 }, .fault = SETUP_SM_MILTER_UNSAFE },
	{ .name = "a directory that is not on the way", .told = { .open = "/var/spool/post", .mode = 0777 }, .fault = SETUP_FAULTS },
	{ .name = "a group that is trusted", .from = "O InputMailFilters", .to = "O DontBlameSendmail=safe,groupwritabledirpathsafe\nO InputMailFilters", .told = { .open = "/var/spool", .mode = 0775 }, .fault = SETUP_FAULTS },
	{ .name = "everybody is not", .from = "O InputMailFilters", .to = "O DontBlameSendmail=GroupWritableDirPathSafe\nO InputMailFilters", .told = { .open = "/var/spool", .mode = 0777 }, .fault = SETUP_SM_MILTER_UNSAFE },
	{ .name = "sticky directories are trusted", .from = "O InputMailFilters", .to = "O DontBlameSendmail=TrustStickyBit\nO InputMailFilters", .told = { .open = "/var/spool", .mode = 01777 }, .fault = SETUP_FAULTS },
	{ .name = "everybody may write beside the policy service", .from = "inet:5461@127.0.0.1", .to = "local:/run/mta-sts/policy.sock", .settings = BOUND "[delivery]\nsocketmap = unix:/run/mta-sts/policy.sock\n", .told = { .open = "/run", .mode = 01777 }, .fault = SETUP_SM_MAP_UNSAFE },
	{ .name = "the policy service is away", .told.reach = REACH_ABSENT, .fault = SETUP_MAP_ABSENT },
	{ .name = "another server", .told.reach = REACH_ODD, .fault = SETUP_MAP_ODD },
	{ .name = "no map", .from = "Ksts socket", .to = "Kother socket", .settings = UNBOUND, .fault = SETUP_SM_MAP_MISSING },
	{ .name = "no map, though bound", .from = "Ksts socket", .to = "Kother socket", .fault = SETUP_BOUND_FALSELY },
	{ .name = "a wrong port", .from = "inet:5461@", .to = "inet:5462@", .settings = UNBOUND, .fault = SETUP_SM_MAP_ELSEWHERE, .what = "inet:5462@127.0.0.1" },
	{ .name = "the map fails open", .from = "-T<TMPF> ", .to = "", .fault = SETUP_SM_MAP_OPEN },
	{ .name = "the map is hasty", .from = "-d25", .to = "-d5", .fault = SETUP_SM_MAP_HASTY, .what = "20s" },
	{ .name = "the map is as patient as we are", .from = "-d25", .to = "-d20", .fault = SETUP_SM_MAP_HASTY },
	{ .name = "STS off", .from = "O StrictTransportSecurity=true", .to = "O StrictTransportSecurity=false", .settings = UNBOUND, .fault = SETUP_SM_STS_OFF },
	{ .name = "names off", .from = "O SetCertAltnames=true", .to = "#", .fault = SETUP_SM_SAN_OFF },
	{ .name = "a smart host", .from = "DS\n", .to = "DS[smart.example]\n", .settings = UNBOUND, .fault = SETUP_SM_SMART_HOST, .what = "[smart.example]" },
	{ .name = "a mailertable", .from = "Kmacro macro", .to = "Kmailertable hash -o /etc/mail/mailertable", .fault = SETUP_SM_MAILERTABLE },
	{ .name = "several recipients", .from = "Mesmtp,\t\tP=[IPC], F=", .to = "Mesmtp,\t\tP=[IPC], F=m", .fault = SETUP_SM_SHARED, .what = "esmtp" },
	{ .name = "connections are kept", .from = "O ConnectionCacheSize=0", .to = "O ConnectionCacheSize=2", .fault = SETUP_SM_KEPT, .what = "2" },
	{ .name = "a map that fails open binds nothing", .from = "-T<TMPF> ", .to = "", .fault = SETUP_BOUND_FALSELY },
	{ .name = "a mailertable's hosts are not bound", .from = "Kmacro macro", .to = "Kmailertable hash -o /etc/mail/mailertable", .fault = SETUP_BOUND_FALSELY },
	{ .name = "the second recipient is not bound", .from = "Mesmtp,\t\tP=[IPC], F=", .to = "Mesmtp,\t\tP=[IPC], F=m", .fault = SETUP_BOUND_FALSELY },
	{ .name = "the second message is not bound", .from = "O ConnectionCacheSize=0", .to = "O ConnectionCacheSize=2", .fault = SETUP_BOUND_FALSELY },
	{ .name = "no roots", .from = "O CACertPath=/etc/ssl/certs\nO CACertFile=/etc/ssl/certs/ca-certificates.crt\n", .to = "", .fault = SETUP_SM_CA_NONE },
	{ .name = "roots that cannot be read", .told.no_file = "/etc/ssl/certs/ca-certificates.crt", .fault = SETUP_SM_CA_UNREADABLE },
};

static const struct row exim_rows[] = {
	{ .name = "nothing is wrong", .told.guise = &(const struct setup_guise){ .user = "Debian-exim" }, .fault = SETUP_FAULTS },
	{ .name = "no TLS", .built = "GnuTLS", .fault = SETUP_EXIM_NOT_BUILT, .what = "TLS" },
	{ .name = "no events", .built = "Event", .fault = SETUP_EXIM_NOT_BUILT, .what = "events" },
	{ .name = "another ACL", .from = "acl_smtp_rcpt = acl_mta_sts_rcpt", .to = "acl_smtp_rcpt = acl_check_rcpt", .fault = SETUP_EXIM_ACL_MISSING, .what = "acl_check_rcpt" },
	{ .name = "no ACL", .from = "acl_smtp_rcpt = acl_mta_sts_rcpt", .to = "#", .fault = SETUP_EXIM_ACL_MISSING, .what = "not set" },
	{ .name = "another socket in the ACL", .from = "exim.sock}{rcpt", .to = "other.sock}{rcpt", .fault = SETUP_EXIM_ACL_MISSING },
	{ .name = "a hasty ACL", .from = "authenticated}}\\n}{25s}", .to = "authenticated}}\\n}{2s}", .fault = SETUP_EXIM_ACL_HASTY, .what = "2s" },
	{ .name = "an ACL that waits for less than a delivery does", .from = "authenticated}}\\n}{25s}", .to = "authenticated}}\\n}{20s}", .fault = SETUP_EXIM_ACL_HASTY, .what = "20s" },
	{ .name = "an ACL with Exim's own patience", .from = "authenticated}}\\n}{25s}", .to = "authenticated}}\\n}", .fault = SETUP_EXIM_ACL_HASTY, .what = "5s" },
	{ .name = "an ACL that knows no login", .from = "${if def:sender_host_authenticated{ authenticated}}\\n", .to = "\\n", .settings = BOUND "action_authenticated = annotate\n", .fault = SETUP_EXIM_ACL_ANONYMOUS, .what = "acl_mta_sts_rcpt" },
	{ .name = "nobody is asked for a login", .from = "${if def:sender_host_authenticated{ authenticated}}\\n", .to = "\\n", .fault = SETUP_FAULTS },
	{ .name = "no transport", .from = "{mx $domain", .to = "{nothing $domain", .settings = UNBOUND, .fault = SETUP_EXIM_TRANSPORT_MISSING },
	{ .name = "TLS is not required", .from = "hosts_require_tls = *", .to = "#", .fault = SETUP_EXIM_TRANSPORT_LAX, .what = "hosts_require_tls" },
	{ .name = "certificates are not required", .from = "false\n    tls_verify_hosts = *", .to = "false", .fault = SETUP_EXIM_TRANSPORT_LAX, .what = "tls_verify_hosts" },
	{ .name = "clear text after a failure", .from = "tls_tempfail_tryclear = false", .to = "tls_tempfail_tryclear = true", .fault = SETUP_EXIM_TRANSPORT_LAX, .what = "tls_tempfail_tryclear" },
	{ .name = "a transport without TLS binds nothing", .from = "hosts_require_tls = *", .to = "#", .fault = SETUP_BOUND_FALSELY },
	{ .name = "no SNI", .from = "tls_sni = $host", .to = "#", .fault = SETUP_EXIM_TRANSPORT_LAX, .what = "tls_sni" },
	{ .name = "roots that cannot be read", .from = "tls_verify_certificates = system", .to = "tls_verify_certificates = /nowhere.pem", .told.no_file = "/nowhere.pem", .fault = SETUP_EXIM_CA },
	{ .name = "a router before ours", .from = "begin routers\n", .to = "begin routers\nfirst:\n driver = dnslookup\n transport = remote_smtp\n", .settings = UNBOUND, .fault = SETUP_EXIM_ROUTER_LATE, .what = "first" },
	{ .name = "a smart host behind ours", .from = "begin transports", .to = "smart:\n driver = manualroute\n route_list = * smart.example byname\nbegin transports", .fault = SETUP_EXIM_SMART_HOST, .what = "smart" },
	{ .name = "no router", .from = "begin routers", .to = "begin nothing", .settings = UNBOUND, .fault = SETUP_EXIM_ROUTER_MISSING },
	{ .name = "the daemon is away", .told.reach = REACH_ABSENT, .fault = SETUP_EXIM_ABSENT },
	{ .name = "Exim may not ask", .told.reach = REACH_FORBIDDEN, .fault = SETUP_EXIM_FORBIDDEN },
	{ .name = "another server", .told.reach = REACH_ODD, .fault = SETUP_EXIM_ODD },
	{ .name = "could be bound", .settings = UNBOUND, .fault = SETUP_BOUND_COULD },
	{ .name = "our own roots", .told.no_file = "/etc/ssl/certs/ca-certificates.crt", .fault = SETUP_BUNDLE_UNREADABLE },
};
/* clang-format on */

static void reach(void *ctx, const struct setup_guise *guise, const struct setup_address *to,
		  enum setup_talk talk, const char *map, struct setup_reached *ret)
{
	const struct told *t = ctx;

	(void)to;
	if (t->guise != NULL) {
		assert_string_equal(guise->user, t->guise->user);
		assert_true((guise->group == NULL) == (t->guise->group == NULL));
		if (guise->group != NULL)
			assert_string_equal(guise->group, t->guise->group);
		assert_true(guise->one_group);
	}
	if (talk == TALK_SOCKETMAP)
		assert_string_equal(map, "sts");
	*ret = (struct setup_reached){ .word = t->reach, .why = "the reason", .cure = "the cure" };
}

static int file(void *ctx, const char *path)
{
	const struct told *t = ctx;

	return t->no_file != NULL && strcmp(t->no_file, path) == 0 ? ENOENT : 0;
}

static int directory(void *ctx, const char *path)
{
	return file(ctx, path);
}

static int mode(void *ctx, const char *path, mode_t *ret)
{
	const struct told *t = ctx;

	*ret = t->open != NULL && strcmp(t->open, path) == 0 ? t->mode : 0755;
	return 0;
}

static void fixture(const char *name, const char *from, const char *to, struct buf *ret)
{
	AUTO(buf_release) struct buf whole = { .max = 1 << 20 };
	const char *src = getenv("srcdir"), *at;
	char path[1000];

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", src != NULL ? src : ".", name);
	assert_int_equal(input_read(path, 1 << 19, &whole), 0);
	buf_init(ret, 1 << 20);
	at = from != NULL ? strstr(buf_text(&whole), from) : NULL;
	if (from != NULL && at == NULL)
		fail_msg("%s: there is no '%s'", name, from);
	if (at == NULL) {
		buf_adds(ret, buf_text(&whole));
		return;
	}
	buf_add(ret, whole.p, (size_t)(at - whole.p));
	buf_adds(ret, to);
	buf_adds(ret, at + strlen(from));
}

static void judge(const struct row *row, const struct setup_report *r)
{
	bool found = row->fault == SETUP_FAULTS;

	assert_false(r->failed);
	for (size_t i = 0; i < r->n; i++) {
		const struct setup_finding *v = &r->v[i];

		if (row->fault == SETUP_FAULTS)
			fail_msg("%s: found '%s'", row->name, v->what);
		if (v->fault != row->fault)
			continue;
		found |= row->what == NULL || strstr(v->what, row->what) != NULL;
		assert_true(strlen(v->remedy) > 5);
	}
	if (!found)
		fail_msg("%s: not found", row->name);
}

static void test_sendmail(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sendmail_rows); i++) {
		const struct row *row = &sendmail_rows[i];
		AUTO(setup_report_release) struct setup_report r;
		AUTO(buf_release) struct buf cf, built;
		struct told told = row->told;
		const struct setup_world w = { &told, true, reach, NULL, file, directory, mode };
		struct settings *s = settings_of(row->settings);
		struct sendmail_facts f = { .version = "8.17.1.9" };

		setup_report_init(&r);
		fixture("sendmail-8.17.cf", row->from, row->to, &cf);
		fixture("sendmail-8.17.built", row->built, "NOTHING", &built);
		f.cf = buf_span(&cf);
		f.built = buf_span(&built);
		setup_sendmail_check(&f, s, &w, &r);
		judge(row, &r);
		settings_free(s);
	}
}

static void test_exim(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(exim_rows); i++) {
		const struct row *row = &exim_rows[i];
		AUTO(setup_report_release) struct setup_report r;
		AUTO(buf_release) struct buf config, built;
		struct told told = row->told;
		const struct setup_world w = { &told, true, reach, NULL, file, directory, mode };
		struct settings *s = settings_of(row->settings);
		struct exim_facts f = { .version = "4.96", .user = "Debian-exim" };

		setup_report_init(&r);
		fixture("exim-4.96.config", row->from, row->to, &config);
		fixture("exim-4.96.built", row->built, "NOTHING", &built);
		f.config = buf_span(&config);
		f.built = buf_span(&built);
		setup_exim_check(&f, s, &w, &r);
		judge(row, &r);
		settings_free(s);
	}
}

/* With a smart host or a mailertable the lines are others. */
static void test_lines(void **state)
{
	static const struct {
		const char *from, *to, *line; /* "!": must not be there */
	} cases[] = {
		{ NULL, NULL, "FEATURE(`sts', `socket -d25 -T<TMPF> inet:5461@127.0.0.1')dnl" },
		{ NULL, NULL,
		  "S=local:/var/spool/postfix/mta-sts/milter.sock, F=T, "
		  "T=C:10s;S:10s;R:30s;E:60s')dnl" },
		{ NULL, NULL, "delivery_bound = yes" },
		{ "DS\n", "DSsmart.example\n", "!FEATURE(`sts', `socket" },
		{ "DS\n", "DSsmart.example\n", "delivery_bound = no" },
		{ "Kmacro macro", "Kmailertable hash /x", "delivery_bound = no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(setup_lines_release) struct setup_lines l;
		AUTO(buf_release) struct buf cf;
		struct settings *s = settings_of("");
		struct sendmail_facts f = { .version = "8.17.1.9" };

		setup_lines_init(&l);
		fixture("sendmail-8.17.cf", cases[i].from, cases[i].to, &cf);
		f.cf = buf_span(&cf);
		setup_sendmail_lines(&f, s, &l);
		assert_false(l.failed);
		if (!tells(&l, cases[i].line))
			fail_msg("case %zu: %s", i, cases[i].line);
		settings_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sendmail),
		cmocka_unit_test(test_exim),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
