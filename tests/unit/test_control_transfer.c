/* Policies that leave the daemon and come back: nothing in between makes them last longer or replaces what is newer. */
#include "tests/unit/test.h"

#include "tests/unit/control_kit.h"

#include <stdio.h>
#include <stdlib.h>

/* The pages of an export, one after the other. */
static json_t *export_all(struct stage *s)
{
	json_t *all = json_array(), *page, *more = json_string("");

	while (more != NULL) {
		json_t *request = json_pack("{s:s, s:O}", "verb", "export", "after", more);
		char *text = json_dumps(request, 0);

		page = ask(s, text);
		assert_non_null(page);
		json_array_extend(all, json_object_get(page, "policies"));
		json_decref(more);
		more = json_incref(json_object_get(page, "more"));
		json_decref(request);
		free(text);
	}
	return all;
}

static void import_some(struct stage *s, json_t *policies, size_t first, size_t n)
{
	json_t *some = json_array(), *request;
	char *text;

	for (size_t i = first; i < first + n && i < json_array_size(policies); i++)
		json_array_append(some, json_array_get(policies, i));
	request = json_pack("{s:s, s:o}", "verb", "import", "policies", some);
	text = json_dumps(request, 0);
	ask(s, text);
	json_decref(request);
	free(text);
}

/* Export, import into an empty store, export again: the same octets. */
static void a_round_trip(void **state)
{
	struct stage *s = *state;
	char name[32], *first, *second;
	json_t *all;

	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "d%02d.example", i);
		fake_world_tell(&s->world, "txt", name, "\"v=STSv1; id=20260101T00;\"");
		fake_world_tell(&s->world, "fetch", name,
				"version: STSv1\r\\nmode: testing\r\\nmx: *.d.example\r\\n"
				"max_age: 86400\r\\nx: \xc3\xbc\"\r\\n");
		mail_to(s, name);
		fake_world_pass(&s->world, i);
	}
	all = export_all(s);
	assert_int_equal(json_array_size(all), 70);
	first = json_dumps(all, JSON_COMPACT);
	engine_free(s->engine);
	fake_store_free(s->store);
	s->store = fake_store_new();
	s->env.store = fake_store_port(s->store);
	start(s);
	for (size_t i = 0; i < 70; i += 16)
		import_some(s, all, i, 16);
	expect(s->root, "result/results/0/result", "\"imported\"");
	assert_string_equal(s->world.last_notice, "event=import count=6 uid=1000");
	json_decref(all);
	all = export_all(s);
	second = json_dumps(all, JSON_COMPACT);
	assert_string_equal(first, second);
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/result", "\"not-newer\"");
	json_decref(all);
	free(first);
	free(second);
}

/* RFC 8461 s5.1: what was fetched later is the truth; nothing lasts longer than it says. */
static void what_an_import_cannot_do(void **state)
{
	struct stage *s = *state;
	json_t *all, *row;

	mail_to(s, "d.example");
	all = export_all(s);
	row = json_array_get(all, 0);
	fake_world_pass(&s->world, 60);
	json_object_set_new(row, "expires_at", json_string("2999-01-01T00:00:00Z"));
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/result", "\"invalid\"");
	expect(s->root, "result/results/0/error",
	       "\"The policy would last longer than its max_age.\"");
	json_object_set_new(row, "expires_at", json_string("tomorrow"));
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/error", "\"A time is written 2026-11-22T14:30:00Z.\"");
	json_object_set_new(row, "more", json_true());
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/result", "\"invalid\"");
	import_some(s, all, 0, 17);
	json_array_clear(all);
	json_array_append_new(all, json_string("d.example"));
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/result", "\"invalid\"");
	for (int i = 0; i < 17; i++)
		json_array_append_new(all, json_object());
	import_some(s, all, 0, 17);
	expect(s->root, "ok", "false");
	json_decref(all);
	expect(query(s, "d.example"), "policy/age", "60");
}

struct held_import {
	struct stage *stage;
	json_t *policies;
	bool busy;
};

/* While the policy is being fetched. */
static void import_meanwhile(void *arg, const char *kind)
{
	struct held_import *h = arg;

	if (strcmp(kind, "fetch") != 0)
		return;
	import_some(h->stage, h->policies, 0, 1);
	expect(h->stage->root, "result/results/0/result", "\"busy\"");
	h->busy = true;
}

/* What was fetched later takes the place of what was fetched before; what is being fetched just now will be later still. */
static void the_later_policy_wins(void **state)
{
	struct stage *s = *state;
	struct held_import h = { .stage = s };
	json_t *later;

	mail_to(s, "d.example");
	h.policies = export_all(s);
	fake_world_pass(&s->world, 60);
	asked_for(s, "flush", "d.example", ",\"policy\":true");
	s->world.before = import_meanwhile;
	s->world.before_arg = &h;
	mail_to(s, "d.example");
	s->world.before = NULL;
	assert_true(h.busy);
	later = export_all(s);
	import_some(s, h.policies, 0, 1);
	expect(s->root, "result/results/0/result", "\"not-newer\"");
	asked_for(s, "flush", "d.example", ",\"policy\":true");
	import_some(s, h.policies, 0, 1);
	expect(s->root, "result/results/0/result", "\"imported\"");
	expect(query(s, "d.example"), "policy/age", "60");
	import_some(s, later, 0, 1);
	expect(s->root, "result/results/0/result", "\"imported\"");
	expect(query(s, "d.example"), "policy/age", "0");
	json_decref(h.policies);
	json_decref(later);
}

/* Memory that knows of no policy does not hide one that was imported; an expired one is neither exported nor imported. */
static void an_import_counts_at_once(void **state)
{
	struct stage *s = *state;
	json_t *all;

	mail_to(s, "d.example");
	all = export_all(s);
	asked_for(s, "flush", "d.example", ",\"policy\":true");
	fake_world_tell(&s->world, "txt", "d.example", "nxdomain");
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "knowledge", "\"no-policy\"");
	import_some(s, all, 0, 1);
	expect(query(s, "d.example"), "policy/mode", "\"enforce\"");
	mail_to(s, "d.example");
	expect(query(s, "d.example"), "knowledge", "\"enforce-failed\"");
	fake_world_pass(&s->world, 86400);
	import_some(s, all, 0, 1);
	expect(s->root, "result/results/0/result", "\"expired\"");
	json_decref(all);
	all = export_all(s);
	assert_int_equal(json_array_size(all), 0);
	json_decref(all);
	fake_store_break(s->store, true);
	assert_null(ask(s, "{\"verb\":\"export\"}"));
	expect(s->root, "status", "75");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, control_kit_set_up, control_kit_tear_down)
	const struct CMUnitTest tests[] = {
		T(a_round_trip),
		T(what_an_import_cannot_do),
		T(an_import_counts_at_once),
		T(the_later_policy_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
