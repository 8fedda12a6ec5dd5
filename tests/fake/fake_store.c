#include "config.h"

#include "tests/fake/fake_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256 };

struct policy_row {
	char *domain;
	struct stored_policy p;
};

struct failure_row {
	char *domain;
	struct stored_failure f;
};

struct fake_store {
	pthread_mutex_t lock;
	struct policy_row policies[ROWS];
	struct failure_row failures[ROWS];
	bool broken;
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
	clear(row);
	row->domain = strdup(domain);
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
	struct policy_row *row = find(ctx, domain);

	if (row != NULL)
		clear(row);
	return 0;
}

static int failure_put(void *ctx, const struct stored_failure *failure)
{
	struct fake_store *f = ctx;
	struct failure_row *row = NULL;

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

static int failure_remove(void *ctx, const char *domain, int class)
{
	struct fake_store *f = ctx;

	for (size_t i = 0; i < ROWS; i++) {
		struct failure_row *r = &f->failures[i];

		if (r->domain != NULL && strcmp(r->domain, domain) == 0 && r->f.class == class) {
			free(r->domain);
			*r = (struct failure_row){ 0 };
		}
	}
	return 0;
}

static int failures_load(void *ctx, int64_t since,
			 void (*each)(void *, const struct stored_failure *), void *arg)
{
	struct fake_store *f = ctx;

	for (size_t i = 0; i < ROWS; i++)
		if (f->failures[i].domain != NULL && f->failures[i].f.last_at >= since)
			each(arg, &f->failures[i].f);
	return 0;
}

static int counts(void *ctx, struct store_counts *ret)
{
	struct fake_store *f = ctx;

	*ret = (struct store_counts){ 0 };
	for (size_t i = 0; i < ROWS; i++)
		ret->policies += f->policies[i].domain != NULL;
	return 0;
}

static const char *trouble(void *ctx)
{
	struct fake_store *f = ctx;

	return f->broken ? "broken on purpose" : NULL;
}

struct fake_store *fake_store_new(void)
{
	struct fake_store *f = calloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

struct fake_store *fake_store_free(struct fake_store *f)
{
	for (size_t i = 0; f != NULL && i < ROWS; i++) {
		clear(&f->policies[i]);
		free(f->failures[i].domain);
	}
	free(f);
	return NULL;
}

struct store fake_store_port(struct fake_store *f)
{
	return (struct store){ get,    put,	removed, failure_put, failure_remove, failures_load,
			       counts, trouble, f };
}

void fake_store_break(struct fake_store *f, bool broken)
{
	f->broken = broken;
}
