/* What the port promises (store.h), asked of SQLite and of the fake that stands for it elsewhere. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fake/fake_store.h"

enum { DAY = 86400 };

struct port {
	struct store s;
	struct kit *kit; /* or */
	struct fake_store *fake;
};

static int on_disk(void **state)
{
	struct port *p = calloc(1, sizeof(*p));
	void *kit = NULL;

	if (p == NULL || kit_setup(&kit) != 0)
		return -1;
	p->kit = kit;
	atomic_store(&p->kit->wall, 1000); /* the times below are small */
	if (kit_open(p->kit) != 0)
		return -1;
	p->s = p->kit->store;
	*state = p;
	return 0;
}

static int in_memory(void **state)
{
	struct port *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	p->fake = fake_store_new();
	p->s = fake_store_port(p->fake);
	*state = p;
	return 0;
}

static int leave(void **state)
{
	struct port *p = *state;
	void *kit = p->kit;

	fake_store_free(p->fake);
	if (kit != NULL)
		(void)kit_teardown(&kit);
	free(p);
	return 0;
}

static int put(const struct port *p, const char *domain, int64_t fetched_at)
{
	const struct stored_policy policy = {
		.id = "1",
		.mode = POLICY_MODE_ENFORCE,
		.body = span_of("version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 604800\n"),
		.fetched_at = fetched_at,
		.expires_at = fetched_at + 7 * DAY,
	};

	return p->s.put(p->s.ctx, domain, &policy);
}

static void assert_upkeep(const struct port *p, const char *domain,
			  const struct stored_upkeep *want)
{
	struct stored_upkeep got;

	assert_int_equal(p->s.upkeep_get(p->s.ctx, domain, &got), 0);
	assert_memory_equal(&got, want, sizeof(got));
}

static void upkeep(void **state)
{
	const struct port *p = *state;
	const struct stored_upkeep first = { .used_at = 1000, .due_at = 1000 + DAY },
				   later = { 5000, 6000, 4000, 3, 1u << EVENT_MX_CERT };
	struct stored_upkeep got;

	assert_int_equal(p->s.upkeep_get(p->s.ctx, "a.example", &got), STORE_NOT_FOUND);
	assert_int_equal(p->s.upkeep_put(p->s.ctx, "a.example", &later), STORE_NOT_FOUND);
	assert_int_equal(p->s.upkeep_get(p->s.ctx, "a.example", &got), STORE_NOT_FOUND);
	assert_int_equal(put(p, "a.example", 1000), 0);
	assert_upkeep(p, "a.example", &first);
	assert_int_equal(p->s.upkeep_put(p->s.ctx, "a.example", &later), 0);
	assert_upkeep(p, "a.example", &later);
	assert_int_equal(put(p, "a.example", 9000), 0); /* a new body: the row stays */
	assert_upkeep(p, "a.example", &later);
	assert_int_equal(p->s.remove(p->s.ctx, "a.example"), 0);
	assert_int_equal(p->s.remove(p->s.ctx, "a.example"), STORE_NOT_FOUND);
	assert_int_equal(p->s.upkeep_get(p->s.ctx, "a.example", &got), STORE_NOT_FOUND);
	assert_int_equal(put(p, "a.example", 1000), 0); /* nothing is left of the old one */
	assert_upkeep(p, "a.example", &first);
}

struct names {
	char text[1024];
};

static void add_name(struct names *n, const char *name)
{
	size_t at = strlen(n->text);

	snprintf(n->text + at, sizeof(n->text) - at, "%s%s", at > 0 ? " " : "", name);
}

static void see_due(void *arg, const char *domain, const struct stored_upkeep *u)
{
	assert_true(u->due_at > 0);
	add_name(arg, domain);
}

static void assert_due(const struct port *p, int64_t now, int64_t used_since, unsigned limit,
		       const char *want)
{
	struct names names = { "" };

	assert_int_equal(p->s.due(p->s.ctx, now, used_since, limit, see_due, &names), 0);
	assert_string_equal(names.text, want);
}

