/* Requests of whoever may open the control socket: every answer is one JSON object. */
#include "config.h"

#include "milter/daemon/control.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void dns(void *arg, struct dns_state *ret)
{
	(void)arg;
	*ret = (struct dns_state){ .dnssec = "validates" };
}

/* One world for all inputs: queries read, and change nothing. */
static const struct sources *sources(void)
{
	static struct fake_world world;
	static struct engine_env env;
	static struct sources src;
	struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct settings *settings;
	struct judgement j;

	if (src.engine != NULL)
		return &src;
	fake_world_init(&world);
	fake_world_wire(&world, &env);
	env.store = fake_store_port(fake_store_new());
	fake_world_tell(&world, "txt", "d.example", "\"v=STSv1; id=1;\"");
	fake_world_tell(&world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 86400\\n");
	fake_world_tell(&world, "mx", "d.example", "10 mx.d.example 20 other.example");
	fake_world_tell(&world, "addr", "mx.d.example", "20.0.0.1 2a00::1");
	settings = settings_defaults();
	settings->workers = 0;
	src = (struct sources){ .engine = engine_new(&env, settings),
				.env = &env,
				.settings = settings,
				.log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "fuzz"),
				.dns = dns };
	src.outcomes = outcomes_new(src.engine, &env);
	engine_check(src.engine, &hop, world.mono, &j);
	judgement_release(&j);
	return &src;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *answer = control_answer(sources(), 1000, span_make(data, size));
	json_error_t fault;
	json_t *root = json_loads(answer, 0, &fault);

	MUST(json_is_object(root));
	MUST(strchr(answer, '\n') == NULL);
	if (json_is_true(json_object_get(root, "ok")))
		MUST(json_is_object(json_object_get(root, "result")));
	else
		MUST(json_is_string(json_object_get(root, "error")) &&
		     json_integer_value(json_object_get(root, "status")) > 0);
	json_decref(root);
	free(answer);
	return 0;
}
