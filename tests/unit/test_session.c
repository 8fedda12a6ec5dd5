/* The milter's decisions without libmilter and without an MTA: macros in, answers, header and log line out. */
#include "tests/unit/test.h"

#include "common/engine/overrides.h"
#include "milter/daemon/session.h"
#include "milter/daemon/verdict_header.h"
#include "milter/daemon/warned.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	struct door door;
	struct session *session;
};

static void tell_domain(struct stage *s, const char *domain, const char *mode, const char *probe)
{
	char mx[100], text[200], name[120];

	snprintf(mx, sizeof(mx), "mx.%s", domain);
	fake_world_tell(&s->world, "txt", domain, "\"v=STSv1; id=1;\"");
	snprintf(text, sizeof(text), "version: STSv1\\nmode: %s\\nmx: %s\\nmax_age: 86400\\n", mode,
		 mx);
	fake_world_tell(&s->world, "fetch", domain, text);
	snprintf(text, sizeof(text), "10 %s", mx);
	fake_world_tell(&s->world, "mx", domain, text);
	fake_world_tell(&s->world, "addr", mx, "20.0.0.1");
	snprintf(name, sizeof(name), "%s 20.0.0.1", mx);
	fake_world_tell(&s->world, "probe", name, probe);
}

static void open_stage(struct stage *s, const char *config)
{
	struct buf error;

	memset(s, 0, sizeof(*s));
	fake_world_init(&s->world);
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.store = fake_store_port(s->store);
	buf_init(&error, 1000);
	if (settings_parse(span_of(config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	s->settings->workers = 0;
	s->engine = engine_new(&s->env, s->settings);
	s->door = (struct door){ .engine = s->engine,
				 .env = &s->env,
				 .settings = s->settings,
				 .log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "test"),
				 .authority = "mail.own.example",
				 .warned = warned_new() };
	s->session = session_new(&s->door);
	tell_domain(s, "good.example", "enforce", "ok");
	tell_domain(s, "bad.example", "enforce", "certificate-expired");
	tell_domain(s, "trial.example", "testing", "starttls-missing");
	fake_world_tell(&s->world, "txt", "dead.example", "servfail");
}

static void close_stage(struct stage *s)
{
	session_free(s->session);
	warned_free(s->door.warned);
	log_close(s->door.log);
	engine_free(s->engine);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
}

static void connect_from(struct stage *s, const char *mta, const char *client)
{
	struct netaddr a;

	assert_true(netaddr_parse(span_of(client), &a));
	session_connect(s->session, mta, &a);
}

static enum answer rcpt(struct stage *s, const char *mailer, const char *host, const char *addr,
			struct rcpt_reply *ret)
{
	struct session_rcpt r = { .arg = addr, .mailer = mailer, .host = host, .addr = addr };

	session_rcpt(s->session, &r, ret);
	return ret->answer;
}

static void answers(void **state)
{
	static const struct {
		const char *config, *mta, *login, *mailer, *host, *addr;
		enum answer want;
		const char *code;
	} cases[] = {
		{ "", "Postfix 3.7.11", NULL, "smtp", "good.example", "u@good.example",
		  ANSWER_ACCEPT, "" },
		{ "", "Postfix 3.7.11", NULL, "smtp", "bad.example", "u@bad.example",
		  ANSWER_TEMPFAIL, "4.7.5" },
		{ "", "Postfix 3.7.11", NULL, "smtp", "trial.example", "u@trial.example",
		  ANSWER_ACCEPT, "" },
		{ "", "Postfix 3.7.11", NULL, "smtp", "dead.example", "u@dead.example",
		  ANSWER_TEMPFAIL, "4.4.3" },
		{ "", "8.17.1.9", NULL, "esmtp", "bad.example.", "u@bad.example", ANSWER_TEMPFAIL,
		  "4.7.5" },
		/* the MTA has said no already */
		{ "", "Postfix 3.7.11", NULL, "error", "5.1.1", "u@bad.example", ANSWER_ACCEPT,
		  "" },
		/* RFC 8461 s3.4: the smart host's policy, not the recipient's */
		{ "", "Postfix 3.7.11", NULL, "smtp", "[smart.example]:587", "u@bad.example",
		  ANSWER_ACCEPT, "" },
		/* inbound */
		{ "", "Postfix 3.7.11", NULL, "relay", "bad.example", "u@bad.example",
		  ANSWER_ACCEPT, "" },
		/* non_smtpd_milters: no macros */
		{ "", "Postfix 3.7.11", NULL, NULL, NULL, "u@bad.example", ANSWER_ANNOTATE, "" },
		{ "[action]\naction_local = action\n", "Postfix 3.7.11", NULL, NULL, NULL,
		  "u@bad.example", ANSWER_TEMPFAIL, "4.7.5" },
		/* another MTA that sends no macros is judged by address */
		{ "", NULL, NULL, NULL, NULL, "<u@bad.example>", ANSWER_TEMPFAIL, "4.7.5" },
		/* who is authenticated */
		{ "[action]\naction_authenticated = annotate\n", "Postfix 3.7.11", "joe", "smtp",
		  "bad.example", "u@bad.example", ANSWER_ANNOTATE, "" },
		{ "[action]\naction_authenticated = annotate\n", "Postfix 3.7.11", NULL, "smtp",
		  "bad.example", "u@bad.example", ANSWER_TEMPFAIL, "4.7.5" },
		{ "[action]\naction_authenticated = annotate\nauthenticated_networks = "
		  "203.0.113.0/24\n",
		  "Postfix 3.7.11", NULL, "smtp", "bad.example", "u@bad.example", ANSWER_ANNOTATE,
		  "" },
		{ "[action]\naction = annotate\naction_authenticated = tempfail\n",
		  "Postfix 3.7.11", "joe", "smtp", "bad.example", "u@bad.example", ANSWER_TEMPFAIL,
		  "4.7.5" },
		{ "[action]\naction = annotate\n", "Postfix 3.7.11", NULL, "smtp", "bad.example",
		  "u@bad.example", ANSWER_ANNOTATE, "" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rcpt_reply reply;
		struct stage s;

		open_stage(&s, cases[i].config);
		connect_from(&s, cases[i].mta, "203.0.113.9");
		session_mail(s.session, cases[i].login);
		rcpt(&s, cases[i].mailer, cases[i].host, cases[i].addr, &reply);
		if (reply.answer != cases[i].want || strcmp(reply.code, cases[i].code) != 0)
			fail_msg("case %zu (%s): got %s %s", i, cases[i].addr,
				 answer_name(reply.answer), reply.code);
		close_stage(&s);
	}
}

static void the_reply_says_why(void **state)
{
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply);
	assert_non_null(strstr(reply.text, "bad.example"));
	assert_non_null(strstr(reply.text, "mx.bad.example"));
	assert_non_null(strstr(reply.text, "[20.0.0.1]"));
	assert_non_null(strstr(reply.text, "has expired"));
	assert_non_null(strstr(reply.text, "RFC 8461 s4.2"));
	assert_non_null(strstr(reply.text, "MTA-STS enforce policy of bad.example"));
	close_stage(&s);
}

/* ... and who says so: under DANE it is nothing that the policy demands (RFC 8461 s2). */
static void the_reply_says_who_decided(void **state)
{
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "");
	fake_world_tell(&s.world, "mx", "bad.example", "secure 10 mx.bad.example");
	fake_world_tell(&s.world, "addr", "mx.bad.example", "secure 20.0.0.1");
	fake_world_tell(&s.world, "tlsa", "mx.bad.example", "\"3 1 1 aa*32\"");
	fake_world_tell(&s.world, "dane", "mx.bad.example 20.0.0.1", "dane-mismatch");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_TEMPFAIL);
	assert_string_equal(reply.code, "4.7.5");
	assert_non_null(strstr(reply.text, "DANE check of bad.example: "));
	assert_non_null(strstr(reply.text, "matches none of its TLSA records"));
	assert_non_null(strstr(reply.text, "(MX mx.bad.example[20.0.0.1])"));
	assert_non_null(strstr(reply.text, "[RFC 7672 s2.2]"));
	/* what MTA-STS demands as well is DANE's demand here */
	fake_world_tell(&s.world, "dane", "mx.bad.example 20.0.0.1", "starttls-missing");
	fake_world_pass(&s.world, 3600);
	rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply);
	assert_non_null(strstr(reply.text, "does not offer STARTTLS"));
	assert_non_null(strstr(reply.text, "[RFC 7672 s2.2]"));
	close_stage(&s);
}

