/* An import file, as the command reads it and the daemon takes it: nothing gets in that a fetch could not have brought, and what got in comes out
 * again as it went in. */
#include "tests/fuzz/fuzz.h"

#include "common/base/limits.h"
#include "milter/command/cache_file.h"
#include "milter/daemon/control.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

enum { ROWS = 200 };

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct sources src;
};

static void dns(void *arg, struct dns_state *ret)
{
	(void)arg;
	*ret = (struct dns_state){ .dnssec = "validates" };
}

static void open_stage(struct stage *s)
{
	*s = (struct stage){ .store = fake_store_new(), .settings = settings_defaults() };
	fake_world_init(&s->world);
	fake_world_wire(&s->world, &s->env);
	s->world.wall = 1800000000;
	s->env.store = fake_store_port(s->store);
	s->settings->workers = 0;
	s->settings->queue = 10;
	s->settings->memory = 1 << 20;
	s->src = (struct sources){ .engine = engine_new(&s->env, s->settings),
				   .env = &s->env,
				   .settings = s->settings,
				   .dns = dns };
}

static void close_stage(struct stage *s)
{
	engine_free(s->src.engine);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
}

/* Takes request. */
static json_t *ask(struct stage *s, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT), *answer;
	json_t *root;

	MUST(text != NULL && strlen(text) <= LIMIT_CONTROL_LINE);
	answer = control_answer(&s->src, 0, span_of(text));
	root = json_loads(answer, 0, NULL);
	MUST(json_is_true(json_object_get(root, "ok")));
	json_decref(request);
	free(text);
	free(answer);
	return root;
}

/* What the command would hand to the daemon; NULL: nothing. */
static json_t *read_file(struct span file)
{
	const char *why = NULL;
	struct span line;
	json_t *rows, *row;

	if (!span_line(&file, &line) || (row = cache_file_read_head(line, &why)) == NULL)
		return NULL;
	json_decref(row);
	rows = json_array();
	for (unsigned n = 0; n < ROWS && span_line(&file, &line); n++) {
		row = cache_file_read_line(line, &why);
		MUST(row != NULL || why != NULL);
		if (row != NULL)
			json_array_append_new(rows, row);
	}
	if (json_array_size(rows) > 0)
		return rows;
	json_decref(rows);
	return NULL;
}

static void import_rows(struct stage *s, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		json_decref(ask(s, json_pack("{s:s, s:[O]}", "verb", "import", "policies", row)));
}

static void check_policy(void *arg, const char *domain, const struct stored_policy *p)
{
	struct stage *s = arg;
	struct arena arena;
	struct policy *policy = NULL;

	arena_init(&arena, 1 << 20);
	MUST(domain_is_normal(domain));
	MUST(policy_parse(p->body, &arena, &policy, NULL) == 0);
	MUST(p->fetched_at <= s->world.wall && p->expires_at > s->world.wall);
	MUST(p->expires_at <= p->fetched_at + policy->max_age);
	MUST(p->mode == policy->mode && p->id[0] != '\0');
	policy_unref(policy);
	arena_release(&arena);
}

static json_t *export_all(struct stage *s)
{
	json_t *all = json_array(), *more = json_string(""), *root, *page;

	while (more != NULL) {
		root = ask(s, json_pack("{s:s, s:o}", "verb", "export", "after", more));
		page = json_object_get(root, "result");
		json_array_extend(all, json_object_get(page, "policies"));
		more = json_incref(json_object_get(page, "more"));
		json_decref(root);
	}
	return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stage first, second;
	json_t *rows = read_file(span_make(data, size)), *all, *again;

	if (rows == NULL)
		return 0; /* most mutants: an engine is dear */
	open_stage(&first);
	import_rows(&first, rows);
	first.env.store.policies(first.env.store.ctx, "", ROWS, check_policy, &first);
	all = export_all(&first);
	if (json_array_size(all) > 0) {
		open_stage(&second);
		import_rows(&second, all);
		again = export_all(&second);
		MUST(json_equal(all, again));
		json_decref(again);
		close_stage(&second);
	}
	json_decref(rows);
	json_decref(all);
	close_stage(&first);
	return 0;
}
