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

int main(void)
{
#define WITH_STAGE(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, control_kit_set_up, control_kit_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_STAGE(one),
		WITH_STAGE(refused),
		WITH_STAGE(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