/* A blind recipient must leave no trace: the header is the same, but for the id. */
static void blind_recipients_leave_no_trace(void **state)
{
	char one[HEADER_SIZE], two[HEADER_SIZE];
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	rcpt(&s, "smtp", "good.example", "u@good.example", &reply);
	session_eom(s.session, "Q1", one);
	session_mail(s.session, NULL);
	rcpt(&s, "smtp", "good.example", "u@good.example", &reply);
	rcpt(&s, "smtp", "good.example", "blind@good.example", &reply);
	rcpt(&s, "smtp", "bad.example", "deferred@bad.example", &reply);
	rcpt(&s, "local", "own.example", "local@own.example", &reply);
	session_eom(s.session, "Q2", two);
	assert_int_equal(strlen(one), strlen(two));
	assert_string_equal(strstr(one, "; result="), strstr(two, "; result="));
	assert_string_equal(strstr(one, "; result="), "; result=pass");
	assert_true(strncmp(one, "mail.own.example; id=", 21) == 0);
	assert_true(strcmp(one, two) != 0);
	close_stage(&s);
}

static void the_worst_recipient_counts(void **state)
{
	char header[HEADER_SIZE];
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "[action]\naction = annotate\n");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	rcpt(&s, "smtp", "good.example", "u@good.example", &reply);
	rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply);
	rcpt(&s, "smtp", "none.example", "u@none.example", &reply);
	session_eom(s.session, "Q1", header);
	assert_non_null(strstr(header, "result=fail"));
	/* and the next message of the session starts afresh */
	session_mail(s.session, NULL);
	rcpt(&s, "smtp", "none.example", "u@none.example", &reply);
	session_eom(s.session, "Q2", header);
	assert_non_null(strstr(header, "result=none"));
	close_stage(&s);
}