static void due(void **state)
{
	static const struct {
		const char *domain;
		int64_t used_at, due_at;
	} rows[] = {
		{ "a", 500, 3000 }, { "b", 100, 2000 }, { "c", 500, 1000 },
		{ "d", 500, 2000 }, { "e", 500, 4000 },
	};
	const struct port *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stored_upkeep u = { .used_at = rows[i].used_at,
						 .due_at = rows[i].due_at };

		assert_int_equal(put(p, rows[i].domain, 1), 0);
		assert_int_equal(p->s.upkeep_put(p->s.ctx, rows[i].domain, &u), 0);
	}
	assert_due(p, 999, 0, 10, "");
	assert_due(p, 1000, 0, 10, "c"); /* due now */
	assert_due(p, 3000, 0, 10, "c b d a");
	assert_due(p, 3000, 0, 2, "c b");
	assert_due(p, 3000, 0, 0, "");
	assert_due(p, 3000, 500, 2, "c d"); /* those that nobody uses take no place */
	assert_due(p, INT64_MAX, 101, 10, "c d a e");
	assert_due(p, INT64_MAX, 501, 10, "");
	assert_int_equal(p->s.remove(p->s.ctx, "c"), 0);
	assert_due(p, 3000, 0, 10, "b d a");
}

static void see_policy(void *arg, const char *domain, const struct stored_policy *policy)
{
	assert_int_equal(policy->expires_at, policy->fetched_at + 7 * DAY);
	assert_true(policy->body.n > 20 && memcmp(policy->body.p, "version", 7) == 0);
	add_name(arg, domain);
}

static void policies(void **state)
{
	static const struct {
		const char *after;
		unsigned limit;
		const char *want;
	} cases[] = {
		{ "", 10, "a b c.example d" }, { "", 2, "a b" }, { "b", 10, "c.example d" },
		{ "bb", 1, "c.example" },      { "d", 10, "" },	 { "", 0, "" },
	};
	const struct port *p = *state;

	assert_int_equal(put(p, "c.example", 3) + put(p, "a", 4) + put(p, "d", 5) + put(p, "b", 6),
			 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct names names = { "" };

		assert_int_equal(
			p->s.policies(p->s.ctx, cases[i].after, cases[i].limit, see_policy, &names),
			0);
		assert_string_equal(names.text, cases[i].want);
	}
}

struct history {
	unsigned n;
	int64_t serial, at, last_at;
	char mx[STORE_EVENT_MX + 1], detail[LIMIT_DETAIL], domain[64];
	struct stored_event first;
};

static void see_event(void *arg, const struct stored_event *e)
{
	struct history *h = arg;

	if (h->n++ == 0) {
		h->first = *e;
		h->serial = e->serial;
		h->at = e->at;
		snprintf(h->domain, sizeof(h->domain), "%s", e->domain);
		snprintf(h->mx, sizeof(h->mx), "%s", e->mx);
		snprintf(h->detail, sizeof(h->detail), "%s", e->detail);
	} else {
		assert_true(e->serial < h->serial); /* the newest first */
		h->serial = e->serial;
	}
	h->last_at = e->at;
}

static struct history list(const struct port *p, const char *domain, int64_t before, unsigned limit)
{
	struct history h = { .n = 0 };

	assert_int_equal(p->s.events(p->s.ctx, domain, before, limit, see_event, &h), 0);
	return h;
}

static void events(void **state)
{
	const struct port *p = *state;
	struct stored_event e = {
		.serial = 77, /* not ours to choose */
		.domain = "a.example",
		.kind = EVENT_ID_CHANGED,
		.source = SEEN_BY_REFRESH,
		.at = 100,
		.id = "20260101",
		.mode = POLICY_MODE_ENFORCE,
		.max_age = UINT32_MAX,
		.body_hash = UINT64_MAX - 5,
		.mx = "*.example mx.example",
		.detail = "was 20250101",
	};
	struct history h;

	assert_int_equal(list(p, NULL, 0, 10).n, 0);
	assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	e.domain = "b.example";
	for (e.at = 101; e.at <= 103; e.at++)
		assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	h = list(p, "a.example", 0, 10);
	assert_int_equal(h.n, 1);
	assert_string_equal(h.domain, "a.example");
	assert_int_equal(h.first.kind, EVENT_ID_CHANGED);
	assert_int_equal(h.first.source, SEEN_BY_REFRESH);
	assert_int_equal(h.at, 100);
	assert_string_equal(h.first.id, "20260101");
	assert_int_equal(h.first.mode, POLICY_MODE_ENFORCE);
	assert_true(h.first.max_age == UINT32_MAX && h.first.body_hash == UINT64_MAX - 5);
	assert_string_equal(h.mx, "*.example mx.example");
	assert_string_equal(h.detail, "was 20250101");
	h = list(p, NULL, 0, 10);
	assert_true(h.n == 4 && h.at == 103 && h.last_at == 100);
	h = list(p, NULL, 0, 2);
	assert_true(h.n == 2 && h.last_at == 102);
	h = list(p, NULL, h.serial, 10); /* the next page */
	assert_true(h.n == 2 && h.at == 101 && h.last_at == 100);
	h = list(p, "b.example", h.first.serial, 10);
	assert_int_equal(h.n, 0);
	assert_int_equal(list(p, "c.example", 0, 10).n, 0);
}

