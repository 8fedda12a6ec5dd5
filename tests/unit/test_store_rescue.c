/* Damage to a database with upkeep, events and overrides: what can be read is kept, and nothing comes back changed. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/store_db.h"

enum { PAGE = 4096, POLICIES = 150, EVENTS = 300, OVERRIDES = 40, OUTCOMES = 60, DAY = 86400 };

static struct stored_upkeep upkeep_of(unsigned i)
{
	return (struct stored_upkeep){ KIT_NOW - i, KIT_NOW + 100 + i, i % 7, i % 7, 1u << i % 8 };
}

/* Every fourth is long enough for overflow pages; every fifth has ended. */
static void override_of(unsigned i, char domain[64], char mx[STORE_OVERRIDE_MX + 1],
			struct stored_override *ret)
{
	size_t n = i % 4 == 0 ? STORE_OVERRIDE_MX : 20;

	memset(mx, 'a' + (int)(i % 26), n);
	mx[n] = '\0';
	*ret = (struct stored_override){
		.domain = kit_domain(i, domain),
		.mode = POLICY_MODE_ENFORCE,
		.mx = mx,
		.added_at = KIT_NOW + i,
		.until = KIT_NOW + DAY + i,
		.reason = "no policy of their own",
		.owner = "postmaster",
		.uid = 1000 + i,
	};
}

static bool has_ended(unsigned i)
{
	return i % 5 == 0;
}

/* Every fourth has a policy long enough for overflow pages. */
static struct tls_outcome outcome_of(unsigned i, char domain[64], char policy[OUTCOME_POLICY + 1])
{
	size_t n = i % 4 == 0 ? OUTCOME_POLICY : 20;

	memset(policy, 'a' + (int)(i % 26), n);
	policy[n] = '\0';
	return (struct tls_outcome){ .day = KIT_NOW / DAY,
				     .domain = kit_domain(i, domain),
				     .source = OUTCOME_OF_LOG,
				     .policy = policy,
				     .record = "v=TLSRPTv1;rua=mailto:r@example.com",
				     .result = TLS_RESULT_EXPIRED,
				     .mx = domain,
				     .helo = "mx.example",
				     .receiving_ip = "192.0.2.1",
				     .sending_ip = "192.0.2.2",
				     .info = "",
				     .reason = "it ended",
				     .count = i + 1,
				     .sessions = i };
}

static void fill(struct kit *k)
{
	char domain[64], mx[STORE_OVERRIDE_MX + 1];

	for (unsigned i = 0; i < POLICIES; i++) {
		const struct stored_upkeep u = upkeep_of(i);

		(void)kit_put(k, i);
		(void)k->store.upkeep_put(k->store.ctx, kit_domain(i, domain), &u);
	}
	for (unsigned i = 0; i < EVENTS; i++) {
		const struct stored_event e = {
			.domain = kit_domain(i % 60, domain),
			.kind = EVENT_MODE_DOWNGRADED,
			.source = SEEN_BY_REFRESH,
			.at = KIT_NOW + i,
			.id = "7",
			.max_age = i,
			.body_hash = i * 0x9e3779b97f4a7c15u,
			.mx = "mx.example",
			.detail = domain,
		};

		(void)k->store.event_put(k->store.ctx, &e);
	}
	for (unsigned i = 0; i < OVERRIDES; i++) {
		struct stored_override o;
		int64_t serial = 0;

		override_of(i, domain, mx, &o);
		(void)k->store.override_add(k->store.ctx, &o, &serial);
		if (has_ended(i))
			(void)k->store.override_end(k->store.ctx, serial, OVERRIDE_EXPIRED,
						    KIT_NOW + DAY, -1);
	}
	for (unsigned i = 0; i < OUTCOMES; i++) {
		char policy[OUTCOME_POLICY + 1];
		const struct tls_outcome o = outcome_of(i, domain, policy);
		const struct tls_outcome *const v[] = { &o };
		uint64_t dropped;

		(void)k->store.outcomes_add(k->store.ctx, v, 1, &dropped);
	}
}

struct found {
	unsigned policies, upkeep, events, overrides, active, outcomes;
	int64_t serial;
};

static void see_upkeep(void *arg, const char *domain, const struct stored_upkeep *u)
{
	const struct stored_upkeep want = upkeep_of((unsigned)(u->due_at - KIT_NOW - 100));
	struct found *f = arg;
	char name[64];

	f->policies++;
	/* A policy whose row is lost gets a new one. */
	if (u->used_at == KIT_NOW && u->standing == 0)
		return;
	f->upkeep++;
	assert_string_equal(domain, kit_domain((unsigned)(u->due_at - KIT_NOW - 100), name));
	assert_memory_equal(u, &want, sizeof(want));
}

