#include "config.h"

#include "milter/daemon/recent.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/siphash.h"

enum { BUCKETS = RECENT_ANSWERS };

/* What a look-up needs stands together: with thousands of items each line of the processor's cache comes from afar. */
struct item {
	struct item *older, *younger; /* of all */
	struct item *chain;	      /* of the bucket */
	uint64_t hash, changes;
	int64_t until;
	uint64_t again; /* times */
	uint16_t kind, n_question, n_text, n_about;
	char octets[]; /* question, answer, what it is about */
};

struct recent {
	struct siphash_key key;
	recent_again *again;
	void *arg;
	size_t n;
	struct item *oldest, *youngest;
	struct item *buckets[BUCKETS];
};

struct recent *recent_new(uint64_t seed, recent_again *again, void *arg)
{
	struct recent *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->key = siphash_key_of(seed);
	r->again = again;
	r->arg = arg;
	return r;
}

static struct item **bucket(struct recent *r, uint64_t hash)
{
	return &r->buckets[hash % BUCKETS];
}

static void take_out(struct recent *r, struct item *i)
{
	struct item **at = bucket(r, i->hash);

	while (*at != i)
		at = &(*at)->chain;
	*at = i->chain;
	*(i->older != NULL ? &i->older->younger : &r->oldest) = i->younger;
	*(i->younger != NULL ? &i->younger->older : &r->youngest) = i->older;
	r->n--;
}

static void put_in(struct recent *r, struct item *i)
{
	struct item **at = bucket(r, i->hash);

	i->chain = *at;
	*at = i;
	i->older = r->youngest;
	*(r->youngest != NULL ? &r->youngest->younger : &r->oldest) = i;
	r->youngest = i;
	r->n++;
}

static void forget(struct recent *r, struct item *i)
{
	if (i->again > 0)
		r->again(r->arg, span_make(i->octets + i->n_question + i->n_text, i->n_about),
			 i->again);
	take_out(r, i);
	free(i);
}

struct recent *recent_free(struct recent *r)
{
	if (r == NULL)
		return NULL;
	while (r->oldest != NULL)
		forget(r, r->oldest);
	free(r);
	return NULL;
}

/* All of a usual item at once, not one line after the other. */
static void fetch_ahead(const struct item *i)
{
	for (size_t at = 64; at < 256; at += 64)
		__builtin_prefetch((const char *)i + at);
}

static struct item *find(struct recent *r, struct span question, uint64_t *ret_hash)
{
	uint64_t hash = siphash13(&r->key, question.p, question.n);
	struct item *i = *bucket(r, hash);

	if (i != NULL)
		fetch_ahead(i);
	while (i != NULL && (i->hash != hash || i->n_question != question.n ||
			     memcmp(i->octets, question.p, question.n) != 0))
		i = i->chain;
	*ret_hash = hash;
	return i;
}

bool recent_find(struct recent *r, struct span question, uint64_t changes, int64_t now,
		 struct recent_answer *ret)
{
	uint64_t hash;
	struct item *i = find(r, question, &hash);

	if (i == NULL)
		return false;
	if (i->changes != changes || now >= i->until) {
		forget(r, i);
		return false;
	}
	i->again++;
	ret->text = span_make(i->octets + i->n_question, i->n_text);
	ret->kind = i->kind;
	return true;
}

static char *put(char *at, struct span s)
{
	memcpy(at, s.p, s.n);
	return at + s.n;
}

void recent_keep(struct recent *r, struct span question, uint64_t changes, int64_t now,
		 const struct recent_answer *answer, struct span about)
{
	const size_t n = question.n + answer->text.n + about.n;
	uint64_t hash;
	struct item *i = find(r, question, &hash);

	if (i != NULL)
		forget(r, i);
	if (n > RECENT_OCTETS || r->n >= RECENT_ANSWERS)
		return;
	i = malloc(sizeof(*i) + n);
	if (i == NULL)
		return;
	*i = (struct item){ .hash = hash,
			    .changes = changes,
			    .until = now + RECENT_MS,
			    .kind = (uint16_t)answer->kind,
			    .n_question = (uint16_t)question.n,
			    .n_text = (uint16_t)answer->text.n,
			    .n_about = (uint16_t)about.n };
	(void)put(put(put(i->octets, question), answer->text), about);
	put_in(r, i);
}

void recent_tick(struct recent *r, int64_t now)
{
	while (r->oldest != NULL && now >= r->oldest->until)
		forget(r, r->oldest);
}
