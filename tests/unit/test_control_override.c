/* The operator adds, sees and removes overrides over the control socket's protocol. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "milter/daemon/control.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	struct sources sources;
	char *answer;
};

static void start(struct stage *s)
{
	s->engine = engine_new(&s->env, s->settings);
	s->sources =
		(struct sources){ .engine = s->engine, .env = &s->env, .settings = s->settings };
}

static int set_up(void **state)
{
	static const char config[] = "[judge]\nskip_domains = skipped.example\n";
	struct stage *s = calloc(1, sizeof(*s));
	struct buf error;

	buf_init(&error, 1000);
	fake_world_init(&s->world);
	s->world.wall = 1798761600; /* 2027-01-01 */
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.store = fake_store_port(s->store);
	if (settings_parse(span_of(config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	s->settings->workers = 0;
	start(s);
	fake_world_tell(&s->world, "txt", "d.example", "\"v=STSv1; id=7;\"");
	fake_world_tell(&s->world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 31557600\\n");
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	free(s->answer);
	engine_free(s->engine);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	free(s);
	return 0;
}

static const char *ask_as(struct stage *s, int64_t uid, const char *request)
{
	free(s->answer);
	s->answer = control_answer(&s->sources, uid, span_of(request));
	assert_non_null(s->answer);
	return s->answer;
}

static const char *ask(struct stage *s, const char *request)
{
	return ask_as(s, 1000, request);
}

static void expect(const char *answer, const char *want)
{
	if (strstr(answer, want) == NULL)
		fail_msg("expected %s\ngot %s", want, answer);
}

static void know_policy(struct stage *s)
{
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct judgement j;

	engine_check(s->engine, &hop, s->world.mono, &j);
	judgement_release(&j);
}

#define ADD_NONE                                                                                   \
	"{\"verb\":\"override-add\",\"domain\":\"D.example\",\"mode\":\"none\",\"until\":\"+7d\"," \
	"\"reason\":\"broken\","                                                                   \
	"\"owner\":\"joe\"}"
#define LIST	 "{\"verb\":\"override-list\"}"
#define LIST_ALL "{\"verb\":\"override-list\",\"all\":true}"
#define REMOVE	 "{\"verb\":\"override-remove\",\"domain\":\"d.example\"}"
#define QUERY	 "{\"verb\":\"query\",\"nexthop\":\"d.example\"}"

static void it_comes_and_goes(void **state)
{
	static const char row[] =
		"\"domain\":\"d.example\",\"mode\":\"none\",\"added_at\":\"2027-01-01T00:00:00Z\","
		"\"until\":\"2027-01-08T00:00:00Z\",\"ends_in\":604800,\"uid\":1000,\"owner\":"
		"\"joe\","
		"\"reason\":\"broken\"";
	struct stage *s = *state;

	know_policy(s);
	expect(ask(s, LIST), "{\"ok\":true,\"result\":{\"overrides\":[]}}");
	expect(ask(s, ADD_NONE), row);
	expect(s->answer, "\"warnings\":[]");
	expect(s->world.last_notice, "event=override-added domain=d.example mode=none "
				     "until=2027-01-08T00:00:00Z uid=1000 "
				     "owner=joe reason=broken");
	expect(ask(s, LIST), row);
	expect(ask(s, QUERY), "\"override\":{");
	expect(s->answer, row);
	expect(s->answer, "\"reason\":\"override-none\"");
	expect(s->answer, "\"answer\":\"accept\"");
	expect(s->answer, "\"policy\":{\"mode\":\"enforce\"");
	s->world.wall += 86400;
	expect(ask_as(s, 0, REMOVE), "\"ok\":true");
	expect(s->world.last_notice, "event=override-removed domain=d.example");
	expect(s->world.last_notice, "uid=0");
	expect(ask(s, LIST), "\"overrides\":[]");
	expect(ask(s, LIST_ALL),
	       "\"ended\":\"removed\",\"ended_at\":\"2027-01-02T00:00:00Z\",\"ended_uid\":0");
	expect(ask(s, REMOVE), "\"status\":1");
	assert_null(strstr(ask(s, QUERY), "\"override\""));
}

static void what_takes_its_place_and_what_expires_is_remembered(void **state)
{
	struct stage *s = *state;

	(void)ask(s, ADD_NONE);
	(void)ask_as(s, 1001, ADD_NONE);
	expect(ask(s, LIST_ALL), "\"ended\":\"replaced\"");
	expect(s->answer, "\"ended_uid\":1001");
	fake_world_pass(&s->world, 7 * 86400);
	engine_tick(s->engine);
	expect(s->world.last_notice, "event=override-expired domain=d.example");
	assert_null(strstr(s->world.last_notice, "uid="));
	expect(ask(s, LIST), "\"overrides\":[]");
	expect(ask(s, LIST_ALL), "\"ended\":\"expired\",\"ended_at\":\"2027-01-08T00:00:00Z\"}");
}

static void a_static_policy_shows_its_patterns(void **state)
{
	struct stage *s = *state;

	expect(ask(s, "{\"verb\":\"override-add\",\"domain\":\"p.example\",\"mode\":\"enforce\","
		      "\"until\":\"+7d\","
		      "\"reason\":\"partner\",\"mx\":\"MX.p.example *.p.example\"}"),
	       "\"mx\":[\"mx.p.example\",\"*.p.example\"]");
	expect(ask(s, "{\"verb\":\"query\",\"nexthop\":\"p.example:26\"}"), "\"override\":{");
	expect(s->answer, "\"knowledge\":\"enforce-pending\"");
	assert_null(strstr(ask(s, "{\"verb\":\"query\",\"nexthop\":\"sub.p.example\"}"),
			   "\"override\":{"));
}

/* Every refusal says what to do, and changes nothing. */
static void refusals(void **state)
{
	static const struct {
		const char *request, *want;
	} cases[] = {
		{ "{\"verb\":\"override-add\",\"domain\":\"q.example\",\"mode\":\"enforce\","
		  "\"until\":\"+7d\",\"reason\":\"r\"}",
		  "no policy of q.example is known, so there are no MX hosts to demand; name them "
		  "with --mx" },
		{ "{\"verb\":\"override-add\",\"domain\":\"[mx.d.example]\",\"mode\":\"none\","
		  "\"until\":\"+7d\",\"reason\":\"r\"}",
		  "without brackets and port" },
		{ "{\"verb\":\"override-add\",\"domain\":\"192.0.2.1\",\"mode\":\"none\",\"until\":"
		  "\"+7d\",\"reason\":\"r\"}",
		  "an address has no policy" },
		{ "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"until\":\"+7d\","
		  "\"reason\":\"r\"}",
		  "expected --mode" },
		{ "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"mode\":\"none\","
		  "\"reason\":\"r\"}",
		  "--until" },
		{ "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"mode\":\"none\",\"until\":"
		  "\"+7d\"}",
		  "--reason" },
		{ "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"mode\":\"none\",\"until\":"
		  "\"+7d\",\"reason\":7}",
		  "reason is missing, or is no text" },
		{ "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"mode\":\"none\",\"until\":"
		  "\"+7d\",\"reason\":\"r\","
		  "\"mx\":\"mx.d.example\"}",
		  "leave --mx out" },
		{ "{\"verb\":\"override-remove\"}", "domain is missing" },
		{ "{\"verb\":\"override-remove\",\"domain\":\"[d.example]\"}", "without brackets" },
		{ "{\"verb\":\"override-list\",\"domain\":\"a..b\"}", "no domain name" },
		{ "{\"verb\":\"override-list\",\"all\":1}", "neither true nor false" },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect(ask(s, cases[i].request), cases[i].want);
		expect(s->answer, "\"ok\":false");
		expect(s->answer, "\"status\":64");
	}
	expect(ask(s, LIST_ALL), "\"overrides\":[]");
}

static void what_cannot_be_kept_is_not_done(void **state)
{
	struct stage *s = *state;

	fake_store_break(s->store, true);
	expect(ask(s, ADD_NONE),
	       "nothing was changed, because the database cannot keep it: broken on purpose");
	expect(s->answer, "\"status\":75");
	expect(ask(s, LIST), "\"overrides\":[]");
	expect(ask(s, LIST_ALL), "\"status\":75");
	fake_store_break(s->store, false);
	expect(ask(s, ADD_NONE), "\"ok\":true");
	fake_store_break(s->store, true);
	expect(ask(s, REMOVE), "\"status\":75");
	expect(ask(s, LIST), "\"domain\":\"d.example\"");
}

static void what_has_no_effect_is_said(void **state)
{
	struct stage *s = *state;

	expect(ask(s, "{\"verb\":\"override-add\",\"domain\":\"skipped.example\",\"mode\":"
		      "\"enforce\",\"until\":\"+7d\","
		      "\"reason\":\"r\",\"mx\":\"*.skipped.example\"}"),
	       "\"warnings\":[\"the domain is in skip_domains");
	expect(ask(s, ADD_NONE), "\"warnings\":[\"no policy of this domain is known");
}

/* With published patterns and mode enforce, once the policy is known; not when it has expired. */
static void a_known_policy_lends_its_patterns(void **state)
{
	static const char add[] = "{\"verb\":\"override-add\",\"domain\":\"d.example\",\"mode\":"
				  "\"enforce\",\"until\":\"+7d\","
				  "\"reason\":\"r\"}";
	struct stage *s = *state;

	expect(ask(s, add), "mta-sts refresh d.example");
	know_policy(s);
	expect(ask(s, add), "\"ok\":true");
	engine_free(s->engine);
	start(s); /* memory is empty: the store knows */
	expect(ask(s, add), "\"ok\":true");
	fake_world_pass(&s->world, 31557600);
	expect(ask(s, add), "mta-sts refresh d.example");
}

static void long_lists_come_in_pages(void **state)
{
	struct stage *s = *state;
	char request[200], want[64];
	long long next;
	const char *at;

	for (int i = 0; i < 205; i++) {
		snprintf(request, sizeof(request),
			 "{\"verb\":\"override-add\",\"domain\":\"d%d.example\",\"mode\":\"none\","
			 "\"until\":\"+7d\",\"reason\":\"r\"}",
			 i);
		expect(ask(s, request), "\"ok\":true");
	}
	expect(ask(s, LIST), "d204.example");
	expect(s->answer, "d105.example");
	assert_null(strstr(s->answer, "d104.example"));
	for (int page = 1; page < 3; page++) {
		at = strstr(s->answer, "\"next\":");
		assert_non_null(at);
		next = strtoll(at + 7, NULL, 10);
		snprintf(request, sizeof(request),
			 "{\"verb\":\"override-list\",\"all\":%s,\"before\":%lld}",
			 page == 1 ? "true" : "false", next);
		snprintf(want, sizeof(want), "\"d%d.example\"", page == 1 ? 104 : 4);
		expect(ask(s, request), want);
	}
	expect(s->answer, "\"d0.example\"");
	assert_null(strstr(s->answer, "\"next\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_comes_and_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_takes_its_place_and_what_expires_is_remembered,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_static_policy_shows_its_patterns, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_kept_is_not_done, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_no_effect_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_known_policy_lends_its_patterns, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(long_lists_come_in_pages, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