static void see_event(void *arg, const struct stored_event *e)
{
	struct found *f = arg;
	char name[64];

	f->events++;
	assert_true(f->serial == 0 || e->serial < f->serial);
	f->serial = e->serial;
	assert_int_equal(e->serial, e->max_age + 1);
	assert_string_equal(e->domain, kit_domain(e->max_age % 60, name));
	assert_string_equal(e->detail, name);
	assert_true(e->body_hash == e->max_age * 0x9e3779b97f4a7c15u);
}

static void see_override(void *arg, const struct stored_override *o)
{
	char domain[64], mx[STORE_OVERRIDE_MX + 1];
	unsigned i = (unsigned)(o->serial - 1);
	struct stored_override want;
	struct found *f = arg;

	override_of(i, domain, mx, &want);
	assert_string_equal(o->domain, want.domain);
	assert_string_equal(o->mx, want.mx);
	assert_string_equal(o->reason, want.reason);
	assert_string_equal(o->owner, want.owner);
	assert_true(o->mode == want.mode && o->added_at == want.added_at &&
		    o->until == want.until && o->uid == want.uid);
	assert_true(o->end == (has_ended(i) ? OVERRIDE_EXPIRED : OVERRIDE_ACTIVE));
	assert_int_equal(o->ended_at, has_ended(i) ? KIT_NOW + DAY : 0);
	f->overrides++;
	f->active += o->end == OVERRIDE_ACTIVE;
}

static void see_outcome(void *arg, const struct tls_outcome *o)
{
	char domain[64], policy[OUTCOME_POLICY + 1];
	const struct tls_outcome want = outcome_of((unsigned)o->sessions, domain, policy);
	struct found *f = arg;

	assert_true(outcome_same(o, &want) && o->count == want.count);
	f->outcomes++;
}

/* All there is, and each of it is what was put. */
static struct found look(struct kit *k)
{
	const struct store *s = &k->store;
	struct store_counts counts;
	struct found f = { .policies = 0 };

	assert_int_equal(s->due(s->ctx, INT64_MAX, 0, 1000, see_upkeep, &f), 0);
	assert_int_equal(s->events(s->ctx, NULL, 0, 1000, see_event, &f), 0);
	assert_int_equal(s->overrides(s->ctx, NULL, true, see_override, &f), 0);
	assert_int_equal(s->outcomes(s->ctx, KIT_NOW / DAY, NULL, "", 0, 1000, see_outcome, &f), 0);
	assert_int_equal(s->counts(s->ctx, &counts), 0);
	assert_true(counts.policies == f.policies && counts.events == f.events &&
		    counts.overrides == f.active && counts.outcomes == f.outcomes);
	assert_int_equal(kit_count(k, 0, POLICIES), f.policies);
	return f;
}

static void open_damaged(struct kit *k, const char *name)
{
	k->n_notices = 0;
	assert_int_equal(kit_open(k), 0);
	if (strstr(kit_notice(k, 0), "salvaged") == NULL)
		fail_msg("%s: %s", name, kit_notice(k, 0));
	assert_null(k->store.trouble(k->store.ctx));
}

static void make(struct kit *k)
{
	assert_int_equal(kit_open(k), 0);
	fill(k);
	kit_close(k);
	kit_copy(k, "", ".sound");
}

/* Nothing of a row is hit. */
static void the_first_page(void **state)
{
	static const struct {
		const char *name;
		off_t at;
		size_t n;
	} cases[] = { { "header", 0, 100 }, { "schema", 100, PAGE - 100 }, { "page", 0, PAGE } };
	struct kit *k = *state;

	make(k);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct found f;

		kit_copy(k, ".sound", "");
		kit_overwrite(k, "", cases[i].at, cases[i].n, 0);
		open_damaged(k, cases[i].name);
		assert_non_null(strstr(kit_notice(k, 0), "salvaged 150 of 150 policies"));
		assert_non_null(strstr(kit_notice(k, 0), "32 of 32 overrides, 300 events"));
		f = look(k);
		assert_true(f.policies == POLICIES && f.upkeep == POLICIES && f.events == EVENTS &&
			    f.overrides == OVERRIDES && f.active == 32 && f.outcomes == OUTCOMES);
		kit_close(k);
	}
}

