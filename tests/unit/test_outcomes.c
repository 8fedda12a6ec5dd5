/* Counters between the MTA and the disk: gathered, written in time, never more than there is room for, never lost in silence. */
#include "tests/unit/test.h"

#include "tests/unit/control_kit.h"

#include <stdio.h>
#include <stdlib.h>

struct heard {
	unsigned lines;
	char last[LIMIT_LOG_LINE + 1];
};

static void hear(void *arg, enum log_level level, const char *line)
{
	struct heard *h = arg;

	(void)level;
	if (strncmp(line, "event=outcome ", 14) != 0)
		return;
	h->lines++;
	snprintf(h->last, sizeof(h->last), "%s", line);
}

static struct tls_outcome outcome_of(enum tls_result result, const char *mx)
{
	return (struct tls_outcome){ .policy = "type sts\n",
				     .record = "",
				     .result = result,
				     .mx = mx,
				     .helo = "helo",
				     .receiving_ip = "192.0.2.1",
				     .sending_ip = "192.0.2.2",
				     .info = "",
				     .reason = "because",
				     .count = 1,
				     .sessions = result != TLS_RESULT_SUCCESS };
}

static bool take(struct stage *s, const char *domain, enum tls_result result, const char *mx)
{
	const struct nexthop hop = nexthop_of_route(span_of(domain));
	const struct tls_outcome o = outcome_of(result, mx);
	bool doubted;

	return outcomes_take(s->outcomes, &hop, &o, &doubted);
}

struct kept {
	unsigned rows;
	uint64_t count, sessions;
	char reason[16], helo[16], mx[64];
};

static void see(void *arg, const struct tls_outcome *o)
{
	struct kept *k = arg;

	k->rows++;
	k->count += o->count;
	k->sessions += o->sessions;
	snprintf(k->reason, sizeof(k->reason), "%s", o->reason);
	snprintf(k->helo, sizeof(k->helo), "%s", o->helo);
	snprintf(k->mx, sizeof(k->mx), "%s", o->mx);
}

static struct kept kept(struct stage *s, const char *domain)
{
	struct kept k = { .rows = 0 };

	assert_int_equal(s->env.store.outcomes(s->env.store.ctx, s->world.wall / 86400, domain, "",
					       0, 10000, see, &k),
			 0);
	return k;
}

static void written_in_time(void **state)
{
	struct stage *s = *state;
	struct kept k;

	for (int i = 0; i < 1000; i++)
		assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example"));
	assert_int_equal(outcomes_status(s->outcomes).waiting, 1);
	outcomes_tick(s->outcomes);
	assert_int_equal(kept(s, "d.example").rows, 0); /* not yet */
	fake_world_pass(&s->world, OUTCOMES_EVERY / 1000);
	outcomes_tick(s->outcomes);
	k = kept(s, "d.example");
	assert_true(k.rows == 1 && k.count == 1000 && k.sessions == 1000);
	assert_int_equal(outcomes_status(s->outcomes).waiting, 0);
	assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example"));
	outcomes_flush(s->outcomes); /* at the end: at once */
	assert_int_equal(kept(s, "d.example").count, 1001);
	outcomes_flush(s->outcomes);
	assert_int_equal(kept(s, "d.example").count, 1001); /* once */
}

/* A success needs no details; a failure keeps them. */
static void what_is_kept(void **state)
{
	struct stage *s = *state;
	struct kept k;

	assert_true(take(s, "good.example", TLS_RESULT_SUCCESS, "mx.d.example"));
	assert_true(take(s, "bad.example", TLS_RESULT_VALIDATION, "mx.d.example"));
	outcomes_flush(s->outcomes);
	k = kept(s, "good.example");
	assert_string_equal(k.mx, "mx.d.example");
	assert_string_equal(k.reason, "");
	assert_string_equal(k.helo, "");
	k = kept(s, "bad.example");
	assert_string_equal(k.reason, "because");
	assert_string_equal(k.helo, "helo");
}

