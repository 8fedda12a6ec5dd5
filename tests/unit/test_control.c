/* What the operator is told: every field of a query, where it comes from, and that asking causes no traffic. */
#include "tests/unit/test.h"

#include "tests/unit/control_kit.h"

#include <stdio.h>
#include <stdlib.h>

static void all_about_a_domain(void **state)
{
	struct stage *s = *state;
	unsigned before;
	json_t *q;

	mail_to(s, "d.example");
	fake_world_pass(&s->world, 30);
	before = asked(s);
	q = query(s, "D.Example.");
	assert_int_equal(asked(s), before);
	expect(q, "domain", "\"d.example\"");
	expect(q, "known", "true");
	expect(q, "fresh", "true");
	expect(q, "knowledge", "\"enforce-failed\"");
	expect(q, "reason", "\"certificate-expired\"");
	expect(q, "rfc", "\"RFC 8461 s4.2\"");
	expect(q, "answer", "\"tempfail\"");
	expect(q, "source", "\"memory\"");
	expect(q, "record/id", "\"7\"");
	expect(q, "record/age", "30");
	expect(q, "policy/mode", "\"enforce\"");
	expect(q, "policy/id", "\"7\"");
	expect(q, "policy/mx", "[\"mx.d.example\"]");
	expect(q, "policy/age", "30");
	expect(q, "policy/max_age", "86400");
	expect(q, "policy/expires_in", "86370");
	expect(q, "fetch_failure", NULL);
	expect(q, "verdict/result", "\"failed\"");
	expect(q, "verdict/mx", "\"mx.d.example\"");
	expect(q, "verdict/address", "\"20.0.0.1\"");
	expect(q, "mx_hosts/0/host", "\"mx.d.example\"");
	expect(q, "mx_hosts/0/preference", "10");
	expect(q, "mx_hosts/0/in_policy", "true");
	expect(q, "mx_hosts/0/addresses/0/address", "\"20.0.0.1\"");
	expect(q, "mx_hosts/0/addresses/0/outcome", "\"failed\"");
	expect(q, "mx_hosts/0/addresses/0/reason", "\"certificate-expired\"");
	expect(q, "mx_hosts/0/addresses/1/address", "\"2a00::1\"");
	expect(q, "mx_hosts/0/addresses/1/outcome", "\"passed\"");
	expect(q, "mx_hosts/0/addresses/2", NULL);
	expect(q, "mx_hosts/0/addresses/0/proof", "\"pkix\"");
	expect(q, "mx_hosts/0/addresses/0/pkix", NULL);
	expect(q, "mx_hosts/0/dane/state", "\"none\"");
	expect(q, "mx_hosts/0/dane/base", NULL);
	expect(q, "verdict/by", "\"mta-sts\"");
	expect(q, "mx_hosts/1/host", "\"other.example\"");
	expect(q, "mx_hosts/1/in_policy", "false");
	expect(q, "mx_hosts/1/reason", "\"mx-not-in-policy\"");
}

/* Who decides about each host, by which records, and what the other one would say. */
static void all_about_dane(void **state)
{
	struct stage *s = *state;
	json_t *q;

	fake_world_tell(&s->world, "mx", "d.example", "secure 10 mx.d.example 20 other.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "secure 20.0.0.1");
	fake_world_tell(&s->world, "addr", "other.example", "secure 20.0.0.2");
	fake_world_tell(&s->world, "tlsa", "mx.d.example", "\"3 1 1 aa*32\" \"1 1 1 aa*32\"");
	fake_world_tell(&s->world, "tlsa", "other.example", "servfail");
	fake_world_tell(&s->world, "probe", "mx.d.example 20.0.0.1", "ok");
	fake_world_tell(&s->world, "dane", "mx.d.example 20.0.0.1", "dane-mismatch");
	mail_to(s, "d.example");
	q = query(s, "d.example");
	expect(q, "knowledge", "\"enforce-unknown\"");
	expect(q, "verdict/by", "\"dane\"");
	expect(q, "mx_hosts/0/dane/state", "\"usable\"");
	expect(q, "mx_hosts/0/dane/base", "\"mx.d.example\"");
	expect(q, "mx_hosts/0/dane/records", "2");
	expect(q, "mx_hosts/0/dane/usable", "1");
	expect(q, "mx_hosts/0/addresses/0/proof", "\"dane\"");
	expect(q, "mx_hosts/0/addresses/0/reason", "\"dane-mismatch\"");
	expect(q, "mx_hosts/0/addresses/0/pkix", "\"ok\"");
	expect(q, "mx_hosts/1/in_policy", "false");
	expect(q, "mx_hosts/1/dane/state", "\"failed\"");
	expect(q, "mx_hosts/1/dane/base", NULL);
	expect(q, "mx_hosts/1/reason", "\"tlsa-lookup-failed\"");
}

/* What waits for no more than `dane` is told so. */
static void what_dane_would_do(void **state)
{
	struct stage *s = *state;

	fake_world_tell(&s->world, "mx", "d.example", "secure 10 mx.d.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "secure 20.0.0.1");
	fake_world_tell(&s->world, "tlsa", "mx.d.example", "\"3 1 1 aa*32\"");
	fake_world_tell(&s->world, "probe", "mx.d.example 20.0.0.1", "certificate-untrusted");
	fake_world_tell(&s->world, "dane", "mx.d.example 20.0.0.1", "dane-ok");
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "delivery/remark", NULL);
	s->settings->delivery_bound = true;
	engine_free(s->engine);
	start(s);
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "knowledge", "\"enforce-failed\"");
	expect(query(s, "d.example"), "verdict/reason", "\"certificate-untrusted\"");
	expect(query(s, "d.example"), "mx_hosts/0/addresses/0/reason", "\"dane-ok\"");
	expect(query(s, "d.example"), "delivery/remark",
	       "\"DANE alone vouches for where this mail would go, and dane = off: mail waits that "
	       "an "
	       "MTA which does DANE would deliver\"");
	fake_world_tell(&s->world, "dane", "mx.d.example 20.0.0.1", "dane-mismatch");
	engine_free(s->engine);
	start(s);
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "verdict/reason", "\"dane-mismatch\"");
	expect(query(s, "d.example"), "delivery/remark", NULL);
}