static void events_without_a_policy(void **state)
{
	const struct port *p = *state;
	char mx[STORE_EVENT_MX + 100], detail[LIMIT_DETAIL + 100];
	struct stored_event e = { .domain = "a.example", .kind = EVENT_POLICY_EXPIRED, .at = 1 };
	struct history h;

	assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	h = list(p, "a.example", 0, 1);
	assert_string_equal(h.first.id, "");
	assert_string_equal(h.mx, "");
	assert_string_equal(h.detail, "");
	memset(mx, 'm', sizeof(mx) - 1);
	memset(detail, 'd', sizeof(detail) - 1);
	mx[sizeof(mx) - 1] = detail[sizeof(detail) - 1] = '\0';
	e.mx = mx;
	e.detail = detail;
	assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	h = list(p, "a.example", 0, 1);
	assert_int_equal(strlen(h.mx), STORE_EVENT_MX);
	assert_int_equal(strlen(h.detail), LIMIT_DETAIL - 1);
}

static void a_domain_has_so_many_events(void **state)
{
	const struct port *p = *state;
	struct stored_event e = { .domain = "b.example", .kind = EVENT_ID_CHANGED, .at = 1 };
	struct history h;

	assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	e.domain = "a.example";
	for (e.at = 1; e.at <= 3 * STORE_EVENTS_PER_DOMAIN; e.at++)
		assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	h = list(p, "a.example", 0, 1000);
	assert_int_equal(h.n, STORE_EVENTS_PER_DOMAIN);
	assert_int_equal(h.at, 3 * STORE_EVENTS_PER_DOMAIN);
	assert_int_equal(h.last_at, 2 * STORE_EVENTS_PER_DOMAIN + 1);
	assert_int_equal(list(p, "b.example", 0, 1000).n, 1);
	assert_int_equal(list(p, NULL, 0, 1000).n, STORE_EVENTS_PER_DOMAIN + 1);
}

static struct stored_override override_of(const char *domain)
{
	return (struct stored_override){
		.domain = domain,
		.mode = POLICY_MODE_TESTING,
		.mx = "*.example mx.example",
		.added_at = 1000,
		.until = 2000,
		.reason = "their certificate",
		.owner = "postmaster",
		.uid = 1001,
		.end = OVERRIDE_REMOVED, /* these three are not the caller's */
		.ended_at = 5,
		.ended_uid = 6,
	};
}

struct decisions {
	unsigned n;
	struct stored_override v[8];
	struct names names;
};

static void see_override(void *arg, const struct stored_override *o)
{
	struct decisions *d = arg;

	assert_true(d->n < ARRAY_LEN(d->v));
	assert_true(d->n == 0 || o->serial < d->v[d->n - 1].serial);
	d->v[d->n++] = *o;
	add_name(&d->names, o->domain);
	assert_string_equal(o->reason, "their certificate");
	assert_string_equal(o->owner, "postmaster");
	assert_string_equal(o->mx, "*.example mx.example");
}

static struct decisions decided(const struct port *p, const char *domain, bool ended_too)
{
	struct decisions d = { .n = 0 };

	assert_int_equal(p->s.overrides(p->s.ctx, domain, ended_too, see_override, &d), 0);
	return d;
}