static void forms_of_our_name(void **state)
{
	static const struct {
		const char *value;
		bool ours;
	} cases[] = {
		{ "mail.own.example; id=1", true },
		{ "mail.own.example", true },
		{ "mail.own.example.; id=1", true },
		{ "mail.own.example(x); id=1", true },
		{ "\"mail.own.example\"; id=1", true },
		{ "\"mail\\.own.example\"; id=1", true },
		{ " ( a \\) b ) MAIL.own.example ; id=1", true },
		{ "\r\n\tmail.own.example\r\n ;id=1", true },
		{ "mail.own.example.evil; id=1", false },
		{ "mail.own.examples; id=1", false },
		{ "x.mail.own.example; id=1", false },
		{ "mail\\.own.example; id=1", false },
		{ "(mail.own.example; id=1", false },
		{ "\"mail.own", false },
		{ "\"mail.own.example\\", false },
		{ "", false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (verdict_header_claims(cases[i].value, "mail.own.example") != cases[i].ours)
			fail_msg("%s", cases[i].value);
}

static void forged_verdicts_go(void **state)
{
	char header[HEADER_SIZE];
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	session_header(s.session, "Subject", "mail.own.example; result=pass");
	session_header(s.session, "MTA-STS-Verdict", "mail.own.example; id=1; result=pass");
	session_header(s.session, "mta-sts-verdict", "other.example; id=1; result=pass");
	session_header(s.session, "MTA-STS-Verdict",
		       "\r\n (x(y)) MAIL.OWN.EXAMPLE; id=1; result=pass");
	session_eom(s.session, "Q", header);
	assert_int_equal(session_verdicts_seen(s.session), 3);
	assert_true(session_removes(s.session, 1));
	assert_false(session_removes(s.session, 2));
	assert_true(session_removes(s.session, 3));
	assert_string_not_equal(header, "");
	/* re-injected mail keeps what we said before */
	connect_from(&s, "Postfix 3.7.11", "127.0.0.1");
	session_mail(s.session, NULL);
	session_header(s.session, "MTA-STS-Verdict", "mail.own.example; id=1; result=fail");
	session_eom(s.session, "Q", header);
	assert_false(session_removes(s.session, 1));
	assert_string_equal(header, "");
	close_stage(&s);
}

/* More instances than we tell apart: the ones behind are removed, never trusted. */
static void a_flood_of_verdicts(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	for (int i = 0; i < 5000; i++)
		session_header(s.session, "MTA-STS-Verdict", "other.example; result=pass");
	session_header(s.session, "MTA-STS-Verdict", "mail.own.example; result=pass");
	assert_int_equal(session_verdicts_seen(s.session), 5001);
	assert_false(session_removes(s.session, 4096));
	assert_true(session_removes(s.session, 5001));
	close_stage(&s);
}

static void hostile_recipients(void **state)
{
	static const char *const addrs[] = {
		"",
		"<>",
		"<@>",
		"<u@>",
		"<u@.example>",
		"<u@bad..example>",
		"<@a.example,@b.example:u@c.example>",
		"<\"a@bad.example\"@none.example>",
		"<u%bad.example@none.example>",
		"<bad.example!u@none.example>",
		"<u@[192.0.2.1]>",
		"<u@[IPv6:2001:db8::1]>",
		("<u@b\xc3\xbc"
		 "cher.example>"),
		"<u@\xff\xfe>",
		"%s%n%d@%s.example",
		"<u@bad.example.>",
	};
	struct rcpt_reply reply;
	struct stage s;
	char longest[400];
	(void)state;

	open_stage(&s, "");
	session_connect(s.session, NULL, NULL);
	session_mail(s.session, NULL);
	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		rcpt(&s, NULL, NULL, addrs[i], &reply);
		for (const char *p = reply.text; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
	}
	/* the last one is not a way round the policy */
	assert_int_equal(reply.answer, ANSWER_TEMPFAIL);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "u@", 2);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(rcpt(&s, NULL, NULL, longest, &reply), ANSWER_ACCEPT);
	close_stage(&s);
}

static int64_t real_mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pass_through(void *gate, const char *kind)
{
	(void)kind;
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
}

/* Postfix gives up after 30 seconds: a list of destinations has no more time than one. */
static void several_destinations_share_the_deadline(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct rcpt_reply reply;
	struct stage s;
	int64_t took;
	(void)state;

	open_stage(&s, "[milter]\nrcpt_deadline = 300ms\n");
	engine_free(s.engine);
	s.env.clock.mono = real_mono;
	s.world.before = pass_through;
	s.world.before_arg = &gate;
	s.settings->workers = 1;
	s.door.engine = s.engine = engine_new(&s.env, s.settings);
	connect_from(&s, "Postfix 3.7.11", "192.0.2.1");
	session_mail(s.session, NULL);
	pthread_mutex_lock(&gate);
	took = real_mono(NULL);
	rcpt(&s, "smtp", "[a.example], [b.example], [c.example], [d.example], [e.example]",
	     "u@x.example", &reply);
	took = real_mono(NULL) - took;
	pthread_mutex_unlock(&gate);
	assert_int_equal(reply.answer, ANSWER_TEMPFAIL);
	assert_in_range(took, 300, 1200); /* not 1500 */
	close_stage(&s);
}

static void override_for(struct stage *s, const char *until, const char *domain, const char *mode,
			 const char *mx)
{
	const struct override_words words = { .domain = span_of(domain),
					      .mode = span_of(mode),
					      .until = span_of(until),
					      .reason = span_of("a secret of ours"),
					      .mx = span_of(mx) };
	struct override *wanted = NULL, *added = NULL;

	assert_int_equal(override_read(&words, s->world.wall, &wanted, NULL), 0);
	assert_int_equal(overrides_add(engine_overrides(s->engine), wanted, &added), 0);
	override_unref(wanted);
	override_unref(added);
}

static void override(struct stage *s, const char *domain, const char *mode, const char *mx)
{
	override_for(s, "+1d", domain, mode, mx);
}

/* By either clock, and without waiting for the housekeeper. */
static void an_override_ends_to_the_second(void **state)
{
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	override_for(&s, "10s", "bad.example", "none", "");
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_ACCEPT);
	s.world.wall += 9;
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_ACCEPT);
	s.world.wall += 1;
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_TEMPFAIL);
	override_for(&s, "10s", "bad.example", "none", "");
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_ACCEPT);
	s.world.mono += 9999;
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_ACCEPT);
	s.world.mono += 1;
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_TEMPFAIL);
	close_stage(&s);
}

