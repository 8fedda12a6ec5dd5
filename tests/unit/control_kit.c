#include "tests/unit/test.h"

#include "tests/unit/control_kit.h"

#include <stdio.h>
#include <stdlib.h>

static void dns(void *arg, struct dns_state *ret)
{
	(void)arg;
	*ret = (struct dns_state){ .dnssec = "stripped", .detail = "no signatures" };
}

void start(struct stage *s)
{
	s->engine = engine_new(&s->env, s->settings);
	assert_non_null(s->engine);
	outcomes_free(s->outcomes);
	s->outcomes = outcomes_new(s->engine, &s->env);
	assert_non_null(s->outcomes);
	s->sources = (struct sources){ .engine = s->engine,
				       .env = &s->env,
				       .settings = s->settings,
				       .log = s->log,
				       .started_at = clock_wall(&s->env.clock),
				       .outcomes = s->outcomes,
				       .dns = dns };
}

int control_kit_set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	fake_world_init(&s->world);
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.store = fake_store_port(s->store);
	s->settings = settings_defaults();
	s->settings->workers = 0;
	s->log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "test");
	start(s);
	fake_world_tell(&s->world, "txt", "d.example", "\"v=STSv1; id=7;\"");
	fake_world_tell(&s->world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 86400\\n");
	fake_world_tell(&s->world, "mx", "d.example", "10 mx.d.example 20 other.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "20.0.0.1 2a00::1");
	fake_world_tell(&s->world, "probe", "mx.d.example 20.0.0.1", "certificate-expired");
	fake_world_tell(&s->world, "probe", "mx.d.example 2a00::1", "ok");
	*state = s;
	return 0;
}

int control_kit_tear_down(void **state)
{
	struct stage *s = *state;

	json_decref(s->root);
	outcomes_free(s->outcomes);
	engine_free(s->engine);
	log_close(s->log);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	free(s);
	return 0;
}

void mail_to(struct stage *s, const char *nexthop)
{
	struct nexthop hop = nexthop_of_route(span_of(nexthop));
	struct judgement j;

	engine_check(s->engine, &hop, s->world.mono, &j);
	judgement_release(&j);
}

json_t *ask(struct stage *s, const char *request)
{
	char *answer = control_answer(&s->sources, 1000, span_of(request));
	json_error_t fault;

	json_decref(s->root);
	s->root = json_loads(answer, 0, &fault);
	free(answer);
	assert_true(json_is_object(s->root));
	return json_object_get(s->root, "result");
}

json_t *query(struct stage *s, const char *nexthop)
{
	char request[600];

	snprintf(request, sizeof(request), "{\"verb\":\"query\",\"nexthop\":\"%s\"}", nexthop);
	return ask(s, request);
}

void expect(const json_t *in, const char *path, const char *value)
{
	struct span rest = span_of(path), name;
	const json_t *at = in;
	char key[64], *got;
	bool same;

	while (rest.n > 0) {
		if (!span_until(&rest, '/', rest.n, &name)) {
			name = rest;
			rest.n = 0;
		}
		assert_true(span_copy(name, key, sizeof(key)));
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
				       : json_object_get(at, key);
	}
	got = at != NULL ? json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	same = got == NULL || value == NULL ? got == NULL && value == NULL
					    : strcmp(got, value) == 0;
	if (!same)
		fail_msg("%s: got %s, not %s", path, got != NULL ? got : "nothing",
			 value != NULL ? value : "nothing");
	free(got);
}

unsigned asked(struct stage *s)
{
	const struct fake_counts *c = &s->world.counts;

	return c->txt + c->mx + c->addresses + c->fetches + c->probes;
}

unsigned asked_for(struct stage *s, const char *verb, const char *nexthop, const char *more)
{
	unsigned before = asked(s);
	char request[600];

	snprintf(request, sizeof(request), "{\"verb\":\"%s\",\"nexthop\":\"%s\"%s}", verb, nexthop,
		 more);
	ask(s, request);
	return asked(s) - before;
}
