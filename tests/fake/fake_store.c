#include "config.h"

#include "tests/fake/fake_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake/fake_outcomes.h"

enum { ROWS = 256, EVENTS = 4096 };

struct policy_row {
	char *domain;
	struct stored_policy p;
	struct stored_upkeep upkeep;
};

struct failure_row {
	char *domain;
	struct stored_failure f;
};

struct fake_store {
	pthread_mutex_t lock;
	struct policy_row policies[ROWS];
	struct failure_row failures[ROWS];
	struct stored_event events[EVENTS]; /* the serial is the place + 1; no domain: trimmed */
	size_t n_events;
	struct stored_override overrides[ROWS]; /* likewise */
	size_t n_overrides;
	struct fake_outcomes outcomes;
	atomic_bool broken;
};

static struct policy_row *find(struct fake_store *f, const char *domain)
{
	for (size_t i = 0; i < ROWS; i++)
		if (f->policies[i].domain != NULL && strcmp(f->policies[i].domain, domain) == 0)
			return &f->policies[i];
	return NULL;
}

static int get_locked(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret)
{
	struct fake_store *f = ctx;
	const struct policy_row *row = find(f, domain);

	if (f->broken)
		return -EIO;
	if (row == NULL)
		return STORE_NOT_FOUND;
	*ret = row->p;
	ret->body = span_make(arena_strdup(arena, row->p.body), row->p.body.n);
	return 0;
}

static void clear(struct policy_row *row)
{
	free(row->domain);
	free((char *)row->p.body.p);
	*row = (struct policy_row){ 0 };
}

static int put_locked(void *ctx, const char *domain, const struct stored_policy *p)
{
	struct fake_store *f = ctx;
	struct policy_row *row = find(f, domain);

	if (f->broken)
		return -EIO;
	for (size_t i = 0; row == NULL && i < ROWS; i++)
		if (f->policies[i].domain == NULL)
			row = &f->policies[i];
	if (row == NULL)
		return -EIO;
	struct stored_upkeep upkeep = row->upkeep;

	if (row->domain == NULL)
		upkeep = (struct stored_upkeep){ .used_at = p->fetched_at,
						 .due_at = p->fetched_at + 86400 };
	clear(row);
	row->domain = strdup(domain);
	row->upkeep = upkeep;
	row->p = *p;
	row->p.body = span_make(strndup(p->body.p, p->body.n), p->body.n);
	return 0;
}