static void overrides(void **state)
{
	const struct port *p = *state;
	struct stored_override o = override_of("a.example");
	struct decisions d;
	int64_t a = 0, b = 0;

	assert_int_equal(decided(p, NULL, true).n, 0);
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &a), 0);
	o.domain = "b.example";
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &b), 0);
	assert_true(a > 0 && b > a);
	d = decided(p, NULL, false);
	assert_string_equal(d.names.text, "b.example a.example");
	assert_true(d.v[1].serial == a && d.v[1].mode == POLICY_MODE_TESTING &&
		    d.v[1].added_at == 1000 && d.v[1].until == 2000 && d.v[1].uid == 1001);
	assert_true(d.v[1].end == OVERRIDE_ACTIVE && d.v[1].ended_at == 0 &&
		    d.v[1].ended_uid == -1);
	assert_string_equal(decided(p, "a.example", true).names.text, "a.example");

	assert_int_equal(p->s.override_end(p->s.ctx, a, OVERRIDE_REMOVED, 1500, 1002), 0);
	assert_int_equal(p->s.override_end(p->s.ctx, a, OVERRIDE_EXPIRED, 1600, -1),
			 STORE_NOT_FOUND);
	assert_int_equal(p->s.override_end(p->s.ctx, b + 1, OVERRIDE_REMOVED, 1600, 0),
			 STORE_NOT_FOUND);
	assert_int_equal(p->s.override_end(p->s.ctx, 0, OVERRIDE_REMOVED, 1600, 0),
			 STORE_NOT_FOUND);
	assert_int_equal(p->s.override_end(p->s.ctx, b, OVERRIDE_ACTIVE, 1600, 0), -EINVAL);
	assert_string_equal(decided(p, NULL, false).names.text, "b.example");
	assert_int_equal(decided(p, "a.example", false).n, 0);
	d = decided(p, "a.example", true);
	assert_true(d.n == 1 && d.v[0].end == OVERRIDE_REMOVED && d.v[0].ended_at == 1500 &&
		    d.v[0].ended_uid == 1002);
}

static void an_override_is_replaced(void **state)
{
	const struct port *p = *state;
	struct stored_override o = override_of("a.example");
	struct decisions d;
	int64_t first = 0, second = 0;

	assert_int_equal(p->s.override_add(p->s.ctx, &o, &first), 0);
	o.added_at = 1700;
	o.uid = 1003;
	o.mode = POLICY_MODE_NONE;
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &second), 0);
	d = decided(p, NULL, true);
	assert_int_equal(d.n, 2);
	assert_true(d.v[0].serial == second && d.v[0].end == OVERRIDE_ACTIVE &&
		    d.v[0].mode == POLICY_MODE_NONE);
	assert_true(d.v[1].serial == first && d.v[1].end == OVERRIDE_REPLACED &&
		    d.v[1].ended_at == 1700 && d.v[1].ended_uid == 1003);
	assert_int_equal(decided(p, NULL, false).n, 1);
}

static void an_override_that_does_not_fit(void **state)
{
	const struct port *p = *state;
	char text[STORE_OVERRIDE_MX + 2];
	struct stored_override o;
	int64_t serial = 7;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	o = override_of("a.example");
	o.mx = text;
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), -EINVAL);
	text[STORE_OVERRIDE_TEXT + 1] = '\0';
	o = override_of("a.example");
	o.reason = text;
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), -EINVAL);
	o = override_of("a.example");
	o.owner = text;
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), -EINVAL);
	o = override_of("");
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), -EINVAL);
	assert_int_equal(serial, 7);
	assert_int_equal(decided(p, NULL, true).n, 0);
}

static void see_failure(void *arg, const struct stored_failure *f)
{
	assert_int_equal(f->first_at, 10);
	add_name(arg, f->domain);
}

static void failures(void **state)
{
	const struct port *p = *state;
	const struct stored_failure a = { "a.example", 1, 10, 20 },
				    a_2 = { "a.example", 2, 10, 30 },
				    b = { "b.example", 1, 10, 40 };
	struct names names = { "" };

	assert_int_equal(p->s.failure_put(p->s.ctx, &b) + p->s.failure_put(p->s.ctx, &a) +
				 p->s.failure_put(p->s.ctx, &a_2),
			 0);
	assert_int_equal(p->s.failure_remove(p->s.ctx, "a.example", 2), 0);
	assert_int_equal(p->s.failure_remove(p->s.ctx, "a.example", 2), STORE_NOT_FOUND);
	assert_int_equal(p->s.failures_load(p->s.ctx, 21, see_failure, &names), 0);
	assert_string_equal(names.text, "b.example");
	assert_int_equal(p->s.failure_remove(p->s.ctx, "a.example", 1), STORE_NOT_FOUND);
}

static struct tls_outcome outcome_of(int64_t day, const char *domain, const char *mx)
{
	return (struct tls_outcome){
		.day = day,
		.domain = domain,
		.source = OUTCOME_OF_LOG,
		.policy = "type sts\ndomain a.example\n",
		.record = "v=TLSRPTv1;rua=mailto:r@example.com",
		.result = TLS_RESULT_EXPIRED,
		.mx = mx,
		.helo = "h",
		.receiving_ip = "192.0.2.1",
		.sending_ip = "192.0.2.2",
		.info = "https://info.example",
		.reason = "it ended",
		.count = 3,
		.sessions = 2,
	};
}

