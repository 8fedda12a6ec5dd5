#include "config.h"

#include "milter/daemon/said.h"

#include "common/base/siphash.h"

#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t about, what; /* about 0: empty */
	int64_t at;
	uint64_t unsaid;
};

enum { WAYS = 4, BUCKETS = SAID_PLACES / WAYS };

struct said {
	struct siphash_key key;
	struct place places[BUCKETS][WAYS];
};

struct said *said_new(uint64_t seed)
{
	struct said *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->key = siphash_key_of(seed);
	return s;
}

struct said *said_free(struct said *s)
{
	free(s);
	return NULL;
}

/* Its place, or the one that was used longest ago. */
static struct place *place_of(struct said *s, const void *about, size_t n, uint64_t *ret_hash)
{
	const uint64_t hash = siphash13(&s->key, about, n) | 1;
	struct place *bucket = s->places[(hash >> 1) % BUCKETS], *oldest = bucket;

	*ret_hash = hash;
	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].about == hash)
			return &bucket[i];
		if (bucket[i].at < oldest->at)
			oldest = &bucket[i];
	}
	return oldest;
}

bool said_lately(struct said *s, const char *about, const void *what, size_t n, int64_t now,
		 uint64_t *ret_unsaid)
{
	uint64_t a, w = siphash13(&s->key, what, n);
	struct place *p = place_of(s, about, strlen(about), &a);
	bool same = p->about == a;

	if (same && p->what == w && now - p->at < SAID_MS) {
		p->unsaid++;
		return true;
	}
	*ret_unsaid = same ? p->unsaid : 0;
	*p = (struct place){ a, w, now, 0 };
	return false;
}

void said_again(struct said *s, struct span about, uint64_t times)
{
	uint64_t a;
	struct place *p = place_of(s, about.p, about.n, &a);

	if (p->about == a)
		p->unsaid += times;
}