/* The sender learns whom to ask, not what was written for the operator's colleagues. */
static void the_reply_names_an_override(void **state)
{
	static const char us[] = "MTA-STS policy that the operator of this server has set for";
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "");
	connect_from(&s, "Postfix 3.7.11", "203.0.113.9");
	session_mail(s.session, NULL);
	override(&s, "bad.example", "none", "");
	assert_int_equal(rcpt(&s, "smtp", "bad.example", "u@bad.example", &reply), ANSWER_ACCEPT);
	override(&s, "good.example", "enforce", "other.example");
	assert_int_equal(rcpt(&s, "smtp", "good.example", "u@good.example", &reply),
			 ANSWER_TEMPFAIL);
	assert_string_equal(reply.code, "4.7.5");
	assert_non_null(strstr(reply.text, us));
	assert_non_null(strstr(reply.text, "mx.good.example"));
	assert_non_null(strstr(reply.text, "not listed"));
	assert_null(strstr(reply.text, "secret"));
	override(&s, "none.example", "enforce", "");
	assert_int_equal(rcpt(&s, "smtp", "none.example", "u@none.example", &reply),
			 ANSWER_TEMPFAIL);
	assert_non_null(strstr(reply.text, us));
	assert_non_null(strstr(reply.text, "none is known"));
	close_stage(&s);
}

