/* How many policies are fetched again at once: many domains in virtual time. And what a flood of names does to a policy in memory. */
#include "tests/unit/test.h"

#include "common/engine/engine.h"
#include "common/engine/refresh.h"
#include "tests/fake/fake_world.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOMAINS = 20000, HOUR = 3600, DAY = 86400 };

/* A provider: domains d0.example to d19999.example, one policy for all. */
struct provider {
	int64_t wall, mono;
	size_t n;
	struct row {
		bool known;
		struct stored_policy p;
		struct stored_upkeep upkeep;
		unsigned fetches;
		int64_t fetched_at;
		int64_t shortest; /* time between two fetches */
	} rows[DOMAINS];
	size_t hand; /* where the next look for due rows begins */
	bool dead, dns_dead;
	const char *flushed; /* while its record is being looked up */
	unsigned notices;
	unsigned fetches; /* of this second */
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
};

static const char body[] = "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 604800\n";

static struct row *row_of(struct provider *p, const char *domain)
{
	char *end;
	unsigned long i = domain[0] == 'd' ? strtoul(domain + 1, &end, 10) : DOMAINS;

	return i < p->n && end > domain + 1 ? &p->rows[i] : NULL;
}

static int64_t wall(void *ctx)
{
	return ((struct provider *)ctx)->wall;
}

static int64_t mono(void *ctx)
{
	return ((struct provider *)ctx)->mono;
}

static int get(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret)
{
	struct row *row = row_of(ctx, domain);

	(void)arena;
	if (row == NULL || !row->known)
		return STORE_NOT_FOUND;
	*ret = row->p;
	return 0;
}

static int put(void *ctx, const char *domain, const struct stored_policy *policy)
{
	struct row *row = row_of(ctx, domain);

	row->known = true;
	row->p = *policy;
	row->p.body = span_of(body);
	return 0;
}

static int removed(void *ctx, const char *domain)
{
	row_of(ctx, domain)->known = false;
	return 0;
}

static int failures_load(void *ctx, int64_t since,
			 void (*each)(void *, const struct stored_failure *), void *arg)
{
	(void)ctx, (void)since, (void)each, (void)arg;
	return 0;
}

static int failure_put(void *ctx, const struct stored_failure *f)
{
	(void)ctx, (void)f;
	return 0;
}

static int failure_remove(void *ctx, const char *domain, int class)
{
	(void)ctx, (void)domain, (void)class;
	return 0;
}

static int upkeep_get(void *ctx, const char *domain, struct stored_upkeep *ret)
{
	struct row *row = row_of(ctx, domain);

	if (row == NULL || !row->known)
		return STORE_NOT_FOUND;
	*ret = row->upkeep;
	return 0;
}

static int upkeep_put(void *ctx, const char *domain, const struct stored_upkeep *u)
{
	row_of(ctx, domain)->upkeep = *u;
	return 0;
}

/* Not the longest due first: the bound must not depend on that. */
static int due(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
	       void *arg)
{
	struct provider *p = ctx;
	unsigned n = 0;

	for (size_t i = 0; i < p->n && n < limit; i++) {
		size_t at = (p->hand + i) % p->n;
		const struct row *row = &p->rows[at];
		char name[32];

		if (!row->known || row->upkeep.due_at > now || row->upkeep.used_at < used_since)
			continue;
		snprintf(name, sizeof(name), "d%zu.example", at);
		each(arg, name, &row->upkeep);
		/* Asked again before the first job has ended. */
		if (at % 1000 == 0)
			each(arg, name, &row->upkeep);
		if (++n == limit)
			p->hand = at + 1;
	}
	return 0;
}

static int event_put(void *ctx, const struct stored_event *e)
{
	(void)ctx, (void)e;
	return 0;
}

static int counts(void *ctx, struct store_counts *ret)
{
	*ret = (struct store_counts){ .policies = ((struct provider *)ctx)->n };
	return 0;
}

