/* What scenarios cannot show: deadlines, full queues and waiting rooms, with real threads and a gate that holds the workers. */
#include "tests/unit/engine_stage.h"

#include <stdlib.h>

static void pending_then_known(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "txt");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_PENDING);
	hold_kind(&s, NULL);
	/* The flight went on; whoever asks next gets its result. */
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	assert_int_equal(s.world.counts.txt, 1);
	close_stage(&s);
}

static void a_known_policy_is_not_opened_by_slowness(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "probe");
	/* Found and stored a moment ago, hosts not probed yet. */
	(void)ask(&s, "d.example", 0);
	wait_until_held(&s, 1);
	while (ask(&s, "d.example", 0) == KNOW_PENDING)
		;
	assert_int_equal(ask(&s, "d.example", 0), KNOW_ENFORCE_PENDING);
	close_stage(&s);
}

static void a_known_policy_is_not_opened_by_a_full_queue(void **state)
{
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct entry *peeked;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\nqueue = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	engine_free(s.engine); /* a restart: only the store knows */
	s.engine = engine_new(&s.env, s.settings);
	peeked = engine_peek(s.engine, &hop);
	assert_non_null(peeked);
	assert_int_equal(peeked->knowledge, KNOW_ENFORCE_PENDING);
	entry_unref(peeked);
	hold_kind(&s, "txt");
	(void)ask(&s, "a.example", 0);
	wait_until_held(&s, 1);
	(void)ask(&s, "b.example", 0); /* fills the queue */
	assert_int_equal(ask(&s, "c.example", 0), KNOW_BUSY);
	assert_int_equal(ask(&s, "d.example", 0), KNOW_ENFORCE_PENDING);
	close_stage(&s);
}

static void tell_failing_dane(struct stage *s)
{
	fake_world_tell(&s->world, "mx", "d.example", "secure 10 mx.d.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "secure 20.0.0.1");
	fake_world_tell(&s->world, "tlsa", "mx.d.example", "\"3 1 1 aa*32\"");
	fake_world_tell(&s->world, "dane", "mx.d.example 20.0.0.1", "dane-mismatch");
}

/* ... nor by an override whose check hangs (RFC 8461 s2). */
static void dane_is_not_opened_by_an_override(void **state)
{
	struct override_words words = { .domain = span_of("d.example"),
					.mode = span_of("none"),
					.until = span_of("+2d"),
					.reason = span_of("test") };
	struct override *wanted, *added;
	struct buf error;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	tell_failing_dane(&s);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_FAILED);
	buf_init(&error, 1000);
	assert_int_equal(override_read(&words, s.world.wall, &wanted, &error), 0);
	hold_kind(&s, "mx");
	assert_int_equal(overrides_add(engine_overrides(s.engine), wanted, &added), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask(&s, "d.example", 0), KNOW_DANE_UNKNOWN);
	override_unref(wanted);
	override_unref(added);
	buf_release(&error);
	close_stage(&s);
}

/* RFC 7672 s2.2: neither is DANE, although the policy is only being tested. */
static void dane_is_not_opened_by_slowness(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_world_tell(&s.world, "fetch", "d.example",
			"version: STSv1\\nmode: testing\\nmx: mx.d.example\\nmax_age: 86400\\n");
	tell_failing_dane(&s);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_DANE_FAILED);
	leap(&s, 3600);
	hold_kind(&s, "mx");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_DANE_UNKNOWN);
	hold_kind(&s, NULL);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_DANE_FAILED);
	leap(&s,
	     100000); /* past the policy's end: it is as if there had been none (RFC 8461 s3.3) */
	hold_kind(&s, "txt");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_PENDING);
	close_stage(&s);
}