/* RFC 8461 s3.3 for the operator's words too: what is known already binds those who cannot wait. */
static void an_override_binds_before_anybody_has_answered(void **state)
{
	static const struct {
		const char *domain, *mode, *mx;
		enum answer want;
	} cases[] = {
		{ "a.example", "none", "", ANSWER_ACCEPT },
		{ "b.example", "testing", "", ANSWER_ACCEPT },
		{ "c.example", "enforce", "", ANSWER_TEMPFAIL },
		{ "d.example", "enforce", "*.d.example", ANSWER_TEMPFAIL },
	};
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	/* Without an override all of them would be let through. */
	open_stage(&s, "[milter]\nrcpt_deadline = 100ms\n[action]\ntxt_failure = accept\n");
	engine_free(s.engine);
	s.env.clock.mono = real_mono;
	s.world.before = pass_through;
	s.world.before_arg = &gate;
	s.settings->workers = 1;
	s.door.engine = s.engine = engine_new(&s.env, s.settings);
	connect_from(&s, "Postfix 3.7.11", "192.0.2.1");
	session_mail(s.session, NULL);
	pthread_mutex_lock(&gate);
	assert_int_equal(rcpt(&s, "smtp", "d.example", "u@d.example", &reply), ANSWER_ACCEPT);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		override(&s, cases[i].domain, cases[i].mode, cases[i].mx);
		rcpt(&s, "smtp", cases[i].domain, "u@x.example", &reply);
		if (reply.answer != cases[i].want)
			fail_msg("%s: %s", cases[i].domain, answer_name(reply.answer));
		if (reply.answer == ANSWER_TEMPFAIL)
			assert_non_null(strstr(reply.text, "the operator of this server"));
	}
	pthread_mutex_unlock(&gate);
	close_stage(&s);
}