static int no_overrides(void *ctx, const char *domain, bool ended_too, store_each_override *each,
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

static void query(void *ctx, struct dns_query *q, size_t n, int64_t deadline, struct arena *arena)
{
	static const char record[] = "\017v=STSv1; id=1; ", addr[] = "\024\0\0\120";
	struct provider *p = ctx;

	(void)deadline;
	if (p->flushed != NULL && q[0].type == DNS_TXT) {
		struct nexthop hop = nexthop_of_route(span_of(p->flushed));

		assert_true(engine_is_checking(p->engine, &hop));
		engine_flush(p->engine, &hop, false);
	}
	for (size_t i = 0; i < n; i++) {
		bool ours = row_of(p, q[i].name + strlen("_mta-sts.")) != NULL;

		q[i].status = DNS_NXDOMAIN;
		q[i].ttl = 300;
		q[i].n_rdata = 0;
		q[i].why = "";
		if (p->dns_dead) {
			q[i].status = DNS_FAILED;
			continue;
		}
		if (q[i].type == DNS_TXT && ours) {
			q[i].rdata = arena_alloc(arena, sizeof(*q[i].rdata));
			q[i].rdata[q[i].n_rdata++] = span_make(record, 16);
			q[i].status = DNS_FOUND;
		} else if (q[i].type == DNS_A) {
			q[i].rdata = arena_alloc(arena, sizeof(*q[i].rdata));
			q[i].rdata[q[i].n_rdata++] = span_make(addr, 4);
			q[i].status = DNS_FOUND;
		}
	}
}

static void fetch(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct provider *p = ctx;
	struct row *row = row_of(p, f->host + strlen("mta-sts."));

	(void)deadline, (void)arena;
	p->fetches++;
	if (row->fetches++ > 0 && p->wall - row->fetched_at < row->shortest)
		row->shortest = p->wall - row->fetched_at;
	row->fetched_at = p->wall;
	f->reason = p->dead ? REASON_POLICY_INVALID : REASON_OK;
	f->body = span_of(body);
	f->detail[0] = '\0';
}

static void probe(void *ctx, struct probe *probes, size_t n, int64_t deadline)
{
	(void)ctx, (void)probes, (void)n, (void)deadline;
	fail_msg("a refresh must not probe");
}

static void notice(void *arg, enum log_level level, const char *line)
{
	struct provider *p = arg;

	(void)level, (void)line;
	p->notices++;
}

static void setup(struct provider *p, size_t n)
{
	struct buf error;

	memset(p, 0, sizeof(*p));
	p->wall = 1800000000;
	p->mono = 1000000;
	p->n = n;
	for (size_t i = 0; i < n; i++) {
		struct row *row = &p->rows[i];

		row->known = true;
		row->p = (struct stored_policy){ .id = "1",
						 .mode = POLICY_MODE_ENFORCE,
						 .body = span_of(body),
						 .fetched_at = p->wall - 3 * DAY,
						 .expires_at = p->wall + 4 * DAY };
		/* Three days switched off. */
		row->upkeep = (struct stored_upkeep){ .used_at = p->wall - 3 * DAY,
						      .due_at = p->wall - 2 * DAY };
		row->shortest = INT64_MAX;
	}
	p->env = (struct engine_env){ .clock = { wall, mono, p },
				      .resolver = { query, p },
				      .fetcher = { fetch, p },
				      .prober = { probe, p },
				      .notice = notice,
				      .notice_arg = p,
				      .seed = 7 };
	p->env.store = (struct store){ .get = get,
				       .put = put,
				       .remove = removed,
				       .failure_put = failure_put,
				       .failure_remove = failure_remove,
				       .failures_load = failures_load,
				       .upkeep_get = upkeep_get,
				       .upkeep_put = upkeep_put,
				       .due = due,
				       .event_put = event_put,
				       .counts = counts,
				       .overrides = no_overrides,
				       .trouble = trouble,
				       .ctx = p };
	buf_init(&error, 1000);
	assert_int_equal(settings_parse(span_of("[daemon]\nmemory = 1M\n"), "test.conf",
					&p->settings, &error),
			 0);
	buf_release(&error);
	p->settings->workers = 0;
	p->engine = engine_new(&p->env, p->settings);
	assert_non_null(p->engine);
}

static void teardown(struct provider *p)
{
	engine_free(p->engine);
	settings_free(p->settings);
	free(p);
}

/* Ticks twice a second, as an impatient housekeeper would. Returns the most fetches of one second. */
static unsigned live(struct provider *p, int64_t seconds)
{
	unsigned most = 0;

	for (int64_t i = 0; i < seconds; i++) {
		p->fetches = 0;
		p->wall++;
		p->mono += 500;
		engine_tick(p->engine);
		p->mono += 500;
		engine_tick(p->engine);
		most = p->fetches > most ? p->fetches : most;
	}
	return most;
}

static void after_three_days_switched_off(void **state)
{
	struct provider *p = malloc(sizeof(*p));
	unsigned rate = refresh_rate(DOMAINS);
	(void)state;

	setup(p, DOMAINS);
	assert_int_equal(rate, 2);
	assert_in_range(live(p, REFRESH_SPREAD), 1, rate);
	for (size_t i = 0; i < p->n; i++)
		assert_int_equal(p->rows[i].fetches, 1);
	/* A day later each has been fetched again, once, and never more at a time than that. */
	assert_in_range(live(p, DAY), 1, rate);
	for (size_t i = 0; i < p->n; i++) {
		assert_in_range(p->rows[i].fetches, 2, 3);
		assert_true(p->rows[i].shortest >= DAY / 4 * 3);
	}
	teardown(p);
}

static void a_dead_provider(void **state)
{
	struct provider *p = malloc(sizeof(*p));
	(void)state;

	setup(p, 2000);
	p->dead = true;
	assert_in_range(live(p, 6 * HOUR), 1, refresh_rate(p->n));
	for (size_t i = 0; i < p->n; i++) {
		assert_in_range(p->rows[i].fetches, 2, 8);
		assert_true(p->rows[i].shortest >= 300);
		assert_true(p->rows[i].known);
	}
	/* It is back: within a few hours all is as it was. */
	p->dead = false;
	assert_in_range(live(p, 7 * HOUR), 1, refresh_rate(p->n));
	for (size_t i = 0; i < p->n; i++)
		assert_int_equal(p->rows[i].upkeep.failures, 0);
	teardown(p);
}

/* It is not the policies' fault: one refresh a second finds out when it is over, and the log says it once. */
static void without_dns(void **state)
{
	struct provider *p = malloc(sizeof(*p));
	struct engine_status st;
	uint64_t before;
	(void)state;

	setup(p, DOMAINS);
	p->dns_dead = true;
	live(p, 60);
	engine_status(p->engine, &st);
	assert_true(st.dns_down);
	before = STAT_GET(st.stats, refreshes);
	p->notices = 0;
	assert_int_equal(live(p, 600), 0);
	engine_status(p->engine, &st);
	assert_in_range(STAT_GET(st.stats, refreshes) - before, 500, 600);
	assert_int_equal(p->notices, 0);
	p->dns_dead = false;
	live(p, REFRESH_SPREAD + HOUR);
	for (size_t i = 0; i < p->n; i++)
		assert_int_equal(p->rows[i].fetches, 1);
	teardown(p);
}

static void rates(void **state)
{
	(void)state;

	assert_int_equal(refresh_rate(0), 1);
	assert_int_equal(refresh_rate(1), 1);
	assert_int_equal(refresh_rate(100000), 7);
	assert_int_equal(refresh_rate(1000000), 70);
	assert_true(refresh_rate(UINT64_MAX) <= 1024);
}

static enum knowledge ask(struct provider *p, const char *domain)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));
	struct judgement j;

	engine_check(p->engine, &hop, p->mono, &j);
	judgement_release(&j);
	return j.knowledge;
}