static void only_so_many_wait(void **state)
{
	struct stage s;
	struct waiter two[2];
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n[milter]\nmax_waiting = 2\n");
	hold_kind(&s, "txt");
	for (int i = 0; i < 2; i++) {
		two[i].stage = &s;
		assert_int_equal(pthread_create(&two[i].thread, NULL, wait_for_answer, &two[i]), 0);
	}
	while (atomic_load(&s.waits) < 2)
		;
	assert_int_equal(ask(&s, "d.example", 20000), KNOW_BUSY);
	assert_int_equal(s.waits, 2);
	hold_kind(&s, NULL);
	for (int i = 0; i < 2; i++) {
		pthread_join(two[i].thread, NULL);
		assert_int_equal(two[i].got, KNOW_ENFORCE_PASSED);
	}
	close_stage(&s);
}

static void stopping_ends_all_waits(void **state)
{
	struct stage s;
	struct waiter w = { .stage = &s };
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "txt");
	assert_int_equal(pthread_create(&w.thread, NULL, wait_for_answer, &w), 0);
	while (atomic_load(&s.waits) < 1)
		;
	engine_stop(s.engine);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.got, KNOW_PENDING);
	close_stage(&s);
}

static void stopping_begins_nothing_new(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "txt");
	(void)ask(&s, "a.example", 0);
	wait_until_held(&s, 1);
	(void)ask(&s, "b.example", 0); /* waits for the worker */
	engine_stop(s.engine);
	assert_int_equal(ask(&s, "c.example", 0), KNOW_BUSY);
	hold_kind(&s, NULL);
	while (!engine_is_idle(s.engine))
		;
	close_stage(&s);
	assert_int_equal(s.world.counts.txt, 1);
}

enum { DOMAINS = 8 };

struct herd {
	struct stage *stage;
	unsigned i;
	enum knowledge got;
	pthread_t thread;
};

static void *ask_own(void *arg)
{
	struct herd *h = arg;
	char domain[32];

	snprintf(domain, sizeof(domain), "d%u.example", h->i);
	h->got = ask(h->stage, domain, 20000);
	return NULL;
}

/* Many domains, one MX host: one probe. */
static void one_probe_per_host(void **state)
{
	struct herd herd[DOMAINS];
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 8\n");
	for (unsigned i = 0; i < DOMAINS; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example", i);
		fake_world_tell(&s.world, "txt", domain, "\"v=STSv1; id=1;\"");
		fake_world_tell(
			&s.world, "fetch", domain,
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 86400\\n");
		fake_world_tell(&s.world, "mx", domain, "10 mx.d.example");
	}
	hold_kind(&s, "probe");
	for (unsigned i = 0; i < DOMAINS; i++) {
		herd[i] = (struct herd){ .stage = &s, .i = i };
		assert_int_equal(pthread_create(&herd[i].thread, NULL, ask_own, &herd[i]), 0);
	}
	wait_until_held(&s, 1);
	hold_kind(&s, NULL);
	for (unsigned i = 0; i < DOMAINS; i++) {
		pthread_join(herd[i].thread, NULL);
		assert_int_equal(herd[i].got, KNOW_ENFORCE_PASSED);
	}
	assert_int_equal(s.world.counts.probes, 1);
	close_stage(&s);
}

enum { CROWD = 8, NAMES = 2000 };

static void *ask_for_all(void *arg)
{
	struct stage *s = arg;
	char domain[32];

	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(domain, sizeof(domain), "n%u.example", i);
		if (ask(s, domain, 20000) != KNOW_NO_POLICY)
			return arg;
	}
	return NULL;
}

/* Many ask for the same names at the same time; who comes just too late to join a check must not repeat it. */
static void one_look_up_per_name(void **state)
{
	pthread_t crowd[CROWD];
	struct stage s;
	void *failed;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 4\n");
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&crowd[i], NULL, ask_for_all, &s), 0);
	for (size_t i = 0; i < CROWD; i++) {
		pthread_join(crowd[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(s.world.counts.txt, NAMES);
	close_stage(&s);
}

/* Everything on this thread, in the world's time. */
static void open_quiet_stage(struct stage *s, const char *config)
{
	open_stage(s, config);
	engine_free(s->engine);
	fake_world_wire(&s->world, &s->env);
	s->settings->workers = 0;
	s->engine = engine_new(&s->env, s->settings);
	assert_non_null(s->engine);
}

static enum knowledge ask_quietly(struct stage *s, const char *domain)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));
	struct judgement j;

	engine_check(s->engine, &hop, s->world.mono + 10000, &j);
	judgement_release(&j);
	return j.knowledge;
}

