/* The verb outcome: what a mail log says about TLS sessions is counted and may be doubted by, never believed. */
#include "tests/unit/test.h"

#include "tests/unit/control_kit.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *outcome(struct stage *s, const char *fields)
{
	char request[6000];

	snprintf(request, sizeof(request), "{\"verb\":\"outcome\",%s}", fields);
	return ask(s, request);
}

static void one(void **state)
{
	struct stage *s = *state;
	json_t *r = outcome(s, "\"nexthop\":\"D.Example.\",\"mx\":\"mx.d.example\",\"address\":"
			       "\"192.0.2.1\",\"result\":\"success\",\"source\":\"feed\"");

	expect(r, "", "{\"kept\":true,\"doubted\":false}");
	r = ask(s, "{\"verb\":\"status\"}");
	expect(r, "outcomes/successes", "1");
	expect(r, "outcomes/failures", "0");
	expect(r, "outcomes/waiting", "1");
	/* nothing was known that could be doubted */
	r = outcome(s, "\"nexthop\":\"d.example\",\"result\":\"validation-failure\"");
	expect(r, "kept", "true");
	expect(r, "doubted", "false");
	r = ask(s, "{\"verb\":\"status\"}");
	expect(r, "outcomes/failures", "1");
	expect(r, "outcomes/dropped", "0");
	assert_int_equal(asked(s), 0);
}

static void refused(void **state)
{
	static const char *const cases[] = {
		"\"nexthop\":\"d.example\"",
		"\"nexthop\":\"d.example\",\"result\":\"starttls_not_supported\"",
		"\"nexthop\":\"d.example\",\"result\":7",
		"\"nexthop\":\"[192.0.2.1]\",\"result\":\"success\"",
		"\"nexthop\":\"\",\"result\":\"success\"",
		"\"result\":\"success\"",
		"\"nexthop\":\"d.example\",\"result\":\"success\",\"mx\":[]",
		"\"outcomes\":[]",
		"\"outcomes\":{}",
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (outcome(s, cases[i]) != NULL)
			fail_msg("%s", cases[i]);
		expect(s->root, "status", "64");
	}
	expect(ask(s, "{\"verb\":\"status\"}"), "outcomes/waiting", "0");
}

static void many(void **state)
{
	struct stage *s = *state;
	json_t *r = outcome(s, "\"outcomes\":[{\"nexthop\":\"d.example\",\"result\":\"success\"},"
			       "{\"nexthop\":\"[::1]\",\"result\":\"success\"},7,"
			       "{\"nexthop\":\"e.example\",\"result\":\"success\"}]");
	json_t *request;
	char *text;

	expect(r, "outcomes/0", "{\"kept\":true,\"doubted\":false}");
	expect(r, "outcomes/1/kept", "false");
	assert_non_null(
		json_object_get(json_array_get(json_object_get(r, "outcomes"), 1), "error"));
	expect(r, "outcomes/2/kept", "false");
	expect(r, "outcomes/3/kept", "true");
	expect(r, "outcomes/4", NULL);
	expect(ask(s, "{\"verb\":\"status\"}"), "outcomes/successes", "2");

	request = json_pack("{s:s, s:[]}", "verb", "outcome", "outcomes");
	for (int i = 0; i <= 100; i++)
		json_array_append_new(json_object_get(request, "outcomes"), json_object());
	text = json_dumps(request, 0);
	assert_null(ask(s, text));
	free(text);
	json_decref(request);
}

/* Whatever is told: what the daemon answers changes only by its own probes. */
static void never_believed(void **state)
{
	struct stage *s = *state;
	unsigned before;

	fake_world_tell(&s->world, "mx", "d.example", "10 mx.d.example");
	mail_to(s, "d.example"); /* its certificate has expired */
	expect(query(s, "d.example"), "knowledge", "\"enforce-failed\"");
	before = asked(s);
	for (int i = 0; i < 10; i++)
		expect(outcome(s, "\"nexthop\":\"d.example\",\"mx\":\"mx.d.example\",\"address\":"
				  "\"20.0.0.1\",\"result\":\"success\""),
		       "doubted", "false");
	expect(query(s, "d.example"), "knowledge", "\"enforce-failed\"");
	expect(query(s, "d.example"), "mx_hosts/0/addresses/0/outcome", "\"failed\"");
	assert_int_equal(asked(s), before);
}

static void doubted_once_a_minute(void **state)
{
	static const char failed[] = "\"nexthop\":\"d.example\",\"mx\":\"MX.d.example.\","
				     "\"result\":\"certificate-not-trusted\"";
	struct stage *s = *state;
	unsigned before;

	fake_world_tell(&s->world, "mx", "d.example", "10 mx.d.example");
	fake_world_tell(&s->world, "probe", "mx.d.example 20.0.0.1", "ok");
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "knowledge", "\"enforce-passed\"");
	before = s->world.counts.probes;
	expect(outcome(s, failed), "doubted", "true");
	assert_true(s->world.counts.probes > before);			  /* looked again, */
	expect(query(s, "d.example"), "knowledge", "\"enforce-passed\""); /* and it is well */
	before = s->world.counts.probes;
	for (int i = 0; i < 50; i++)
		expect(outcome(s, failed), "doubted", "false");
	assert_int_equal(s->world.counts.probes, before);
	expect(ask(s, "{\"verb\":\"status\"}"), "outcomes/doubted", "1");
	expect(ask(s, "{\"verb\":\"status\"}"), "outcomes/failures", "51");
}

