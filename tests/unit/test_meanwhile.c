/* What comes while a check is under way, or while memory still knows something else: overrides, refreshes, other next-hops. */
#include "tests/unit/engine_stage.h"

#include "common/engine/task.h"

/* mx: "" for the patterns of the policy. */
static void override_it(struct stage *s, const char *mode, const char *mx)
{
	struct override_words words = { .domain = span_of("d.example"),
					.mode = span_of(mode),
					.until = span_of("+2d"),
					.reason = span_of("test"),
					.mx = span_of(mx) };
	struct override *wanted, *added;

	assert_int_equal(override_read(&words, s->world.wall, &wanted, NULL), 0);
	assert_int_equal(overrides_add(engine_overrides(s->engine), wanted, &added), 0);
	override_unref(wanted);
	override_unref(added);
}

/* What a check finds out under words that no longer hold is not told to those who wait for it. */
static void an_override_that_comes_meanwhile_binds(void **state)
{
	struct stage s;
	struct waiter w = { .stage = &s };
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "mx");
	assert_int_equal(pthread_create(&w.thread, NULL, wait_for_answer, &w), 0);
	wait_until_held(&s, 1);
	override_it(&s, "enforce", "other.example");
	hold_kind(&s, NULL);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.got, KNOW_ENFORCE_FAILED);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_FAILED);
	close_stage(&s);
}

/* ... to the second, also where the clock was put forward, and nobody has looked after it yet. */
static void an_override_that_has_ended_binds_nobody(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_world_tell(&s.world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 864000\\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	override_it(&s, "none", "");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_MODE_NONE);
	s.world.wall += 2 * 86400 - 1;
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_MODE_NONE);
	s.world.wall += 1;
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	close_stage(&s);
}

/* As another next-hop of the domain would. */
static void put_newer(struct stage *s)
{
	const struct stored_policy p = {
		.id = "2",
		.mode = POLICY_MODE_ENFORCE,
		.body = span_of(
			"version: STSv1\nmode: enforce\nmx: mx.d.example\nmax_age: 864000\n"),
		.fetched_at = s->world.wall,
		.expires_at = s->world.wall + 864000
	};

	assert_int_equal(s->env.store.put(s->env.store.ctx, "d.example", &p), 0);
}

/* RFC 8461 s3.3: what is in the store binds those who cannot wait, also when memory has only what has expired. */
static void slowness_does_not_hide_a_renewed_policy(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	wait_until_landed(&s);
	leap(&s, 80000);
	put_newer(&s);
	leap(&s, 20000);
	hold_kind(&s, "txt");
	assert_int_equal(ask(&s, "d.example", 0), KNOW_ENFORCE_PENDING);
	close_stage(&s);
}

static void a_failure_does_not_remove_a_renewed_policy(void **state)
{
	struct stored_policy kept;
	struct arena arena;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	wait_until_landed(&s);
	leap(&s, 100000);
	fake_world_tell(&s.world, "fetch", "d.example", "fetch-connect-failed");
	hold_kind(&s, "fetch");
	(void)ask(&s, "d.example", 0);
	wait_until_held(&s, 1);
	put_newer(&s);
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	arena_init(&arena, 100000);
	assert_int_equal(s.env.store.get(s.env.store.ctx, "d.example", &arena, &kept), 0);
	assert_string_equal(kept.id, "2");
	arena_release(&arena);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	close_stage(&s);
}

/* A check that began before the refresh must not have the last word. */
static void a_refresh_outdates_the_check_beside_it(void **state)
{
	struct engine_status status;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 4\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	wait_until_landed(&s);
	leap(&s, 3600);
	hold_kind(&s, "mx");
	(void)ask(&s, "d.example", 0);
	wait_until_held(&s, 1);
	fake_world_tell(&s.world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: other.example\\nmax_age: 86400\\n");
	make_due(&s, "d.example", 1);
	engine_tick(s.engine);
	do
		engine_status(s.engine, &status);
	while (s.world.counts.fetches < 2 || status.in_flight > 1);
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_FAILED);
	close_stage(&s);
}

/* RFC 7672 s2.2.2: one insecure answer among a host's addresses, and DANE has nothing to say about them. */
static void addresses_are_secure_together(void **state)
{
	static const struct {
		bool v4, v6;
	} cases[] = { { true, true }, { true, false }, { false, true }, { false, false } };
	struct span a = span_make("\24\0\0\1", 4), aaaa = span_make("\52\0aaaaaaaaaaaaaa", 16);
	struct stage s;
	(void)state;

	open_stage(&s, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct task t = { .settings = s.settings };
		struct dns_query q[2] = {
			{ .status = DNS_FOUND, .secure = cases[i].v4, .rdata = &a, .n_rdata = 1 },
			{ .status = DNS_FOUND,
			  .secure = cases[i].v6,
			  .rdata = &aaaa,
			  .n_rdata = 1 },
		};
		struct addresses found;

		addresses_of(&t, q, &found);
		assert_int_equal(found.n, 2);
		assert_int_equal(found.secure, cases[i].v4 && cases[i].v6);
	}
	close_stage(&s);
}

