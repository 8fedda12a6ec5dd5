#include "config.h"

#include "milter/daemon/outcomes.h"

#include "common/base/kv.h"
#include "common/base/siphash.h"
#include "common/engine/told.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 4096, AT_ONCE = 256, DAY = 86400 };

struct row {
	struct row *next; /* of its slot */
	uint64_t key;
	struct tls_outcome o;
	char texts[];
};

struct batch {
	size_t rows, bytes;
	struct row *slots[SLOTS];
};

struct outcomes {
	struct engine *engine;
	const struct engine_env *env;
	struct told *told;
	pthread_mutex_t lock; /* of what follows */
	struct batch *batch;
	struct batch *spare; /* empty; NULL while one is being written */
	struct outcomes_status status;
	int64_t written_at;
};

static void batch_clear(struct batch *b)
{
	for (size_t i = 0; i < SLOTS; i++)
		while (b->slots[i] != NULL) {
			struct row *row = b->slots[i];

			b->slots[i] = row->next;
			free(row);
		}
	b->rows = b->bytes = 0;
}

static struct row *find(struct row *at, uint64_t key, const struct tls_outcome *v)
{
	while (at != NULL && (at->key != key || !outcome_same(&at->o, v)))
		at = at->next;
	return at;
}

/* Adds the counts to what is there. False: no room. */
static bool batch_add(struct batch *b, const struct tls_outcome *v)
{
	uint64_t key = outcome_key(v);
	struct row **slot = &b->slots[key % SLOTS], *row = find(*slot, key, v);
	size_t room = outcome_room(v);

	if (row != NULL) {
		row->o.count += v->count;
		row->o.sessions += v->sessions;
		return true;
	}
	if (b->rows >= OUTCOMES_ROWS || b->bytes + room > OUTCOMES_BYTES)
		return false;
	row = malloc(sizeof(*row) + room);
	if (row == NULL)
		return false;
	row->next = *slot;
	row->key = key;
	row->o = outcome_copy(v, row->texts);
	*slot = row;
	b->rows++;
	b->bytes += room;
	return true;
}

struct outcomes *outcomes_new(struct engine *e, const struct engine_env *env)
{
	struct outcomes *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->engine = e;
	o->env = env;
	o->told = told_new(env->seed);
	o->batch = calloc(1, sizeof(*o->batch));
	o->spare = calloc(1, sizeof(*o->spare));
	o->written_at = clock_mono(&env->clock);
	pthread_mutex_init(&o->lock, NULL);
	return o->told != NULL && o->batch != NULL && o->spare != NULL ? o : outcomes_free(o);
}

struct outcomes *outcomes_free(struct outcomes *o)
{
	if (o == NULL)
		return NULL;
	if (o->batch != NULL)
		batch_clear(o->batch);
	free(o->batch);
	free(o->spare);
	told_free(o->told);
	pthread_mutex_destroy(&o->lock);
	free(o);
	return NULL;
}

static void tell(struct outcomes *o, const struct tls_outcome *v)
{
	struct span type = outcome_policy_value(v->policy, "type");
	unsigned unsaid;
	struct kv kv;

	if (!told_may(o->told, v->domain, v->result, clock_mono(&o->env->clock), &unsaid))
		return;
	kv_begin(&kv, "outcome");
	kv_str(&kv, "domain", v->domain);
	kv_str(&kv, "mx", v->mx);
	kv_str(&kv, "addr", v->receiving_ip);
	kv_str(&kv, "result", tls_result_name(v->result));
	kv_str(&kv, "source", outcome_source_name(v->source));
	kv_span(&kv, "policy", type);
	kv_str(&kv, "detail", v->reason);
	if (unsaid > 0)
		kv_int(&kv, "unsaid", unsaid);
	o->env->notice(o->env->notice_arg, LOG_LEVEL_INFO, kv_end(&kv));
}

bool outcomes_take(struct outcomes *o, const struct nexthop *hop, const struct tls_outcome *v,
		   bool *ret_doubted)
{
	struct tls_outcome counted = *v;
	bool failed = v->result != TLS_RESULT_SUCCESS, doubted = false, kept;

	if (!failed) {
		counted = outcome_folded(v);
		counted.mx = v->mx;
	}
	counted.day = clock_wall(&o->env->clock) / DAY;
	counted.domain = hop->domain;
	if (failed) {
		tell(o, &counted);
		doubted = engine_doubt(o->engine, hop, v->mx[0] != '\0' ? v->mx : NULL);
	}
	pthread_mutex_lock(&o->lock);
	kept = batch_add(o->batch, &counted);
	o->status.successes += failed ? 0 : v->count;
	o->status.failures += failed ? v->count : 0;
	o->status.doubted += doubted;
	o->status.dropped += kept ? 0 : v->count;
	pthread_mutex_unlock(&o->lock);
	*ret_doubted = doubted;
	return kept;
}

/* What could not be written waits for the next time, as far as there is room. */
static void put_back(struct outcomes *o, const struct tls_outcome *const *v, size_t n)
{
	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; i < n; i++)
		if (!batch_add(o->batch, v[i]))
			o->status.dropped += v[i]->count;
	pthread_mutex_unlock(&o->lock);
}

static void write_some(struct outcomes *o, const struct tls_outcome *const *v, size_t n)
{
	const struct store *s = &o->env->store;
	uint64_t dropped = 0;

	if (s->outcomes_add(s->ctx, v, n, &dropped) < 0) {
		put_back(o, v, n);
		return;
	}
	pthread_mutex_lock(&o->lock);
	o->status.dropped += dropped;
	pthread_mutex_unlock(&o->lock);
}

static void write_batch(struct outcomes *o, const struct batch *b)
{
	const struct tls_outcome *v[AT_ONCE];
	size_t n = 0;

	for (size_t i = 0; i < SLOTS; i++)
		for (const struct row *row = b->slots[i]; row != NULL; row = row->next) {
			v[n++] = &row->o;
			if (n == AT_ONCE) {
				write_some(o, v, n);
				n = 0;
			}
		}
	if (n > 0)
		write_some(o, v, n);
}

/* The batch to be written; NULL: there is nothing, or somebody is at it. */
static struct batch *take_batch(struct outcomes *o, bool all)
{
	int64_t now = clock_mono(&o->env->clock);
	struct batch *b = NULL;

	pthread_mutex_lock(&o->lock);
	if (o->spare != NULL && o->batch->rows > 0 &&
	    (all || now >= o->written_at + OUTCOMES_EVERY || o->batch->rows > OUTCOMES_ROWS / 2)) {
		b = o->batch;
		o->batch = o->spare;
		o->spare = NULL;
		o->written_at = now;
	}
	pthread_mutex_unlock(&o->lock);
	return b;
}

static void give_batch(struct outcomes *o, struct batch *b)
{
	batch_clear(b);
	pthread_mutex_lock(&o->lock);
	o->spare = b;
	pthread_mutex_unlock(&o->lock);
}

static void write_out(struct outcomes *o, bool all)
{
	struct batch *b = take_batch(o, all);

	if (b == NULL)
		return;
	write_batch(o, b);
	give_batch(o, b);
}

void outcomes_tick(struct outcomes *o)
{
	write_out(o, false);
}

void outcomes_flush(struct outcomes *o)
{
	write_out(o, true);
}

struct outcomes_status outcomes_status(struct outcomes *o)
{
	struct outcomes_status status;

	pthread_mutex_lock(&o->lock);
	status = o->status;
	status.waiting = o->batch->rows;
	pthread_mutex_unlock(&o->lock);
	return status;
}