/* Rows that somebody has changed. */
static void seals(void **state)
{
	struct kit *k = *state;
	struct found f;

	make(k);
	kit_sql(k, "UPDATE upkeep SET standing = standing + 1 WHERE domain = 'd0.x0.example'; "
		   "UPDATE event SET mx = '*.example' WHERE serial = 5; "
		   "UPDATE override SET until = until + 1 WHERE serial = 3; "
		   "UPDATE outcome SET count = count + 1 WHERE sessions = 7; "
		   "UPDATE outcome SET mx = 'mx.example' WHERE sessions = 8");
	kit_overwrite(k, "", 0, 100, 0);
	open_damaged(k, "seals");
	assert_non_null(strstr(kit_notice(k, 0), "5 rows did not check out"));
	f = look(k);
	assert_true(f.policies == POLICIES && f.upkeep == POLICIES - 1 && f.events == EVENTS - 1 &&
		    f.overrides == OVERRIDES - 1 && f.outcomes == OUTCOMES - 2);
}

/* Each page in its turn. */
static void any_one_page(void **state)
{
	struct kit *k = *state;
	struct found most = { .policies = 0 };

	make(k);
	for (off_t at = PAGE; at < kit_size(k, ".sound"); at += PAGE) {
		struct found f;
		char name[32];

		snprintf(name, sizeof(name), "page %d", (int)(at / PAGE + 1));
		kit_copy(k, ".sound", "");
		kit_overwrite(k, "", at, PAGE, -1);
		open_damaged(k, name);
		f = look(k);
		if (f.policies + 40 < POLICIES || f.upkeep + 80 < POLICIES ||
		    f.events + 60 < EVENTS || f.overrides + 25 < OVERRIDES)
			fail_msg("%s: %u policies, %u upkeep, %u events, %u overrides", name,
				 f.policies, f.upkeep, f.events, f.overrides);
		most.policies += f.policies < POLICIES;
		most.upkeep += f.upkeep < f.policies;
		most.events += f.events < EVENTS;
		most.overrides += f.overrides < OVERRIDES;
		kit_close(k);
		k->n_notices = 0;
	}
	/* It was hit, all of it. */
	assert_true(most.policies > 0 && most.upkeep > 0 && most.events > 0 && most.overrides > 0);
}

/* Everything stands in the log, in many versions of each page, and one frame of it is bad: what
 * stands in no other is lost. */
static void in_the_log(void **state)
{
	struct kit *k = *state;
	unsigned salvages = 0;

	kit_killed(k, fill);
	assert_true(kit_size(k, "-wal") > 100 * PAGE);
	kit_copy(k, "", ".sound");
	kit_copy(k, "-wal", ".log");
	for (unsigned part = 1; part < 10; part += 2) {
		bool hit; /* or what was there before the log began again from its start */
		struct found f;

		kit_copy(k, ".sound", "");
		kit_copy(k, ".log", "-wal");
		kit_overwrite(k, "-wal", 32 + part * 10 * (PAGE + 24) + 1000, 100, -1);
		k->n_notices = 0;
		assert_int_equal(kit_open(k), 0);
		hit = kit_notices(k) > 0;
		salvages += hit;
		f = look(k);
		if (f.policies < POLICIES || f.upkeep < POLICIES || f.events + 60 < EVENTS ||
		    f.overrides + 1 < OVERRIDES || (!hit && f.events < EVENTS))
			fail_msg("part %u: %u policies, %u upkeep, %u events, %u overrides", part,
				 f.policies, f.upkeep, f.events, f.overrides);
		kit_close(k);
	}
	assert_true(salvages >= 2);
}

/* Two active ones for a domain are found, of which one was replaced: the newer one counts. */
static void a_shadow(void **state)
{
	struct kit *k = *state;
	struct stored_override o;
	char domain[64], mx[STORE_OVERRIDE_MX + 1];
	struct store_counts counts;
	int64_t first, second;

	assert_int_equal(kit_open(k), 0);
	override_of(1, domain, mx, &o);
	assert_int_equal(k->store.override_add(k->store.ctx, &o, &first), 0);
	kit_sql(k, "CREATE TABLE before AS SELECT * FROM override");
	assert_int_equal(k->store.override_add(k->store.ctx, &o, &second), 0);
	kit_sql(k, "DELETE FROM override WHERE serial = 1; INSERT INTO override SELECT * FROM "
		   "before; DROP TABLE before");
	kit_close(k);
	kit_overwrite(k, "", 0, 100, 0);
	open_damaged(k, "shadow");
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.overrides, 1);
	assert_int_equal(k->store.override_end(k->store.ctx, first, OVERRIDE_REMOVED, 1, 1),
			 STORE_NOT_FOUND);
	assert_int_equal(k->store.override_end(k->store.ctx, second, OVERRIDE_REMOVED, 1, 1), 0);
}

struct reading {
	unsigned n;
	bool damaged; /* one was given that should not have been */
};

static void see_some(void *arg, const struct stored_override *o)
{
	struct reading *r = arg;

	r->n++;
	r->damaged = r->damaged || strcmp(o->reason, "no policy of their own") != 0;
}