/* After a restart the policy is known, its hosts are not; and asking does not look. */
static void from_the_database(void **state)
{
	struct stage *s = *state;
	unsigned before;
	json_t *q;

	mail_to(s, "d.example");
	engine_free(s->engine);
	start(s);
	before = asked(s);
	q = query(s, "d.example");
	assert_int_equal(asked(s), before);
	expect(q, "known", "true");
	expect(q, "fresh", "false");
	expect(q, "source", "\"database\"");
	expect(q, "policy/mode", "\"enforce\"");
	expect(q, "record", NULL);
	expect(q, "mx_hosts", NULL);
}

static void nothing_is_known(void **state)
{
	struct stage *s = *state;
	json_t *q = query(s, "never.example");

	assert_int_equal(asked(s), 0);
	expect(q, "domain", "\"never.example\"");
	expect(q, "known", "false");
	expect(q, "policy", NULL);
	/* another next-hop is another question */
	mail_to(s, "d.example");
	q = query(s, "[mx.d.example]:587");
	expect(q, "nexthop", "\"[mx.d.example]:587\"");
	expect(q, "known", "false");
}

static void why_there_is_no_policy(void **state)
{
	struct stage *s = *state;
	json_t *q;

	fake_world_tell(&s->world, "txt", "none.example", "nxdomain");
	mail_to(s, "none.example");
	q = query(s, "none.example");
	expect(q, "knowledge", "\"no-policy\"");
	expect(q, "reason", "\"no-record\"");
	expect(q, "answer", "\"accept\"");
	expect(q, "policy", NULL);
	fake_world_tell(&s->world, "txt", "web.example", "\"v=STSv1; id=9;\"");
	fake_world_tell(&s->world, "fetch", "web.example", "fetch-tls-invalid");
	mail_to(s, "web.example");
	q = query(s, "web.example");
	expect(q, "knowledge", "\"fetch-failed\"");
	expect(q, "fetch_failure/reason", "\"fetch-tls-invalid\"");
	expect(q, "fetch_failure/id", "\"9\"");
}

static void the_state_of_things(void **state)
{
	struct stage *s = *state;
	json_t *q;

	mail_to(s, "d.example");
	mail_to(s, "d.example");
	fake_world_pass(&s->world, 100);
	q = ask(s, "{\"verb\":\"status\"}");
	expect(q, "uptime", "100");
	expect(q, "action", "\"tempfail\"");
	expect(q, "dns/dnssec", "\"stripped\"");
	expect(q, "dns/detail", "\"no signatures\"");
	expect(q, "dns/down", "false");
	expect(q, "store/persistent", "true");
	expect(q, "domains_in_memory/items", "1");
	expect(q, "facts_in_memory/items", "2");
	expect(q, "counters/checks", "2");
	expect(q, "counters/memory_hits", "1");
	expect(q, "counters/probes", "2");
	expect(q, "counters/probes_passed", "1");
	expect(q, "counters/probes_failed", "1");
	expect(q, "log_lines_dropped", "0");
}