static uint64_t count_one(const struct port *p, const struct tls_outcome *o)
{
	uint64_t dropped = 99;

	assert_int_equal(p->s.outcomes_add(p->s.ctx, &o, 1, &dropped), 0);
	return dropped;
}

struct counted {
	unsigned n;
	uint64_t count, sessions;
	char domain[64], mx[64];
	int64_t key;
};

static void see_outcome(void *arg, const struct tls_outcome *o)
{
	struct tls_outcome want = outcome_of(o->day, o->domain, o->mx);
	struct counted *c = arg;

	if (o->mx[0] == '\0')
		want = outcome_folded(&want);
	assert_true(outcome_same(o, &want));
	c->n++;
	c->count += o->count;
	c->sessions += o->sessions;
	snprintf(c->domain, sizeof(c->domain), "%s", o->domain);
	snprintf(c->mx, sizeof(c->mx), "%s", o->mx);
	c->key = (int64_t)outcome_key(o);
}

static struct counted counted_behind(const struct port *p, int64_t day, const char *domain,
				     const struct counted *after, unsigned limit)
{
	struct counted c = { .n = 0 };

	assert_int_equal(p->s.outcomes(p->s.ctx, day, domain, after != NULL ? after->domain : "",
				       after != NULL ? after->key : 0, limit, see_outcome, &c),
			 0);
	return c;
}

static struct counted counted(const struct port *p, int64_t day, const char *domain)
{
	return counted_behind(p, day, domain, NULL, 1000);
}

static void outcomes(void **state)
{
	const struct port *p = *state;
	struct tls_outcome a = outcome_of(100, "a.example", "mx.example"),
			   b = outcome_of(100, "b.example", "mx.example"),
			   other = outcome_of(101, "a.example", "mx2.example");
	const struct tls_outcome *const all[] = { &a, &b, &a };
	uint64_t dropped = 99;
	struct counted c;

	assert_int_equal(counted(p, 100, NULL).n, 0);
	assert_int_equal(p->s.outcomes_add(p->s.ctx, all, 3, &dropped), 0);
	assert_int_equal(dropped, 0);
	assert_int_equal(p->s.outcomes_add(p->s.ctx, all, 0, &dropped), 0);
	c = counted(p, 100, "a.example");
	assert_true(c.n == 1 && c.count == 6 && c.sessions == 4);
	assert_string_equal(c.mx, "mx.example");
	assert_int_equal(count_one(p, &a), 0);
	c = counted(p, 100, NULL);
	assert_true(c.n == 2 && c.count == 12 && c.sessions == 8);
	assert_string_equal(c.domain, "b.example"); /* by name */
	assert_int_equal(count_one(p, &other), 0);
	assert_int_equal(counted(p, 100, NULL).n, 2); /* days apart */
	assert_int_equal(counted(p, 101, NULL).n, 1);
	assert_int_equal(counted(p, 101, "b.example").n, 0);
	assert_int_equal(counted(p, 102, NULL).n, 0);

	a.domain = "";
	assert_int_equal(p->s.outcomes_add(p->s.ctx, all, 3, &dropped), -EINVAL);
	b.count = INT64_MAX; /* more than a row can hold */
	assert_int_equal(p->s.outcomes_add(p->s.ctx, &all[1], 1, &dropped), -EINVAL);
	assert_int_equal(counted(p, 100, NULL).count, 12);
}

/* Page by page all are found, each once. */
static void outcomes_in_pages(void **state)
{
	const struct port *p = *state;
	struct counted page = { .domain = "" }, all, one = { .domain = "" };
	char mx[32], domain[32];
	unsigned n = 0;

	for (unsigned i = 0; i < 150; i++) {
		struct tls_outcome o = outcome_of(100, domain, mx);

		snprintf(domain, sizeof(domain), "d%u.example", i % 5);
		snprintf(mx, sizeof(mx), "mx%u.example", i);
		o.count = 1u;
		assert_int_equal(count_one(p, &o), 0);
	}
	all = counted(p, 100, NULL);
	assert_true(all.n == 150 && all.count == 150);
	do {
		page = counted_behind(p, 100, NULL, &page, 7);
		n += page.n;
	} while (page.n == 7);
	assert_int_equal(n, 150);
	n = 0;
	do {
		one = counted_behind(p, 100, "d3.example", &one, 7);
		n += one.n;
	} while (one.n == 7);
	assert_int_equal(n, 30);
}