/* A bit in one row: the others are given, the caller is told, and a salvage follows. */
static void one_row(void **state)
{
	struct kit *k = *state;
	struct reading r = { 0 };
	struct found f;

	make(k);
	kit_overwrite(k, "", kit_place(k, "no policy of their own"), 1, 'N');
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.overrides(k->store.ctx, NULL, true, see_some, &r), -EIO);
	assert_true(r.n == OVERRIDES - 1 && !r.damaged);
	assert_non_null(strstr(kit_wait_notice(k, 0), "1 rows did not check out"));
	kit_reopen(k);
	f = look(k);
	assert_int_equal(f.overrides, OVERRIDES - 1);
	assert_int_equal(f.events, EVENTS);
	assert_int_equal(f.upkeep, POLICIES);
}

/* The counters are no rows of ours, but what they say must not stop us for ever. */
static void a_serial_out_of_bounds(void **state)
{
	const struct stored_event e = { .domain = "a.example", .at = 1 };
	struct kit *k = *state;
	struct found f;

	make(k);
	kit_sql(k, "UPDATE tally SET event_serial = 1 << 60, override_serial = 1 << 60");
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EIO);
	assert_non_null(strstr(kit_wait_notice(k, 0), "salvaged 150 of 150 policies"));
	kit_reopen(k);
	f = look(k);
	assert_true(f.events == EVENTS && f.overrides == OVERRIDES);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
}

enum { THREADS = 6 };

struct worker {
	struct kit *k;
	unsigned number;
	atomic_bool *stop;
	unsigned long rounds;
};

static void any_upkeep(void *arg, const char *domain, const struct stored_upkeep *u)
{
	(void)arg;
	if (domain[0] != 'd' || u->due_at <= 0)
		abort();
}

static void any_event(void *arg, const struct stored_event *e)
{
	(void)arg;
	if (e->domain[0] != 'd')
		abort();
}

static void any_override(void *arg, const struct stored_override *o)
{
	(void)arg;
	if (o->domain[0] != 'd' || o->serial <= 0)
		abort();
}

static void any_policy(void *arg, const char *domain, const struct stored_policy *p)
{
	(void)arg;
	if (domain[0] != 'd' || p->body.n < 20)
		abort();
}

static int one_round(struct kit *k, unsigned x)
{
	const struct store *s = &k->store;
	const struct stored_upkeep u = upkeep_of(x % 100);
	char domain[64], mx[STORE_OVERRIDE_MX + 1];
	const struct stored_event e = { .domain = kit_domain(x % 100, domain), .at = 1 };
	struct stored_upkeep got;
	struct stored_override o;
	int64_t serial = 1;

	switch (x >> 8 & 7) {
	case 0:
		return s->due(s->ctx, INT64_MAX, 0, 100, any_upkeep, NULL);
	case 1:
		return s->upkeep_put(s->ctx, domain, &u);
	case 2:
		return s->event_put(s->ctx, &e);
	case 3:
		return s->events(s->ctx, domain, 0, 50, any_event, NULL);
	case 4:
		override_of(x % 20, domain, mx, &o);
		return s->override_add(s->ctx, &o, &serial);
	case 5:
		return s->overrides(s->ctx, NULL, true, any_override, NULL);
	case 6:
		return s->policies(s->ctx, domain, 20, any_policy, NULL);
	default:
		return s->upkeep_get(s->ctx, domain, &got);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned x = w->number * 7919;

	while (!atomic_load(w->stop)) {
		int r;

		x = x * 1664525 + 1013904223;
		r = one_round(w->k, x >> 8);
		if (r != 0 && r != STORE_NOT_FOUND && r != -EIO)
			abort();
		w->rounds++;
	}
	return NULL;
}

/* All of them at once, and the file is damaged meanwhile. */
static void at_once(void **state)
{
	struct kit *k = *state;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	atomic_bool stop;

	atomic_init(&stop, false);
	make(k);
	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .k = k, .number = i, .stop = &stop };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	usleep(200000);
	for (off_t at = 5 * PAGE; at < kit_size(k, ""); at += 7 * PAGE)
		kit_overwrite(k, "", at, PAGE, -1);
	kit_later(k, DB_LOOK_MS);
	(void)kit_wait_notice(k, 0);
	usleep(100000);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(workers[i].rounds > 0);
	}
	assert_non_null(strstr(kit_notice(k, 0), "was damaged"));
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		ON_A_DISK(the_first_page),
		ON_A_DISK(seals),
		ON_A_DISK(any_one_page),
		ON_A_DISK(in_the_log),
		ON_A_DISK(a_shadow),
		ON_A_DISK(one_row),
		ON_A_DISK(a_serial_out_of_bounds),
		ON_A_DISK(at_once),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