/* Answers to MX questions that leave no memory for anything else. */
static void greedy(void *ctx, struct dns_query *q, size_t n, int64_t deadline, struct arena *arena)
{
	struct stage *s = ctx;
	struct engine_env honest = { .seed = 0 };

	fake_world_wire(&s->world, &honest);
	honest.resolver.query(honest.resolver.ctx, q, n, deadline, arena);
	if (q[0].type == DNS_MX)
		while (arena_alloc(arena, 64) != NULL)
			;
}

static void a_known_policy_is_not_opened_by_oversize_answers(void **state)
{
	struct stage s;
	(void)state;

	open_quiet_stage(&s, "[action]\ntxt_failure = accept\n");
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "starttls-missing");
	assert_int_equal(ask_quietly(&s, "d.example"), KNOW_ENFORCE_FAILED);
	s.env.resolver = (struct resolver){ greedy, &s };
	/* Old enough that the record is asked again before a failing verdict, after the assessment. */
	fake_world_pass(&s.world, 61);
	assert_int_equal(ask_quietly(&s, "d.example"), KNOW_ENFORCE_UNKNOWN);
	assert_int_equal(s.world.counts.txt, 2);
	close_stage(&s);
}

/* hosts MX hosts, all good, each with as many addresses as a host may have. */
static void build_big_domain(struct stage *s, unsigned hosts)
{
	char mx[1000] = "", name[100], list[2000];

	fake_world_tell(&s->world, "txt", "big.example", "\"v=STSv1; id=1;\"");
	fake_world_tell(&s->world, "fetch", "big.example",
			"version: STSv1\\nmode: enforce\\nmx: *.big.example\\nmax_age: 86400\\n");
	for (unsigned i = 0; i < hosts; i++) {
		snprintf(mx + strlen(mx), sizeof(mx) - strlen(mx), "10 mx%u.big.example ", i);
		list[0] = '\0';
		for (unsigned j = 0; j < LIMIT_MX_ADDRESSES; j++) {
			snprintf(name, sizeof(name), "mx%u.big.example 20.0.%u.%u", i, i, j);
			fake_world_tell(&s->world, "probe", name, "ok");
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "20.0.%u.%u ", i,
				 j);
		}
		snprintf(name, sizeof(name), "mx%u.big.example", i);
		fake_world_tell(&s->world, "addr", name, list);
	}
	fake_world_tell(&s->world, "mx", "big.example", mx);
}

static void probes_are_bounded(void **state)
{
	struct stage s;
	(void)state;

	open_quiet_stage(&s, "[daemon]\nmemory = 64M\n[probe]\nhost_connections = 64\n");
	build_big_domain(&s, LIMIT_PROBES / LIMIT_MX_ADDRESSES);
	assert_int_equal(ask_quietly(&s, "big.example"), KNOW_ENFORCE_PASSED);
	assert_int_equal(s.world.counts.probes, LIMIT_PROBES);
	assert_int_equal(s.world.most_probes, LIMIT_PROBES_AT_ONCE);
	close_stage(&s);
	/* Of each of eight hosts not more than two. */
	open_quiet_stage(&s, "[daemon]\nmemory = 64M\n[probe]\nhost_connections = 2\n");
	build_big_domain(&s, LIMIT_PROBES / LIMIT_MX_ADDRESSES);
	assert_int_equal(ask_quietly(&s, "big.example"), KNOW_ENFORCE_PASSED);
	assert_int_equal(s.world.counts.probes, LIMIT_PROBES);
	assert_int_equal(s.world.most_probes, 2 * LIMIT_PROBES / LIMIT_MX_ADDRESSES);
	close_stage(&s);
	/* Part of the addresses would say nothing about the rest. */
	open_quiet_stage(&s, "[daemon]\nmemory = 64M\n");
	build_big_domain(&s, LIMIT_PROBES / LIMIT_MX_ADDRESSES + 1);
	assert_int_equal(ask_quietly(&s, "big.example"), KNOW_ENFORCE_UNKNOWN);
	assert_int_equal(s.world.counts.probes, 0);
	close_stage(&s);
}

