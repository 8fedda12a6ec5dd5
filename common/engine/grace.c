#include "config.h"

#include "common/engine/grace.h"

#include "common/sts/domain.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

struct since {
	int64_t first_at; /* 0: not failing */
	int64_t last_at;
	bool dirty; /* the store does not know yet */
};

struct row {
	UT_hash_handle hh;
	struct since since[GRACE_CLASSES];
	char domain[];
};

struct grace {
	const struct store *store;
	pthread_mutex_t lock;
	struct row *rows;
	atomic_size_t n_rows; /* for those who only want to know whether there are any */
	bool dirty;	      /* some row is */
	int64_t swept_at;     /* when old rows were last looked for */
};

enum { SWEEP = 3600 };

static struct row *row_get(struct grace *g, const char *domain)
{
	struct row *row;

	HASH_FIND_STR(g->rows, domain, row);
	return row;
}

static void row_drop(struct grace *g, struct row *row)
{
	HASH_DELETE(hh, g->rows, row);
	atomic_fetch_sub(&g->n_rows, 1);
	free(row);
}

static struct row *row_add(struct grace *g, const char *domain)
{
	size_t n = strlen(domain) + 1;
	struct row *row;

	/* Full: the oldest goes, so that a flood of failing names cannot keep a new one from ever growing old. */
	if (HASH_COUNT(g->rows) >= GRACE_MAX)
		row_drop(g, g->rows);
	row = calloc(1, sizeof(*row) + n);
	if (row == NULL)
		return NULL;
	memcpy(row->domain, domain, n);
	HASH_ADD_KEYPTR(hh, g->rows, row->domain, n - 1, row);
	atomic_fetch_add(&g->n_rows, 1);
	return row;
}

static void load_row(void *arg, const struct stored_failure *f)
{
	struct grace *g = arg;
	struct row *row;

	if (f->class < 0 || f->class >= GRACE_CLASSES)
		return;
	row = row_get(g, f->domain);
	if (row == NULL)
		row = row_add(g, f->domain);
	if (row != NULL)
		row->since[f->class] = (struct since){ f->first_at, f->last_at, false };
}

struct grace *grace_new(const struct store *store, int64_t now)
{
	struct grace *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->store = store;
	pthread_mutex_init(&g->lock, NULL);
	store->failures_load(store->ctx, now - GRACE_FORGET, load_row, g);
	return g;
}

struct grace *grace_free(struct grace *g)
{
	struct row *row, *next;

	if (g == NULL)
		return NULL;
	HASH_ITER(hh, g->rows, row, next)
	row_drop(g, row);
	pthread_mutex_destroy(&g->lock);
	free(g);
	return NULL;
}

int64_t grace_fail(struct grace *g, const char *domain, enum grace_class c, int64_t now)
{
	struct row *row;
	int64_t failing = 0;

	pthread_mutex_lock(&g->lock);
	row = row_get(g, domain);
	if (row == NULL)
		row = row_add(g, domain);
	if (row != NULL) {
		struct since *s = &row->since[c];

		/* Forgotten, or a clock that stepped back: begin anew. */
		if (s->first_at == 0 || now < s->first_at || now - s->last_at > GRACE_FORGET)
			s->first_at = now;
		s->last_at = now;
		s->dirty = g->dirty = true;
		failing = now - s->first_at;
	}
	pthread_mutex_unlock(&g->lock);
	return failing;
}

void grace_clear(struct grace *g, const char *domain, enum grace_class c)
{
	struct row *row;

	if (atomic_load(&g->n_rows) == 0)
		return;
	pthread_mutex_lock(&g->lock);
	row = row_get(g, domain);
	if (row != NULL && row->since[c].first_at != 0) {
		row->since[c] = (struct since){ .dirty = true };
		g->dirty = true;
	}
	pthread_mutex_unlock(&g->lock);
}

enum { BATCH = 256 };

struct change {
	char domain[DOMAIN_SIZE];
	int class;
	struct since since;
};

static bool row_is_empty(const struct row *row)
{
	for (int c = 0; c < GRACE_CLASSES; c++)
		if (row->since[c].first_at != 0 || row->since[c].dirty)
			return false;
	return true;
}

/* Collects up to BATCH changes and marks them clean; forgets rows that say nothing any more. */
static size_t collect(struct grace *g, struct change *changes, int64_t now)
{
	struct row *row, *next;
	size_t n = 0;

	pthread_mutex_lock(&g->lock);
	HASH_ITER(hh, g->rows, row, next)
	{
		for (int c = 0; c < GRACE_CLASSES && n < BATCH; c++) {
			struct since *s = &row->since[c];

			if (s->first_at != 0 && now - s->last_at > GRACE_FORGET)
				*s = (struct since){ .dirty = true };
			if (!s->dirty)
				continue;
			s->dirty = false;
			span_copy(span_of(row->domain), changes[n].domain, DOMAIN_SIZE);
			changes[n].class = c;
			changes[n++].since = *s;
		}
		if (row_is_empty(row))
			row_drop(g, row);
	}
	pthread_mutex_unlock(&g->lock);
	return n;
}

static bool flush_is_due(struct grace *g, int64_t now)
{
	bool sweep, due;

	pthread_mutex_lock(&g->lock);
	sweep = now - g->swept_at >= SWEEP || now < g->swept_at;
	if (sweep)
		g->swept_at = now;
	due = g->dirty || sweep;
	g->dirty = false;
	pthread_mutex_unlock(&g->lock);
	return due;
}

void grace_flush(struct grace *g, int64_t now)
{
	struct change *changes;
	size_t n;

	if (!flush_is_due(g, now) || (changes = malloc(BATCH * sizeof(*changes))) == NULL)
		return;
	do {
		n = collect(g, changes, now);
		for (size_t i = 0; i < n; i++) {
			const struct change *c = &changes[i];

			if (c->since.first_at == 0)
				g->store->failure_remove(g->store->ctx, c->domain, c->class);
			else
				g->store->failure_put(g->store->ctx,
						      &(struct stored_failure){ c->domain, c->class,
										c->since.first_at,
										c->since.last_at });
		}
	} while (n == BATCH);
	free(changes);
}
