/* How long a session waits, by a real clock: each recipient and all of a message together have a deadline. */
#include "tests/unit/test.h"

#include "milter/daemon/session.h"
#include "milter/daemon/warned.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { RCPT_MS = 200, MESSAGE_MS = 500, RECIPIENTS = 20 };

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	struct door door;
	struct session *session;
	pthread_mutex_t held; /* nothing is answered while the test has it */
};

static int64_t mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hold(void *arg, const char *kind)
{
	struct stage *s = arg;

	(void)kind;
	pthread_mutex_lock(&s->held);
	pthread_mutex_unlock(&s->held);
}

static void open_stage(struct stage *s)
{
	char config[120];
	struct buf error;

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->held, NULL);
	pthread_mutex_lock(&s->held);
	fake_world_init(&s->world);
	s->world.before = hold;
	s->world.before_arg = s;
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.clock.mono = mono;
	s->env.store = fake_store_port(s->store);
	snprintf(config, sizeof(config),
		 "[daemon]\nworkers = 2\n[milter]\nrcpt_deadline = %dms\nmessage_deadline = %dms\n",
		 RCPT_MS, MESSAGE_MS);
	buf_init(&error, 1000);
	if (settings_parse(span_of(config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	s->engine = engine_new(&s->env, s->settings);
	assert_non_null(s->engine);
	s->door = (struct door){ .engine = s->engine,
				 .env = &s->env,
				 .settings = s->settings,
				 .log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "test"),
				 .authority = "mail.own.example",
				 .warned = warned_new() };
	s->session = session_new(&s->door);
	session_connect(s->session, "Postfix 3.7.11", NULL);
}

static void close_stage(struct stage *s)
{
	pthread_mutex_unlock(&s->held);
	session_free(s->session);
	engine_free(s->engine);
	warned_free(s->door.warned);
	log_close(s->door.log);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	pthread_mutex_destroy(&s->held);
}

/* Returns how long the recipient had to wait. */
static int64_t rcpt(struct stage *s, const char *domain)
{
	struct session_rcpt r = { .arg = "<u@x.example>", .mailer = "smtp", .host = domain };
	struct rcpt_reply reply;
	int64_t began = mono(NULL);

	session_rcpt(s->session, &r, &reply);
	assert_int_equal(reply.answer, ANSWER_TEMPFAIL);
	assert_string_equal(reply.code, "4.4.3");
	return mono(NULL) - began;
}

static void a_recipient_and_a_message_have_deadlines(void **state)
{
	struct stage s;
	int64_t together;
	(void)state;

	open_stage(&s);
	for (int message = 0; message < 2; message++) {
		session_mail(s.session, NULL); /* the next one has all its time again */
		together = 0;
		for (int i = 0; i < RECIPIENTS; i++) {
			int64_t left = MESSAGE_MS - together, took;
			char domain[40];

			snprintf(domain, sizeof(domain), "d%d.m%d.example", i, message);
			took = rcpt(&s, domain);
			assert_true(took >= (left < RCPT_MS ? left : RCPT_MS) - 5);
			together += took;
		}
		assert_true(together >= MESSAGE_MS - 5);
		/* RECIPIENTS * RCPT_MS would be without a deadline of the message. */
		assert_true(together < RECIPIENTS * RCPT_MS - 100);
	}
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recipient_and_a_message_have_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