/* RFC 8461 s10.2: policies are refreshed by the way. Policy hosts that hang hold neither their own mail nor that of others. */
static void refreshes_that_hang_do_not_hold_mail(void **state)
{
	struct engine_status status;
	struct stage s;
	char name[40];
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 4\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	make_due(&s, "d.example", 1);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "h%u.example", i);
		fake_world_tell(&s.world, "txt", name, "\"v=STSv1; id=1;\"");
		fake_world_tell(&s.world, "fetch", name,
				"version: STSv1\\nmode: none\\nmax_age: 86400\\n");
		assert_int_equal(ask(&s, name, 10000), KNOW_MODE_NONE);
		make_due(&s, name, 2);
	}
	wait_until_landed(&s);
	leap(&s, 7200);
	hold_kind(&s, "fetch");
	for (unsigned i = 0; i < 10; i++) {
		atomic_fetch_add(&s.skipped, 1000);
		engine_tick(s.engine);
	}
	wait_until_held(&s, 2);
	engine_status(s.engine, &status);
	assert_int_equal(status.in_flight, 2);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	assert_int_equal(ask(&s, "h4.example", 10000), KNOW_MODE_NONE);
	engine_status(s.engine, &status);
	assert_int_equal(status.in_flight, 2);
	/* They go on when the others have ended. */
	hold_kind(&s, NULL);
	for (unsigned i = 0; i < 10; i++) {
		wait_until_landed(&s);
		atomic_fetch_add(&s.skipped, 1000);
		engine_tick(s.engine);
	}
	wait_until_landed(&s);
	assert_int_equal(s.world.counts.fetches, 12);
	close_stage(&s);
}

static int64_t failing_ms(struct stage *s, const char *domain)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));
	struct judgement j;

	engine_check(s->engine, &hop, 0, &j);
	judgement_release(&j);
	assert_int_equal(j.knowledge, KNOW_PENDING);
	return j.failing_ms;
}

/* RFC 8461 s3.3: where the policy cannot be had, mail goes on; also when it takes longer than anybody waits to find that out, each time. */
static void a_policy_host_that_hangs_does_not_hold_mail(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_world_tell(&s.world, "fetch", "d.example", "fetch-timeout");
	hold_kind(&s, "fetch");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_PENDING);
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	leap(&s, 700);
	hold_kind(&s, "fetch");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_FETCH_FAILED);
	close_stage(&s);
}

/* What a store that cannot be read may hold is not opened, and the log says what is amiss; a fetch that hangs counts on. */
static void a_store_that_cannot_be_read_is_told(void **state)
{
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct judgement j;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_store_break(s.store, true);
	fake_world_tell(&s.world, "fetch", "d.example", "fetch-timeout");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_STORE_FAILED);
	assert_string_equal(s.world.last_notice,
			    "event=store domain=d.example reason=store-unreadable "
			    "detail=\"broken on purpose\"");
	assert_int_equal(s.world.notices, 2); /* and the fetch */
	leap(&s, 700);
	hold_kind(&s, "fetch");
	engine_check(s.engine, &hop, 0, &j);
	judgement_release(&j);
	assert_int_equal(j.knowledge, KNOW_STORE_FAILED);
	assert_int_equal(j.reason, REASON_STORE_FAILED);
	assert_true(j.failing_ms >= 700000);
	close_stage(&s);
}