/* What a report needs is kept, and strangers' words are harmless. */
static void listed(void **state)
{
	struct stage *s = *state;
	json_t *r;

	mail_to(s, "d.example");
	outcome(s, "\"nexthop\":\"d.example\",\"mx\":\"mx.d.example\",\"address\":\"20.0.0.1\","
		   "\"result\":\"certificate-expired\",\"detail\":\"a\\n\\u001b[2J\"");
	outcome(s, "\"nexthop\":\"d.example\",\"mx\":\"mx.d.example\",\"address\":\"2a00::1\","
		   "\"result\":\"certificate-expired\",\"detail\":\"b\"");
	outcome(s, "\"nexthop\":\"e.example\",\"mx\":\"mx e\",\"result\":\"success\"");
	r = ask(s, "{\"verb\":\"outcomes\"}");
	expect(r, "outcomes/0/domain", "\"d.example\"");
	expect(r, "outcomes/0/count", "2"); /* together */
	expect(r, "outcomes/0/result", "\"certificate-expired\"");
	expect(r, "outcomes/0/policy", "\"sts\"");
	expect(r, "outcomes/0/mx", "\"mx.d.example\"");
	expect(r, "outcomes/0/source", "\"log\"");
	expect(r, "outcomes/0/reason", NULL); /* they have different ones */
	expect(r, "outcomes/0/address", NULL);
	expect(r, "outcomes/1/domain", "\"e.example\"");
	expect(r, "outcomes/1/policy", "\"unknown\"");
	expect(r, "outcomes/1/mx", NULL);
	expect(r, "outcomes/2", NULL);
	r = ask(s, "{\"verb\":\"outcomes\",\"nexthop\":\"D.example\",\"all\":true}");
	assert_int_equal(json_array_size(json_object_get(r, "outcomes")), 2);
	expect(r, "outcomes/0/failed_sessions", "1");
	expect(r, "outcomes/0/policy_strings",
	       "[\"version: STSv1\",\"mode: enforce\",\"mx: mx.d.example\",\"max_age: 86400\"]");
	expect(r, "outcomes/0/mx_patterns", "[\"mx.d.example\"]");
	assert_true(json_object_get(json_array_get(json_object_get(r, "outcomes"), 0), "address") !=
		    NULL);
	/* tomorrow they are still there, a week later not */
	fake_world_pass(&s->world, 86400);
	expect(ask(s, "{\"verb\":\"outcomes\",\"nexthop\":\"f.example\"}"), "outcomes", "[]");
	r = ask(s, "{\"verb\":\"outcomes\"}");
	assert_int_equal(json_array_size(json_object_get(r, "outcomes")), 2);
	expect(r, "outcomes/0/day", "\"2027-01-15\"");
	r = ask(s, "{\"verb\":\"outcomes\",\"day\":\"2027-01-15\"}");
	assert_int_equal(json_array_size(json_object_get(r, "outcomes")), 2);
	expect(ask(s, "{\"verb\":\"outcomes\",\"day\":\"2027-01-16\"}"), "outcomes", "[]");
	fake_world_pass(&s->world, 7 * 86400);
	expect(ask(s, "{\"verb\":\"outcomes\"}"), "outcomes", "[]");
	r = ask(s, "{\"verb\":\"outcomes\",\"day\":\"1970-01-01\"}");
	expect(r, "outcomes", "[]");
	assert_null(ask(s, "{\"verb\":\"outcomes\",\"day\":\"yesterday\"}"));
	assert_null(ask(s, "{\"verb\":\"outcomes\",\"day\":\"9000-01-01\"}"));
	assert_null(ask(s, "{\"verb\":\"outcomes\",\"more\":\"x\"}"));
}

/* Page by page: every domain whole, and each once. */
static void in_pages(void **state)
{
	struct stage *s = *state;
	char fields[300], request[300] = "{\"verb\":\"outcomes\",\"all\":true}";
	unsigned rows = 0, pages = 0;

	for (int i = 0; i < 900; i++) {
		snprintf(fields, sizeof(fields),
			 "\"nexthop\":\"d%d.example\",\"mx\":\"mx%d.example\",\"result\":"
			 "\"success\"",
			 i % 10, i);
		expect(outcome(s, fields), "kept", "true");
	}
	for (;;) {
		json_t *r = ask(s, request);
		const char *more = json_string_value(json_object_get(r, "more"));

		rows += (unsigned)json_array_size(json_object_get(r, "outcomes"));
		if (more == NULL)
			break;
		pages++;
		assert_true(pages < 100);
		snprintf(request, sizeof(request),
			 "{\"verb\":\"outcomes\",\"all\":true,\"more\":\"%s\"}", more);
	}
	assert_int_equal(rows, 900);
	assert_true(pages >= 4);
}

int main(void)
{
#define WITH_STAGE(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, control_kit_set_up, control_kit_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_STAGE(one),
		WITH_STAGE(refused),
		WITH_STAGE(many),
		WITH_STAGE(never_believed),
		WITH_STAGE(doubted_once_a_minute),
		WITH_STAGE(listed),
		WITH_STAGE(in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