/* RFC 8461 s3.3: 200,000 names that have no policy fill the memory many times over; what is in use stays, and what is not is read again. */
static void a_flood_of_names(void **state)
{
	struct provider *p = malloc(sizeof(*p));
	struct engine_status before, after;
	unsigned asked = 0;
	(void)state;

	setup(p, 2);
	/* No MX host: an enforce policy that has nothing to be enforced on, remembered for a minute. */
	assert_int_equal(ask(p, "d0.example"), KNOW_MOOT);
	assert_int_equal(ask(p, "d1.example"), KNOW_MOOT);
	engine_status(p->engine, &before);
	for (int i = 0; i < 200000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "flood%d.example", i);
		assert_int_equal(ask(p, name), KNOW_NO_POLICY);
		if (i % 100 == 0) {
			asked++;
			assert_int_equal(ask(p, "d0.example"), KNOW_MOOT);
		}
	}
	engine_status(p->engine, &after);
	assert_true(after.entries.evictions > 100000);
	assert_true(after.entries.bytes <= 1 << 20);
	/* In use: nearly always answered from memory. */
	assert_in_range(STAT_GET(after.stats, memory_hits), asked * 9 / 10, asked);
	/* Not in use: no longer in memory, and still known. */
	struct nexthop hop = nexthop_of_route(span_of("d1.example"));
	struct entry *entry = engine_peek(p->engine, &hop);

	assert_non_null(entry);
	assert_int_equal(entry->knowledge, KNOW_ENFORCE_PENDING);
	entry_unref(entry);
	teardown(p);
}

