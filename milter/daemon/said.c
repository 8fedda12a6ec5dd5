#include "config.h"

#include "milter/daemon/said.h"

#include "common/base/siphash.h"

#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t about, what; /* about 0: empty */
	int64_t at;
	unsigned unsaid;
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
static struct place *find(struct said *s, uint64_t about)
{
	struct place *bucket = s->places[(about >> 1) % BUCKETS], *oldest = bucket;

	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].about == about)
			return &bucket[i];
		if (bucket[i].at < oldest->at)
			oldest = &bucket[i];
	}
	return oldest;
}

bool said_lately(struct said *s, const char *about, const void *what, size_t n, int64_t now,
		 unsigned *ret_unsaid)
{
	uint64_t a = siphash13(&s->key, about, strlen(about)) | 1, w = siphash13(&s->key, what, n);
	struct place *p = find(s, a);
	bool same = p->about == a;

	if (same && p->what == w && now - p->at < SAID_MS) {
		p->unsaid++;
		return true;
	}
	*ret_unsaid = same ? p->unsaid : 0;
	*p = (struct place){ a, w, now, 0 };
	return false;
}