static void hold_fetches(void *gate, const char *kind)
{
	if (strcmp(kind, "fetch") == 0)
		pass_through(gate, kind);
}

/* What the operator has spelled out needs no policy host: one that hangs delays the first message, and stops none. */
static void a_static_policy_needs_no_policy_host(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "[milter]\nrcpt_deadline = 300ms\n");
	engine_free(s.engine);
	s.env.clock.mono = real_mono;
	s.world.before = hold_fetches;
	s.world.before_arg = &gate;
	s.settings->workers = 1;
	s.door.engine = s.engine = engine_new(&s.env, s.settings);
	connect_from(&s, "Postfix 3.7.11", "192.0.2.1");
	session_mail(s.session, NULL);
	override(&s, "good.example", "enforce", "mx.good.example");
	pthread_mutex_lock(&gate);
	rcpt(&s, "smtp", "good.example", "u@good.example", &reply);
	pthread_mutex_unlock(&gate);
	assert_int_equal(reply.answer, ANSWER_ACCEPT);
	close_stage(&s);
}

/* A check that began before the operator's word and lands after it answers by the word. */
static void an_answer_from_before_the_override_is_not_believed(void **state)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct rcpt_reply reply;
	struct stage s;
	(void)state;

	open_stage(&s, "[milter]\nrcpt_deadline = 100ms\n");
	engine_free(s.engine);
	s.env.clock.mono = real_mono;
	s.world.before = pass_through;
	s.world.before_arg = &gate;
	s.settings->workers = 1;
	s.settings->rcpt_deadline = 100;
	s.door.engine = s.engine = engine_new(&s.env, s.settings);
	connect_from(&s, "Postfix 3.7.11", "192.0.2.1");
	session_mail(s.session, NULL);
	pthread_mutex_lock(&gate);
	rcpt(&s, "smtp", "good.example", "u@good.example",
	     &reply); /* its check begins, and hangs */
	override(&s, "good.example", "enforce", "other.example");
	pthread_mutex_unlock(&gate);
	s.settings->rcpt_deadline = 10000;
	assert_int_equal(rcpt(&s, "smtp", "good.example", "u@good.example", &reply),
			 ANSWER_TEMPFAIL);
	assert_non_null(strstr(reply.text, "not listed"));
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(the_reply_says_why),
		cmocka_unit_test(the_reply_says_who_decided),
		cmocka_unit_test(blind_recipients_leave_no_trace),
		cmocka_unit_test(the_worst_recipient_counts),
		cmocka_unit_test(forms_of_our_name),
		cmocka_unit_test(forged_verdicts_go),
		cmocka_unit_test(a_flood_of_verdicts),
		cmocka_unit_test(hostile_recipients),
		cmocka_unit_test(several_destinations_share_the_deadline),
		cmocka_unit_test(the_reply_names_an_override),
		cmocka_unit_test(an_override_ends_to_the_second),
		cmocka_unit_test(an_override_binds_before_anybody_has_answered),
		cmocka_unit_test(a_static_policy_needs_no_policy_host),
		cmocka_unit_test(an_answer_from_before_the_override_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