/* Hosts beyond some are counted together, policies beyond some not at all. */
static void a_domain_has_so_many_outcomes(void **state)
{
	const struct port *p = *state;
	struct tls_outcome o = outcome_of(100, "a.example", "");
	char mx[32], record[32];
	uint64_t dropped = 0;
	struct counted c;

	for (unsigned i = 0; i < 200; i++) {
		snprintf(mx, sizeof(mx), "mx%u.example", i);
		o.mx = mx;
		assert_int_equal(count_one(p, &o), 0);
	}
	c = counted(p, 100, NULL);
	assert_int_equal(c.n, STORE_OUTCOMES_OF_HOSTS + 1);
	assert_true(c.count == 600 && c.sessions == 400);
	snprintf(mx, sizeof(mx), "mx%u.example", 7);
	assert_int_equal(count_one(p, &o), 0); /* one that is kept by itself still is */
	assert_int_equal(counted(p, 100, NULL).n, STORE_OUTCOMES_OF_HOSTS + 1);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(record, sizeof(record), "v=TLSRPTv1;rua=%u", i);
		o.record = record;
		dropped += count_one(p, &o);
	}
	assert_int_equal(dropped,
			 3 * (100 - (STORE_OUTCOMES_PER_DOMAIN - STORE_OUTCOMES_OF_HOSTS - 1)));
	o = outcome_of(100, "b.example", "mx.example");
	assert_int_equal(count_one(p, &o), 0);
}

static void outcomes_of_long_ago(void **state)
{
	const struct port *p = *state;
	struct tls_outcome o = outcome_of(100, "a.example", "mx.example");

	for (o.day = 100; o.day < 100 + STORE_OUTCOME_DAYS; o.day++)
		assert_int_equal(count_one(p, &o), 0);
	assert_int_equal(counted(p, 100, NULL).n, 1);
	assert_int_equal(count_one(p, &o), 0);
	assert_int_equal(counted(p, 100, NULL).n, 0);
	assert_int_equal(counted(p, 101, NULL).n, 1);
}

static void counts(void **state)
{
	const struct port *p = *state;
	const struct stored_failure f = { "f.example", 1, 10, 20 };
	const struct stored_event e = { .domain = "a.example", .kind = EVENT_ID_CHANGED, .at = 1 };
	const struct tls_outcome t = outcome_of(7, "t.example", "mx.example");
	struct stored_override o = override_of("a.example");
	struct store_counts got;
	int64_t serial = 0;

	assert_int_equal(put(p, "a.example", 1) + put(p, "b.example", 1), 0);
	assert_int_equal(p->s.remove(p->s.ctx, "b.example"), 0);
	assert_int_equal(p->s.failure_put(p->s.ctx, &f), 0);
	for (unsigned i = 0; i < STORE_EVENTS_PER_DOMAIN + 3; i++)
		assert_int_equal(p->s.event_put(p->s.ctx, &e), 0);
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), 0);
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), 0);
	o.domain = "c.example";
	assert_int_equal(p->s.override_add(p->s.ctx, &o, &serial), 0);
	assert_int_equal(p->s.override_end(p->s.ctx, serial, OVERRIDE_EXPIRED, 9, -1), 0);
	assert_int_equal(count_one(p, &t), 0);
	assert_int_equal(count_one(p, &t), 0);
	assert_int_equal(p->s.counts(p->s.ctx, &got), 0);
	assert_int_equal(got.policies, 1);
	assert_int_equal(got.enforce, 1);
	assert_int_equal(got.failures, 1);
	assert_int_equal(got.events, STORE_EVENTS_PER_DOMAIN);
	assert_int_equal(got.overrides, 1);
	assert_int_equal(got.outcomes, 1);
}

/* clang-format off */
#define BOTH(test) \
	{ #test " on disk", test, on_disk, leave, NULL }, \
	{ #test " in memory", test, in_memory, leave, NULL }
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(upkeep),
		BOTH(due),
		BOTH(policies),
		BOTH(events),
		BOTH(events_without_a_policy),
		BOTH(a_domain_has_so_many_events),
		BOTH(overrides),
		BOTH(an_override_is_replaced),
		BOTH(an_override_that_does_not_fit),
		BOTH(failures),
		BOTH(outcomes),
		BOTH(outcomes_in_pages),
		BOTH(a_domain_has_so_many_outcomes),
		BOTH(outcomes_of_long_ago),
		BOTH(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