/* All policies of a provider, fetched in one second, are due over the last quarter of the day. */
static void fetched_in_one_second(void **state)
{
	enum { POLICIES = 3600, SLOTS = 36 };
	struct provider *p = malloc(sizeof(*p));
	unsigned slots[SLOTS] = { 0 };
	(void)state;

	setup(p, POLICIES);
	for (size_t i = 0; i < p->n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "d%zu.example", i);
		ask(p, name);
	}
	for (size_t i = 0; i < p->n; i++) {
		int64_t in = p->rows[i].upkeep.due_at - p->wall;

		assert_int_equal(p->rows[i].fetches, 1);
		assert_in_range(in, DAY / 4 * 3, DAY);
		slots[(in - DAY / 4 * 3) * SLOTS / (DAY / 4 + 1)]++;
	}
	for (size_t i = 0; i < SLOTS; i++) /* of ten minutes: a hundred on average */
		assert_in_range(slots[i], 50, 150);
	teardown(p);
}

/* What is forgotten does not come back with a check that is under way. */
static void a_flush_spoils_what_is_under_way(void **state)
{
	struct nexthop hop = nexthop_of_route(span_of("n.example"));
	struct provider *p = malloc(sizeof(*p));
	struct entry *entry;
	(void)state;

	setup(p, 1);
	p->flushed = "n.example";
	assert_int_equal(ask(p, "n.example"), KNOW_NO_POLICY);
	assert_false(engine_is_checking(p->engine, &hop));
	assert_null(engine_peek(p->engine, &hop));
	p->flushed = NULL;
	assert_int_equal(ask(p, "n.example"), KNOW_NO_POLICY);
	entry = engine_peek(p->engine, &hop);
	assert_non_null(entry);
	entry_unref(entry);
	teardown(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(after_three_days_switched_off),
		cmocka_unit_test(a_dead_provider),
		cmocka_unit_test(fetched_in_one_second),
		cmocka_unit_test(without_dns),
		cmocka_unit_test(a_flood_of_names),
		cmocka_unit_test(a_flush_spoils_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