/* Everything is asked again, although all of it is fresh. */
static void a_refresh(void **state)
{
	struct stage *s = *state;
	const struct fake_counts *c = &s->world.counts;

	mail_to(s, "d.example");
	fake_world_pass(&s->world, 1);
	asked_for(s, "refresh", "d.example", "");
	expect(s->root, "result/domain", "\"d.example\"");
	assert_true(json_integer_value(json_object_get(json_object_get(s->root, "result"),
						       "patience_ms")) > 10000);
	assert_int_equal(c->txt, 2);
	assert_int_equal(c->fetches, 2);
	assert_true(c->mx > 1); /* also for what stands in while the fetch goes on */
	assert_int_equal(c->probes, 4);
	expect(query(s, "d.example"), "checking", "false");
}

/* What keeps the policy alive, and what is wrong with it just now. */
static void the_upkeep_of_a_policy(void **state)
{
	struct stage *s = *state;
	struct stored_upkeep u = { .used_at = 1800000000,
				   .due_at = 1800050000,
				   .failed_at = 1800049000,
				   .failures = 3,
				   .standing = 1u << EVENT_RECORD_VANISHED | 1u << EVENT_MX_CERT };
	json_t *q;

	mail_to(s, "d.example");
	assert_int_equal(s->env.store.upkeep_put(s->env.store.ctx, "d.example", &u), 0);
	q = query(s, "d.example");
	expect(q, "upkeep/used_at", "\"2027-01-15T08:00:00Z\"");
	expect(q, "upkeep/next_refresh_at", "\"2027-01-15T21:53:20Z\"");
	expect(q, "upkeep/refresh_failed_at", "\"2027-01-15T21:36:40Z\"");
	expect(q, "upkeep/refresh_failures", "3");
	expect(q, "upkeep/standing_events",
	       "[\"record-vanished\",\"mx-certificate-expires-soon\"]");
	assert_true(json_integer_value(json_object_get(q, "fresh_for")) > 0);
	fake_world_tell(&s->world, "txt", "none.example", "nxdomain");
	mail_to(s, "none.example");
	expect(query(s, "none.example"), "upkeep", NULL);
}

/* What memory knew is gone, the policy is not, unless that is wanted. */
static void a_flush(void **state)
{
	struct stage *s = *state;

	mail_to(s, "d.example");
	assert_int_equal(asked_for(s, "flush", "d.example", ""), 0);
	expect(s->root, "result/known", "true");
	expect(s->root, "result/policy_forgotten", "false");
	assert_non_null(
		strstr(s->world.last_notice, "event=flush nexthop=d.example policy=kept uid=1000"));
	expect(query(s, "d.example"), "source", "\"database\"");
	asked_for(s, "flush", "d.example", ",\"policy\":true");
	expect(s->root, "result/known", "true");
	expect(s->root, "result/policy_forgotten", "true");
	expect(query(s, "d.example"), "known", "false");
	asked_for(s, "flush", "d.example", ",\"policy\":true");
	expect(s->root, "result/known", "false");
	asked_for(s, "flush", "d.example", ",\"policy\":1");
	expect(s->root, "ok", "false");
}

/* As for mail: what is fresh is not asked again. */
static void warming(void **state)
{
	struct stage *s = *state;

	assert_int_equal(asked_for(s, "warm", "d.example", ""), 0);
	expect(s->root, "result/fresh", "false");
	expect(s->root, "result/knowledge", NULL);
	assert_true(asked_for(s, "warm", "d.example", ",\"start\":true") > 0);
	expect(ask(s, "{\"verb\":\"status\"}"), "counters/flights", "1");
	assert_int_equal(asked_for(s, "warm", "d.example", ",\"start\":true"), 0);
	expect(ask(s, "{\"verb\":\"status\"}"), "counters/flights", "1");
	asked_for(s, "warm", "d.example", ",\"start\":true");
	expect(s->root, "result/fresh", "true");
	expect(s->root, "result/checking", "false");
	expect(s->root, "result/busy", "false");
	expect(s->root, "result/skipped", "false");
	expect(s->root, "result/mode", "\"enforce\"");
	expect(s->root, "result/knowledge", "\"enforce-failed\"");
	expect(s->root, "result/reason", "\"certificate-expired\"");
	expect(s->root, "result/mx", "\"mx.d.example\"");
	/* what the store holds is not fresh: hosts have to be probed */
	engine_free(s->engine);
	start(s);
	assert_true(asked_for(s, "warm", "d.example", ",\"start\":true") > 0);
}

static void warming_leaves_out_what_is_not_judged(void **state)
{
	struct stage *s = *state;
	static char domain[] = "d.example";
	char *domains[] = { domain };

	s->settings->skip_domains = (struct string_list){ domains, 1 };
	assert_int_equal(asked_for(s, "warm", "d.example", ",\"start\":true"), 0);
	expect(s->root, "result/skipped", "true");
	s->settings->skip_domains = (struct string_list){ NULL, 0 };
}