/* What a check under way has read before would be believed after the doubt. */
static void nothing_is_doubted_meanwhile(void **state)
{
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct engine_status status;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_false(engine_doubt(s.engine, &hop, NULL));
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	hold_kind(&s, "txt");
	assert_true(engine_start(s.engine, &hop, WHY_OPERATOR));
	wait_until_held(&s, 1);
	assert_false(engine_doubt(s.engine, &hop, "mx.d.example"));
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	/* Nor has that used up the minute; and until the check is done memory answers as before. */
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "starttls-missing");
	hold_kind(&s, "mx");
	assert_true(engine_doubt(s.engine, &hop, "mx.d.example"));
	wait_until_held(&s, 1);
	assert_int_equal(ask(&s, "d.example", 0), KNOW_ENFORCE_PASSED);
	hold_kind(&s, NULL);
	wait_until_landed(&s);
	assert_int_equal(ask(&s, "d.example", 0), KNOW_ENFORCE_FAILED);
	engine_status(s.engine, &status);
	assert_int_equal(STAT_GET(status.stats, doubts), 1);
	assert_int_equal(STAT_GET(status.stats, doubts_refused), 0);
	close_stage(&s);
}

/* RFC 8461 s3.3: the policy at hand binds while a fetch hangs, on every try. The MTA looks at the hosts by itself. */
static void a_policy_host_that_hangs_does_not_hold_delivery(void **state)
{
	const struct delivery_view view = { .mta_does_dane = false };
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct judgement j = { .knowledge = KNOW_PENDING };
	static struct delivery d;
	struct delivery_case c;
	struct stage s;
	int64_t end;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "connect-timeout");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_UNREACHABLE);
	fake_world_tell(&s.world, "txt", "d.example", "\"v=STSv1; id=2;\"");
	fake_world_tell(&s.world, "fetch", "d.example", "fetch-timeout");
	leap(&s, 700);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_UNREACHABLE);
	wait_until_landed(&s);
	leap(&s, 700);
	hold_kind(&s, "fetch");
	for (end = mono(&s) + 10000; mono(&s) < end;) {
		engine_check(s.engine, &hop, 0, &j);
		if (j.knowledge != KNOW_ENFORCE_PENDING)
			break;
		judgement_release(&j);
	}
	assert_int_equal(j.knowledge, KNOW_ENFORCE_UNREACHABLE);
	c = judgement_delivery(&j);
	delivery_of(&c, &view, &d);
	assert_int_equal(d.demand, DEMAND_VERIFY);
	assert_string_equal(d.names[0], "mx.d.example");
	judgement_release(&j);
	close_stage(&s);
}

/* An MTA waits five minutes for a greeting (RFC 5321 s4.5.3.2.1), and comes back when what we found is long forgotten. */
static void hosts_that_tarpit_do_not_hold_delivery(void **state)
{
	const struct delivery_view view = { .mta_does_dane = false };
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	static struct delivery d;
	struct delivery_case c;
	struct judgement j;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "probe-timeout");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_UNREACHABLE);
	for (int attempt = 0; attempt < 3; attempt++) {
		wait_until_landed(&s);
		leap(&s, 1800);
		hold_kind(&s, "probe");
		engine_check(s.engine, &hop, mono(&s) + 200, &j);
		assert_int_equal(j.knowledge, KNOW_ENFORCE_UNREACHABLE);
		c = judgement_delivery(&j);
		delivery_of(&c, &view, &d);
		assert_int_equal(d.demand, DEMAND_VERIFY);
		judgement_release(&j);
		hold_kind(&s, NULL);
	}
	/* ... under the same words: by others no host has been looked at. */
	wait_until_landed(&s);
	leap(&s, 1800);
	hold_kind(&s, "probe");
	override_it(&s, "enforce", "*.d.example");
	assert_int_equal(ask(&s, "d.example", 200), KNOW_ENFORCE_PENDING);
	hold_kind(&s, NULL);
	/* What has passed does not pass again for that. */
	wait_until_landed(&s);
	fake_world_tell(&s.world, "probe", "mx.d.example 20.0.0.1", "ok");
	leap(&s, 1800);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	leap(&s, 86400 / 2);
	hold_kind(&s, "probe");
	assert_int_equal(ask(&s, "d.example", 200), KNOW_ENFORCE_PENDING);
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_override_that_comes_meanwhile_binds),
		cmocka_unit_test(an_override_that_has_ended_binds_nobody),
		cmocka_unit_test(slowness_does_not_hide_a_renewed_policy),
		cmocka_unit_test(a_failure_does_not_remove_a_renewed_policy),
		cmocka_unit_test(a_refresh_outdates_the_check_beside_it),
		cmocka_unit_test(addresses_are_secure_together),
		cmocka_unit_test(nothing_is_doubted_meanwhile),
		cmocka_unit_test(a_policy_host_that_hangs_does_not_hold_delivery),
		cmocka_unit_test(hosts_that_tarpit_do_not_hold_delivery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