/* RFC 8461 s3.3: an unexpired policy survives a fetch that fails; also one that hangs. */
static void a_new_policy_that_hangs_does_not_hold_mail(void **state)
{
	enum knowledge got = KNOW_ENFORCE_PENDING;
	struct stage s;
	int64_t end;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	fake_world_tell(&s.world, "txt", "d.example", "\"v=STSv1; id=2;\"");
	fake_world_tell(&s.world, "fetch", "d.example", "fetch-timeout");
	leap(&s, 700);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	wait_until_landed(&s);
	leap(&s, 700);
	hold_kind(&s, "fetch");
	for (end = mono(&s) + 10000; got == KNOW_ENFORCE_PENDING && mono(&s) < end;)
		got = ask(&s, "d.example", 0);
	assert_int_equal(got, KNOW_ENFORCE_PASSED);
	/* RCPT is put off by a bad verdict as well, and is told why. */
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	leap(&s, 4000);
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "starttls-missing");
	hold_kind(&s, "fetch");
	for (end = mono(&s) + 10000; got != KNOW_ENFORCE_FAILED && mono(&s) < end;)
		got = ask(&s, "d.example", 0);
	assert_int_equal(got, KNOW_ENFORCE_FAILED);
	/* That there is nowhere to go is not said under an old policy: it would let mail go. */
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	leap(&s, 4000);
	fake_world_tell(&s.world, "mx", "d.example", "nxdomain");
	hold_kind(&s, "fetch");
	assert_int_equal(ask(&s, "d.example", 200), KNOW_ENFORCE_FAILED);
	close_stage(&s);
}

/* Checks that end too late are no success: otherwise a daemon that is always too slow would never reach the end of txt_failure. */
static void late_answers_do_not_begin_the_grace_anew(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	for (int i = 0; i < 2; i++) {
		hold_kind(&s, "txt");
		assert_int_equal(failing_ms(&s, "slow.example"), i * 3600000);
		hold_kind(&s, NULL);
		wait_until_landed(&s);
		leap(&s, 3600);
	}
	assert_int_equal(ask(&s, "slow.example", 10000), KNOW_NO_POLICY);
	leap(&s, 3600);
	hold_kind(&s, "txt");
	assert_int_equal(failing_ms(&s, "slow.example"), 0);
	close_stage(&s);
}

/* A flood of failing names must not keep a name from growing old. */
static void first_failures_are_kept_within_bounds(void **state)
{
	struct fake_store *store = fake_store_new();
	struct store port = fake_store_port(store);
	struct grace *g = grace_new(&port, 1000);
	char name[40];
	(void)state;

	for (int i = 0; i < GRACE_MAX; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		grace_fail(g, name, GRACE_CLASS_TXT, 1000);
	}
	assert_int_equal(grace_fail(g, "new.example", GRACE_CLASS_TXT, 1000), 0);
	assert_int_equal(grace_fail(g, "new.example", GRACE_CLASS_TXT, 4600), 3600);
	assert_int_equal(grace_fail(g, "n1.example", GRACE_CLASS_TXT, 4600), 3600);
	assert_int_equal(grace_fail(g, "n0.example", GRACE_CLASS_TXT, 4600), 0); /* forgotten */
	grace_free(g);
	fake_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pending_then_known),
		cmocka_unit_test(a_known_policy_is_not_opened_by_slowness),
		cmocka_unit_test(a_known_policy_is_not_opened_by_a_full_queue),
		cmocka_unit_test(dane_is_not_opened_by_slowness),
		cmocka_unit_test(dane_is_not_opened_by_an_override),
		cmocka_unit_test(only_so_many_wait),
		cmocka_unit_test(stopping_ends_all_waits),
		cmocka_unit_test(stopping_begins_nothing_new),
		cmocka_unit_test(one_probe_per_host),
		cmocka_unit_test(one_look_up_per_name),
		cmocka_unit_test(a_known_policy_is_not_opened_by_oversize_answers),
		cmocka_unit_test(probes_are_bounded),
		cmocka_unit_test(a_policy_host_that_hangs_does_not_hold_mail),
		cmocka_unit_test(a_store_that_cannot_be_read_is_told),
		cmocka_unit_test(a_new_policy_that_hangs_does_not_hold_mail),
		cmocka_unit_test(refreshes_that_hang_do_not_hold_mail),
		cmocka_unit_test(late_answers_do_not_begin_the_grace_anew),
		cmocka_unit_test(first_failures_are_kept_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
