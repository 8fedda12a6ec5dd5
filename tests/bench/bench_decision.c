/* bench_decision - the decision alone, in process, with a million enforce policies in memory
 *
 * From a next-hop to an answer: engine_check() and action_for(), nothing else. Beside it a bare hash
 * look-up of the same names (uthash, one thread, no lock, no reference). CPU time, in turns. The
 * world is faked, so that a million domains become known in a minute; the clock is the real one.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uthash.h>

#include "common/engine/engine.h"
#include "tests/bench/figure.h"

enum { DOMAINS = 1000000, DECISIONS = 500000, RUNS = 7, NAME = 40, MX_HOSTS = 16 };

static const char POLICY[] = "version: STSv1\nmode: enforce\nmx: *.mx.bench.example\n"
			     "max_age: 604800\n";

struct bare {
	char name[NAME];
	enum answer answer;
	UT_hash_handle hh;
};

static void name_of(unsigned i, char name[NAME])
{
	(void)snprintf(name, NAME, "mail%u.company%u.example", i % 97, i);
}

/* a world in which every domain has the same policy */

static int64_t wall(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static int64_t mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void answer_with(struct dns_query *q, struct arena *arena, const void *rdata, size_t n)
{
	char *copy = arena_strdup(arena, span_make(rdata, n));

	q->rdata = arena_array(arena, 1, sizeof(*q->rdata));
	if (q->rdata == NULL || copy == NULL)
		return;
	memcpy(copy, rdata, n); /* arena_strdup() gave the room */
	q->rdata[0] = span_make(copy, n);
	q->n_rdata = 1;
	q->status = DNS_FOUND;
}

/* Sixteen MX hosts for all. */
static void answer_mx(struct dns_query *q, struct arena *arena)
{
	char rdata[] = "\0\12\4mx00\2mx\5bench\7example";
	unsigned host = (unsigned char)q->name[5] % MX_HOSTS;

	rdata[5] = (char)('0' + host / 10);
	rdata[6] = (char)('0' + host % 10);
	answer_with(q, arena, rdata, sizeof(rdata));
}

static void query(void *ctx, struct dns_query *q, size_t n, int64_t deadline, struct arena *arena)
{
	(void)ctx;
	(void)deadline;
	for (; n > 0; n--, q++) {
		q->status = DNS_NODATA;
		q->ttl = 3600;
		q->why = "";
		if (q->type == DNS_TXT)
			answer_with(q, arena, "\15v=STSv1; id=1", 14);
		else if (q->type == DNS_MX)
			answer_mx(q, arena);
		else if (q->type == DNS_A)
			answer_with(q, arena, "\11\11\11\11", 4);
	}
}

static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	(void)ctx;
	(void)deadline;
	(void)arena;
	f->reason = REASON_OK;
	f->body = span_make(POLICY, sizeof(POLICY) - 1);
}

static void probe(void *ctx, struct probe *p, size_t n, int64_t deadline)
{
	(void)ctx;
	(void)deadline;
	for (; n > 0; n--, p++)
		p->fact = (struct fact){ .addr = p->addr,
					 .outcome = OUTCOME_PASSED,
					 .not_after = time(NULL) + 90L * 86400,
					 .tls = "TLSv1.3" };
}

static int store_get(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret)
{
	(void)ctx;
	(void)domain;
	(void)arena;
	(void)ret;
	return STORE_NOT_FOUND;
}

static int store_put(void *ctx, const char *domain, const struct stored_policy *p)
{
	(void)ctx;
	(void)domain;
	(void)p;
	return 0;
}

static int store_remove(void *ctx, const char *domain)
{
	(void)ctx;
	(void)domain;
	return 0;
}

static int failure_put(void *ctx, const struct stored_failure *f)
{
	(void)ctx;
	(void)f;
	return 0;
}

static int failure_remove(void *ctx, const char *domain, int class)
{
	(void)ctx;
	(void)domain;
	(void)class;
	return 0;
}

static int failures_load(void *ctx, int64_t since,
			 void (*each)(void *arg, const struct stored_failure *f), void *arg)
{
	(void)ctx;
	(void)since;
	(void)each;
	(void)arg;
	return 0;
}

static int counts(void *ctx, struct store_counts *ret)
{
	(void)ctx;
	*ret = (struct store_counts){ 0 };
	return 0;
}

static int upkeep_get(void *ctx, const char *domain, struct stored_upkeep *ret)
{
	(void)ctx;
	(void)domain;
	(void)ret;
	return STORE_NOT_FOUND;
}

static int upkeep_put(void *ctx, const char *domain, const struct stored_upkeep *u)
{
	(void)ctx;
	(void)domain;
	(void)u;
	return 0;
}

static int due(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
	       void *arg)
{
	(void)ctx;
	(void)now;
	(void)used_since;
	(void)limit;
	(void)each;
	(void)arg;
	return 0;
}

static int event_put(void *ctx, const struct stored_event *e)
{
	(void)ctx;
	(void)e;
	return 0;
}

static int overrides(void *ctx, const char *domain, bool ended_too, store_each_override *each,
		     void *arg)
{
	(void)ctx;
	(void)domain;
	(void)ended_too;
	(void)each;
	(void)arg;
	return 0;
}