static void put_event(struct stage *s, const char *domain, enum event_kind kind, const char *id)
{
	struct stored_event e = { .domain = domain,
				  .kind = kind,
				  .source = SEEN_BY_REFRESH,
				  .at = clock_wall(&s->env.clock),
				  .mode = POLICY_MODE_TESTING,
				  .max_age = 86400,
				  .body_hash = 0xfedcba98u,
				  .mx = "mx.a.example *.b.example",
				  .detail = "was enforce" };

	assert_true(span_copy(span_of(id), e.id, sizeof(e.id)));
	assert_int_equal(s->env.store.event_put(s->env.store.ctx, &e), 0);
}

static void what_has_happened(void **state)
{
	struct stage *s = *state;
	json_t *r;

	put_event(s, "d.example", EVENT_POLICY_FOUND, "1");
	put_event(s, "e.example", EVENT_RECORD_VANISHED, "");
	put_event(s, "d.example", EVENT_MODE_DOWNGRADED, "2");
	r = ask(s, "{\"verb\":\"events\"}");
	expect(r, "events/0/domain", "\"d.example\"");
	expect(r, "events/0/event", "\"mode-downgraded\"");
	expect(r, "events/0/source", "\"refresh\"");
	expect(r, "events/0/id", "\"2\"");
	expect(r, "events/0/mode", "\"testing\"");
	expect(r, "events/0/max_age", "86400");
	expect(r, "events/0/mx", "\"mx.a.example *.b.example\"");
	expect(r, "events/0/body_hash", "\"00000000fedcba98\"");
	expect(r, "events/0/detail", "\"was enforce\"");
	expect(r, "events/1/event", "\"record-vanished\"");
	expect(r, "events/1/id", NULL);
	expect(r, "events/1/body_hash", NULL);
	expect(r, "events/3", NULL);
	expect(r, "more", NULL);
	r = ask(s, "{\"verb\":\"events\",\"nexthop\":\"D.example\",\"limit\":1}");
	expect(r, "events/0/id", "\"2\"");
	expect(r, "events/1", NULL);
	expect(r, "more", "3");
	r = ask(s, "{\"verb\":\"events\",\"nexthop\":\"d.example\",\"limit\":1,\"before\":3}");
	expect(r, "events/0/id", "\"1\"");
	r = ask(s, "{\"verb\":\"events\",\"nexthop\":\"d.example\",\"limit\":1,\"before\":1}");
	expect(r, "events", "[]");
	fake_store_break(s->store, true);
	assert_null(ask(s, "{\"verb\":\"events\"}"));
	expect(s->root, "status", "75");
}

static void what_is_no_question(void **state)
{
	static const char *const requests[] = {
		"",
		"   ",
		"status",
		"{\"verb\":\"status\"",
		"[\"status\"]",
		"7",
		"{}",
		"{\"verb\":7}",
		"{\"verb\":\"\"}",
		"{\"verb\":\"stat\"}",
		"{\"verb\":\"status\",\"verb\":\"query\"}",
		"{\"verb\":\"status\"} {\"verb\":\"status\"}",
		"{\"verb\":\"stat\xff\"}",
		"{\"verb\":\"query\"}",
		"{\"verb\":\"query\",\"nexthop\":[]}",
		"{\"verb\":\"query\",\"nexthop\":\"\"}",
		"{\"verb\":\"query\",\"nexthop\":\" \"}",
		"{\"verb\":\"query\",\"nexthop\":\".\"}",
		"{\"verb\":\"query\",\"nexthop\":\"a..b\"}",
		"{\"verb\":\"query\",\"nexthop\":\"[127.0.0.1]\"}",
		"{\"verb\":\"query\",\"nexthop\":\"a\\u0000b\"}",
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		assert_null(ask(s, requests[i]));
		expect(s->root, "ok", "false");
		expect(s->root, "status", "64");
		assert_true(json_is_string(json_object_get(s->root, "error")));
	}
	assert_int_equal(asked(s), 0);
}

/* Strangers' bytes do not come back as they were. */
static void a_refusal_is_printable(void **state)
{
	struct stage *s = *state;

	ask(s, "{\"verb\":\"\\u001b[31m\\n\"}");
	expect(s->root, "error", "\"this daemon does not know the verb \\\\x1b[31m\\\\x0a\"");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, control_kit_set_up, control_kit_tear_down)
	const struct CMUnitTest tests[] = {
		T(all_about_a_domain),
		T(all_about_dane),
		T(what_dane_would_do),
		T(from_the_database),
		T(nothing_is_known),
		T(why_there_is_no_policy),
		T(the_state_of_things),
		T(what_is_no_question),
		T(a_refusal_is_printable),
		T(a_refresh),
		T(the_upkeep_of_a_policy),
		T(a_flush),
		T(warming),
		T(warming_leaves_out_what_is_not_judged),
		T(what_has_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
