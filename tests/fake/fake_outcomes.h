/* fake_outcomes.h - of fake_store.c: counters of TLS outcomes in memory */
#ifndef TESTS_FAKE_FAKE_OUTCOMES_H
#define TESTS_FAKE_FAKE_OUTCOMES_H

#include "common/store/store.h"

#include <stdlib.h>
#include <string.h>

enum { FAKE_OUTCOMES = 4096 };

struct fake_outcomes {
	struct tls_outcome *v[FAKE_OUTCOMES]; /* by day, domain, key; texts behind the struct */
	size_t n;
};

static inline int fake_compare_outcomes(const struct tls_outcome *a, int64_t day,
					const char *domain, int64_t key)
{
	int64_t mine = (int64_t)outcome_key(a);
	int by_name = strcmp(a->domain, domain);

	if (a->day != day)
		return a->day < day ? -1 : 1;
	if (by_name != 0)
		return by_name;
	return mine < key ? -1 : mine > key;
}

/* Its place, or where it would be. */
static inline size_t fake_outcome_place(const struct fake_outcomes *f, const struct tls_outcome *o)
{
	size_t i = 0;

	while (i < f->n &&
	       fake_compare_outcomes(f->v[i], o->day, o->domain, (int64_t)outcome_key(o)) < 0)
		i++;
	return i;
}

static inline bool fake_outcome_is_there(const struct fake_outcomes *f, const struct tls_outcome *o)
{
	size_t i = fake_outcome_place(f, o);

	return i < f->n && outcome_same(f->v[i], o);
}

static inline void fake_remove_oldest(struct fake_outcomes *f)
{
	free(f->v[0]);
	memmove(f->v, f->v + 1, --f->n * sizeof(f->v[0]));
}

static inline void fake_outcome_add(struct fake_outcomes *f, const struct tls_outcome *v,
				    uint64_t *dropped)
{
	struct tls_outcome o = *v, *row;
	size_t rows = 0, i;

	for (i = 0; i < f->n; i++)
		rows += f->v[i]->day == v->day && strcmp(f->v[i]->domain, v->domain) == 0;
	if (rows >= STORE_OUTCOMES_OF_HOSTS && !fake_outcome_is_there(f, v))
		o = outcome_folded(v);
	i = fake_outcome_place(f, &o);
	if (fake_outcome_is_there(f, &o)) {
		f->v[i]->count += v->count;
		f->v[i]->sessions += v->sessions;
	} else if (rows >= STORE_OUTCOMES_PER_DOMAIN || f->n == FAKE_OUTCOMES) {
		*dropped += v->count;
	} else {
		row = malloc(sizeof(*row) + outcome_room(&o));
		*row = outcome_copy(&o, (char *)(row + 1));
		memmove(f->v + i + 1, f->v + i, (f->n++ - i) * sizeof(f->v[0]));
		f->v[i] = row;
	}
	while (f->v[0]->day <= v->day - STORE_OUTCOME_DAYS)
		fake_remove_oldest(f);
}

static inline void fake_outcomes_list(const struct fake_outcomes *f, int64_t day,
				      const char *domain, const char *after, int64_t after_key,
				      unsigned limit, store_each_outcome *each, void *arg)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n && n < limit; i++) {
		const struct tls_outcome *o = f->v[i];

		if (o->day != day || (domain != NULL && strcmp(o->domain, domain) != 0) ||
		    fake_compare_outcomes(o, day, after, after_key) <= 0)
			continue;
		each(arg, o);
		n++;
	}
}

static inline void fake_outcomes_release(struct fake_outcomes *f)
{
	while (f->n > 0)
		free(f->v[--f->n]);
}

#endif