static const char *trouble(void *ctx)
{
	(void)ctx;
	return NULL;
}

static void notice(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	if (level == LOG_LEVEL_WARNING)
		fprintf(stderr, "bench_decision: %s\n", line);
}

/* both sides */

static struct bare *bare_fill(void)
{
	struct bare *table = NULL;

	for (unsigned i = 0; i < DOMAINS; i++) {
		struct bare *b = calloc(1, sizeof(*b));

		if (b == NULL)
			abort();
		name_of(i, b->name);
		b->answer = ANSWER_ACCEPT;
		HASH_ADD_STR(table, name, b);
	}
	return table;
}

static void hop_to(const char *name, struct nexthop *ret)
{
	ret->kind = NEXTHOP_DOMAIN;
	ret->port = 25;
	memcpy(ret->domain, name, strlen(name) + 1);
}

static bool engine_fill(struct engine *e)
{
	struct nexthop hop = { 0 };
	char name[NAME];

	for (unsigned i = 0; i < DOMAINS; i++) {
		struct judgement j;

		name_of(i, name);
		hop_to(name, &hop);
		engine_check(e, &hop, INT64_MAX, &j);
		judgement_release(&j);
		if (j.knowledge != KNOW_ENFORCE_PASSED) {
			fprintf(stderr, "bench_decision: %s: %s (%s)\n", name,
				knowledge_name(j.knowledge), reason_name(j.reason));
			return false;
		}
	}
	return true;
}

static double run_bare(struct bare *table, char (*names)[NAME], unsigned *accepted)
{
	double start = figure_cpu();

	for (unsigned i = 0; i < DECISIONS; i++) {
		struct bare *b;

		HASH_FIND_STR(table, names[i], b);
		*accepted += b->answer == ANSWER_ACCEPT;
	}
	return (figure_cpu() - start) / DECISIONS;
}

static double run_engine(struct engine *e, char (*names)[NAME], unsigned *accepted)
{
	const struct action_view view = { .action = ACTION_TEMPFAIL };
	struct nexthop hop = { 0 };
	double start = figure_cpu();

	for (unsigned i = 0; i < DECISIONS; i++) {
		struct judgement j;

		hop_to(names[i], &hop);
		engine_check(e, &hop, INT64_MAX, &j);
		*accepted += action_for(j.knowledge, &view, j.failing_ms) == ANSWER_ACCEPT;
		judgement_release(&j);
	}
	return (figure_cpu() - start) / DECISIONS;
}

static bool compare(struct engine *e, struct bare *table, char (*names)[NAME])
{
	double bare[RUNS], ours[RUNS], ratio[RUNS];
	unsigned accepted[2] = { 0, 0 };
	struct engine_status status;

	for (unsigned i = 0; i < RUNS; i++) {
		bare[i] = run_bare(table, names, &accepted[0]);
		ours[i] = run_engine(e, names, &accepted[1]);
		ratio[i] = ours[i] / bare[i];
	}
	figure_print(&(struct figure){ .name = "decision_1000000",
				       .value = figure_median(ours, RUNS) * 1e9,
				       .unit = "ns_cpu",
				       .against = "uthash_find",
				       .ratio = figure_median(ratio, RUNS),
				       .kind = TARGET_AT_MOST,
				       .target = 2.0 });
	engine_status(e, &status);
	figure_print(&(struct figure){ .name = "decision_bytes_per_domain",
				       .value = (double)status.entries.bytes /
						(double)status.entries.items,
				       .unit = "bytes" });
	return accepted[0] == accepted[1];
}

int main(void)
{
	struct engine_env env = {
		.clock = { wall, mono, NULL },
		.resolver = { query, NULL },
		.fetcher = { get, NULL },
		.prober = { probe, NULL },
		.store = { .get = store_get,
			   .put = store_put,
			   .remove = store_remove,
			   .failure_put = failure_put,
			   .failure_remove = failure_remove,
			   .failures_load = failures_load,
			   .upkeep_get = upkeep_get,
			   .upkeep_put = upkeep_put,
			   .due = due,
			   .event_put = event_put,
			   .overrides = overrides,
			   .counts = counts,
			   .trouble = trouble },
		.notice = notice,
		.seed = 0x5eed,
	};
	char(*names)[NAME] = calloc(DECISIONS, sizeof(*names));
	struct settings *settings = settings_defaults();
	struct bare *table = bare_fill();
	struct engine *e;
	uint64_t x = 88172645463325252;
	bool ok;

	if (names == NULL || settings == NULL)
		return 1;
	settings->memory = (int64_t)8 << 30;
	settings->workers = 0; /* everything on this thread */
	e = engine_new(&env, settings);
	if (e == NULL)
		return 1;
	for (unsigned i = 0; i < DECISIONS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		name_of((unsigned)(x % DOMAINS), names[i]);
	}
	ok = engine_fill(e) && compare(e, table, names);
	engine_free(e);
	settings_free(settings);
	free(names);
	return ok ? 0 : 1; /* the bare table goes with the process */
}