static int get(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = get_locked(f, domain, arena, ret);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int put(void *ctx, const char *domain, const struct stored_policy *p)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = put_locked(f, domain, p);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int removed(void *ctx, const char *domain)
{
	struct fake_store *f = ctx;
	struct policy_row *row;
	int r = STORE_NOT_FOUND;

	pthread_mutex_lock(&f->lock);
	row = find(f, domain);
	if (f->broken)
		r = -EIO;
	if (!f->broken && row != NULL) {
		clear(row);
		r = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int failure_put_locked(void *ctx, const struct stored_failure *failure)
{
	struct fake_store *f = ctx;
	struct failure_row *row = NULL;

	if (f->broken)
		return -EIO;
	for (size_t i = 0; i < ROWS; i++) {
		struct failure_row *r = &f->failures[i];

		if (r->domain != NULL && strcmp(r->domain, failure->domain) == 0 &&
		    r->f.class == failure->class)
			row = r;
		else if (r->domain == NULL && row == NULL)
			row = r;
	}
	if (row == NULL)
		return -EIO;
	free(row->domain);
	row->domain = strdup(failure->domain);
	row->f = *failure;
	row->f.domain = row->domain;
	return 0;
}

static int failure_put(void *ctx, const struct stored_failure *failure)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = failure_put_locked(ctx, failure);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static void clear_failure(struct failure_row *row)
{
	free(row->domain);
	*row = (struct failure_row){ 0 };
}

static int failure_remove_locked(void *ctx, const char *domain, int class)
{
	struct fake_store *f = ctx;

	if (f->broken)
		return -EIO;
	for (size_t i = 0; i < ROWS; i++) {
		struct failure_row *r = &f->failures[i];

		if (r->domain != NULL && strcmp(r->domain, domain) == 0 && r->f.class == class) {
			clear_failure(r);
			return 0;
		}
	}
	return STORE_NOT_FOUND;
}

static int failure_remove(void *ctx, const char *domain, int class)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = failure_remove_locked(ctx, domain, class);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int failures_load_locked(void *ctx, int64_t since,
				void (*each)(void *, const struct stored_failure *), void *arg)
{
	struct fake_store *f = ctx;

	if (f->broken)
		return -EIO;
	for (size_t i = 0; i < ROWS; i++) {
		struct failure_row *r = &f->failures[i];

		if (r->domain != NULL && r->f.last_at < since)
			clear_failure(r);
		else if (r->domain != NULL)
			each(arg, &r->f);
	}
	return 0;
}

static int failures_load(void *ctx, int64_t since,
			 void (*each)(void *, const struct stored_failure *), void *arg)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = failures_load_locked(ctx, since, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int policies_locked(void *ctx, const char *after, unsigned limit, store_each_policy *each,
			   void *arg)
{
	struct fake_store *f = ctx;
	const char *last = after;

	if (f->broken)
		return -EIO;
	for (unsigned n = 0; n < limit; n++) {
		const struct policy_row *next = NULL;

		for (size_t i = 0; i < ROWS; i++) {
			const struct policy_row *row = &f->policies[i];

			if (row->domain != NULL && strcmp(row->domain, last) > 0 &&
			    (next == NULL || strcmp(row->domain, next->domain) < 0))
				next = row;
		}
		if (next == NULL)
			break;
		each(arg, next->domain, &next->p);
		last = next->domain;
	}
	return 0;
}

static int policies(void *ctx, const char *after, unsigned limit, store_each_policy *each,
		    void *arg)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = policies_locked(ctx, after, limit, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int upkeep_get(void *ctx, const char *domain, struct stored_upkeep *ret)
{
	struct fake_store *f = ctx;
	const struct policy_row *row;
	int r = STORE_NOT_FOUND;

	pthread_mutex_lock(&f->lock);
	row = find(f, domain);
	if (f->broken)
		r = -EIO;
	if (!f->broken && row != NULL) {
		*ret = row->upkeep;
		r = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int upkeep_put(void *ctx, const char *domain, const struct stored_upkeep *u)
{
	struct fake_store *f = ctx;
	struct policy_row *row;
	int r = STORE_NOT_FOUND;

	pthread_mutex_lock(&f->lock);
	row = find(f, domain);
	if (f->broken)
		r = -EIO;
	if (!f->broken && row != NULL) {
		row->upkeep = *u;
		r = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int due_locked(void *ctx, int64_t now, int64_t used_since, unsigned limit,
		      store_each_due *each, void *arg)
{
	struct fake_store *f = ctx;
	int64_t last = INT64_MIN;

	if (f->broken)
		return -EIO;
	for (unsigned n = 0; n < limit;) {
		int64_t next = INT64_MAX;

		for (size_t i = 0; i < ROWS; i++)
			if (f->policies[i].domain != NULL && f->policies[i].upkeep.due_at > last &&
			    f->policies[i].upkeep.due_at < next)
				next = f->policies[i].upkeep.due_at;
		if (next > now || next == INT64_MAX)
			break;
		for (size_t i = 0; i < ROWS && n < limit; i++) {
			const struct policy_row *row = &f->policies[i];

			if (row->domain != NULL && row->upkeep.due_at == next &&
			    row->upkeep.used_at >= used_since) {
				each(arg, row->domain, &row->upkeep);
				n++;
			}
		}
		last = next;
	}
	return 0;
}

static int due(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
	       void *arg)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = due_locked(ctx, now, used_since, limit, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static void clear_event(struct stored_event *e)
{
	free((char *)e->domain);
	free((char *)e->mx);
	free((char *)e->detail);
	*e = (struct stored_event){ .serial = e->serial };
}

/* As many as there is room for; the oldest go. */
static void trim(struct fake_store *f, const char *domain)
{
	unsigned n = 0;

	for (size_t i = f->n_events; i-- > 0;)
		if (f->events[i].domain != NULL && strcmp(f->events[i].domain, domain) == 0 &&
		    ++n > STORE_EVENTS_PER_DOMAIN)
			clear_event(&f->events[i]);
}

static int event_put(void *ctx, const struct stored_event *e)
{
	struct fake_store *f = ctx;
	int r = -EIO;

	pthread_mutex_lock(&f->lock);
	if (!f->broken && f->n_events < EVENTS) {
		struct stored_event *row = &f->events[f->n_events++];

		*row = *e;
		row->serial = (int64_t)f->n_events;
		row->domain = strdup(e->domain);
		row->mx = strndup(e->mx != NULL ? e->mx : "", STORE_EVENT_MX);
		row->detail = strndup(e->detail != NULL ? e->detail : "", LIMIT_DETAIL - 1);
		trim(f, e->domain);
		r = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int events_locked(void *ctx, const char *domain, int64_t before, unsigned limit,
			 store_each_event *each, void *arg)
{
	struct fake_store *f = ctx;
	unsigned n = 0;

	if (f->broken)
		return -EIO;
	for (size_t i = f->n_events; i-- > 0 && n < limit;) {
		const struct stored_event *e = &f->events[i];

		if (e->domain == NULL || (before != 0 && e->serial >= before) ||
		    (domain != NULL && strcmp(domain, e->domain) != 0))
			continue;
		each(arg, e);
		n++;
	}
	return 0;
}

static int events(void *ctx, const char *domain, int64_t before, unsigned limit,
		  store_each_event *each, void *arg)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = events_locked(ctx, domain, before, limit, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int override_add_locked(void *ctx, const struct stored_override *o, int64_t *ret_serial)
{
	struct fake_store *f = ctx;
	struct stored_override *row;

	if (f->broken)
		return -EIO;
	if (strlen(o->reason) > STORE_OVERRIDE_TEXT || strlen(o->owner) > STORE_OVERRIDE_TEXT ||
	    strlen(o->mx) > STORE_OVERRIDE_MX || o->domain[0] == '\0' || o->added_at <= 0)
		return -EINVAL;
	if (f->n_overrides == ROWS)
		return STORE_FULL;
	for (size_t i = 0; i < f->n_overrides; i++) {
		row = &f->overrides[i];
		if (row->end == OVERRIDE_ACTIVE && strcmp(row->domain, o->domain) == 0) {
			row->end = OVERRIDE_REPLACED;
			row->ended_at = o->added_at;
			row->ended_uid = o->uid;
		}
	}
	row = &f->overrides[f->n_overrides++];
	*row = *o;
	row->serial = *ret_serial = (int64_t)f->n_overrides;
	row->end = OVERRIDE_ACTIVE;
	row->ended_at = 0;
	row->ended_uid = -1;
	row->domain = strdup(o->domain);
	row->mx = strdup(o->mx);
	row->reason = strdup(o->reason);
	row->owner = strdup(o->owner);
	return 0;
}

static int override_add(void *ctx, const struct stored_override *o, int64_t *ret_serial)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = override_add_locked(ctx, o, ret_serial);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int override_end_locked(void *ctx, int64_t serial, enum override_end how, int64_t at,
			       int64_t uid)
{
	struct fake_store *f = ctx;
	struct stored_override *row;

	if (f->broken)
		return -EIO;
	if (how <= OVERRIDE_ACTIVE || how > OVERRIDE_REPLACED || at <= 0)
		return -EINVAL;
	if (serial < 1 || (size_t)serial > f->n_overrides)
		return STORE_NOT_FOUND;
	row = &f->overrides[serial - 1];
	if (row->end != OVERRIDE_ACTIVE)
		return STORE_NOT_FOUND;
	row->end = how;
	row->ended_at = at;
	row->ended_uid = uid;
	return 0;
}

static int override_end(void *ctx, int64_t serial, enum override_end how, int64_t at, int64_t uid)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = override_end_locked(ctx, serial, how, at, uid);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int overrides_locked(void *ctx, const char *domain, bool ended_too,
			    store_each_override *each, void *arg)
{
	struct fake_store *f = ctx;

	if (f->broken)
		return -EIO;
	for (size_t i = f->n_overrides; i-- > 0;) {
		const struct stored_override *o = &f->overrides[i];

		if ((ended_too || o->end == OVERRIDE_ACTIVE) &&
		    (domain == NULL || strcmp(domain, o->domain) == 0))
			each(arg, o);
	}
	return 0;
}

static int overrides(void *ctx, const char *domain, bool ended_too, store_each_override *each,
		     void *arg)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = overrides_locked(ctx, domain, ended_too, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int outcomes_add(void *ctx, const struct tls_outcome *const *v, size_t n,
			uint64_t *ret_dropped)
{
	struct fake_store *f = ctx;
	uint64_t dropped = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i]->domain[0] == '\0' || v[i]->result >= TLS_RESULT_COUNT || v[i]->day < 0 ||
		    strlen(v[i]->policy) > OUTCOME_POLICY || v[i]->count >> 53 != 0)
			return -EINVAL;
	pthread_mutex_lock(&f->lock);
	if (f->broken)
		r = -EIO;
	for (size_t i = 0; r == 0 && i < n; i++)
		fake_outcome_add(&f->outcomes, v[i], &dropped);
	pthread_mutex_unlock(&f->lock);
	if (r == 0)
		*ret_dropped = dropped;
	return r;
}

static int outcomes(void *ctx, int64_t day, const char *domain, const char *after,
		    int64_t after_key, unsigned limit, store_each_outcome *each, void *arg)
{
	struct fake_store *f = ctx;
	int r = f->broken ? -EIO : 0;

	pthread_mutex_lock(&f->lock);
	if (r == 0)
		fake_outcomes_list(&f->outcomes, day, domain, after, after_key, limit, each, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int counts_locked(void *ctx, struct store_counts *ret)
{
	struct fake_store *f = ctx;

	*ret = (struct store_counts){ 0 };
	for (size_t i = 0; i < ROWS; i++) {
		const struct policy_row *row = &f->policies[i];

		ret->policies += row->domain != NULL;
		ret->enforce += row->domain != NULL && row->p.mode == POLICY_MODE_ENFORCE;
		ret->failures += f->failures[i].domain != NULL;
	}
	for (size_t i = 0; i < f->n_events; i++)
		ret->events += f->events[i].domain != NULL;
	for (size_t i = 0; i < f->n_overrides; i++)
		ret->overrides += f->overrides[i].end == OVERRIDE_ACTIVE;
	ret->outcomes = f->outcomes.n;
	return 0;
}

static int counts(void *ctx, struct store_counts *ret)
{
	struct fake_store *f = ctx;
	int r;

	pthread_mutex_lock(&f->lock);
	r = counts_locked(ctx, ret);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static const char *trouble(void *ctx)
{
	struct fake_store *f = ctx;

	return f->broken ? "broken on purpose" : NULL;
}

struct fake_store *fake_store_new(void)
{
	struct fake_store *f = calloc(1, sizeof(*f));
	pthread_mutexattr_t attr;

	/* A callback may use the store, as with the real one. */
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&f->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return f;
}

struct fake_store *fake_store_free(struct fake_store *f)
{
	for (size_t i = 0; f != NULL && i < ROWS; i++) {
		clear(&f->policies[i]);
		clear_failure(&f->failures[i]);
	}
	for (size_t i = 0; f != NULL && i < f->n_events; i++)
		clear_event(&f->events[i]);
	for (size_t i = 0; f != NULL && i < f->n_overrides; i++) {
		free((char *)f->overrides[i].domain);
		free((char *)f->overrides[i].mx);
		free((char *)f->overrides[i].reason);
		free((char *)f->overrides[i].owner);
	}
	if (f != NULL)
		fake_outcomes_release(&f->outcomes);
	free(f);
	return NULL;
}

struct store fake_store_port(struct fake_store *f)
{
	return (struct store){ .get = get,
			       .put = put,
			       .remove = removed,
			       .failure_put = failure_put,
			       .failure_remove = failure_remove,
			       .failures_load = failures_load,
			       .policies = policies,
			       .upkeep_get = upkeep_get,
			       .upkeep_put = upkeep_put,
			       .due = due,
			       .event_put = event_put,
			       .events = events,
			       .override_add = override_add,
			       .override_end = override_end,
			       .overrides = overrides,
			       .outcomes_add = outcomes_add,
			       .outcomes = outcomes,
			       .counts = counts,
			       .trouble = trouble,
			       .ctx = f };
}

void fake_store_break(struct fake_store *f, bool broken)
{
	f->broken = broken;
}