static void the_disk_is_gone(void **state)
{
	struct stage *s = *state;
	struct kept k;

	fake_store_break(s->store, true);
	assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example"));
	outcomes_flush(s->outcomes);
	assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example"));
	outcomes_flush(s->outcomes);
	assert_int_equal(outcomes_status(s->outcomes).waiting, 1);
	assert_int_equal(outcomes_status(s->outcomes).dropped, 0);
	fake_store_break(s->store, false);
	outcomes_flush(s->outcomes);
	k = kept(s, "d.example");
	assert_true(k.rows == 1 && k.count == 2);
}

static void no_room(void **state)
{
	struct stage *s = *state;
	char mx[64];

	fake_store_break(s->store, true);
	for (unsigned i = 0; i < OUTCOMES_ROWS; i++) {
		snprintf(mx, sizeof(mx), "mx%u.example", i);
		assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, mx));
	}
	assert_false(take(s, "d.example", TLS_RESULT_EXPIRED, "one-more.example"));
	assert_true(take(s, "d.example", TLS_RESULT_EXPIRED, "mx7.example")); /* has its counter */
	assert_int_equal(outcomes_status(s->outcomes).dropped, 1);
	outcomes_flush(s->outcomes);
	assert_int_equal(outcomes_status(s->outcomes).waiting, OUTCOMES_ROWS);
	assert_int_equal(outcomes_status(s->outcomes).dropped, 1);
	/* the database keeps so many hosts of a domain by name, and counts all */
	fake_store_break(s->store, false);
	outcomes_flush(s->outcomes);
	assert_true(kept(s, "d.example").count == OUTCOMES_ROWS + 1);
	assert_int_equal(kept(s, "d.example").rows, STORE_OUTCOMES_OF_HOSTS + 1);
	assert_int_equal(outcomes_status(s->outcomes).waiting, 0);
}

/* Half full is time enough. */
static void many_are_written_early(void **state)
{
	struct stage *s = *state;
	char domain[64];

	for (unsigned i = 0; i <= OUTCOMES_ROWS / 2; i++) {
		snprintf(domain, sizeof(domain), "d%u.example", i);
		assert_true(take(s, domain, TLS_RESULT_SUCCESS, ""));
	}
	outcomes_tick(s->outcomes);
	assert_int_equal(outcomes_status(s->outcomes).waiting, 0);
}

static void one_line_an_hour(void **state)
{
	struct stage *s = *state;
	struct heard h = { .lines = 0 };

	s->env.notice = hear;
	s->env.notice_arg = &h;
	for (int i = 0; i < 10; i++)
		take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example");
	assert_int_equal(h.lines, 1);
	assert_string_equal(h.last, "event=outcome domain=d.example mx=mx.d.example addr=192.0.2.1 "
				    "result=certificate-expired source=session policy=sts "
				    "detail=because");
	take(s, "d.example", TLS_RESULT_SUCCESS, "mx.d.example");
	assert_int_equal(h.lines, 1); /* what goes well is no line */
	take(s, "d.example", TLS_RESULT_VALIDATION, "mx.d.example");
	take(s, "e.example", TLS_RESULT_EXPIRED, "mx.d.example");
	assert_int_equal(h.lines, 3);
	fake_world_pass(&s->world, 3601);
	take(s, "d.example", TLS_RESULT_EXPIRED, "mx.d.example");
	assert_int_equal(h.lines, 4);
	assert_non_null(strstr(h.last, " unsaid=9"));
}

int main(void)
{
#define WITH_STAGE(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, control_kit_set_up, control_kit_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_STAGE(written_in_time),	    WITH_STAGE(what_is_kept),
		WITH_STAGE(the_disk_is_gone),	    WITH_STAGE(no_room),
		WITH_STAGE(many_are_written_early), WITH_STAGE(one_line_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
