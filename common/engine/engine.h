/* engine.h - one question, one answer: may mail go to this next-hop
 *
 * PURPOSE   Every door (milter, policy service, command line) asks here and gets the same answer.
 *           Facts are gathered by workers, cached, and turned into a verdict by pure functions
 *           (sts/verdict.h, sts/action.h).
 * OWNERSHIP The environment and the settings outlive the engine. A judgement holds a reference on
 *           its entry: judgement_release().
 * THREADS   Any; engine_tick() from one housekeeper.
 * LIMITS    settings: workers, queue, memory, max_waiting.
 * RFC       8461 s3.3, s5, s5.1
 */
#ifndef COMMON_ENGINE_ENGINE_H
#define COMMON_ENGINE_ENGINE_H

#include "common/base/clock.h"
#include "common/engine/entry.h"
#include "common/engine/gate.h"
#include "common/engine/grace.h"
#include "common/engine/pool.h"
#include "common/engine/stats.h"
#include "common/net/fetcher.h"
#include "common/net/prober.h"
#include "common/net/resolver.h"
#include "common/store/store.h"
#include "common/sts/delivery.h"
#include "common/sts/settings.h"

/* The world as the engine sees it: tests put fakes here. */
struct engine_env {
	struct clock clock;
	struct resolver resolver;
	struct fetcher fetcher;
	struct prober prober;
	struct store store;
	/* A line for the operator (kv.h); any thread. */
	void (*notice)(void *notice_arg, enum log_level level, const char *line);
	void *notice_arg;
	/* Called on the caller's thread just before engine_check() starts to wait; may be NULL. */
	void (*about_to_wait)(void *wait_arg);
	void *wait_arg;
	uint64_t seed; /* for hash tables that strangers could aim at */
};

struct engine;
struct overrides;

/* NULL: no memory, or no threads. */
struct engine *engine_new(const struct engine_env *env, const struct settings *settings);

/* From now on workers begin nothing and engine_check() waits for nothing; those that wait hear "pending". */
void engine_stop(struct engine *e);

/* No worker is at work. */
bool engine_is_idle(struct engine *e);

/* Refuses new work, lets running workers finish, lands what waits. NULL in: no-op; returns NULL. */
struct engine *engine_free(struct engine *e);

struct judgement {
	struct entry *entry; /* what is known; NULL when nothing is */
	enum knowledge knowledge;
	enum reason reason;
	int64_t failing_ms; /* for action_for() */
	bool waited;
};

/* Answers by `deadline` (clock_mono). hop: NEXTHOP_DOMAIN or NEXTHOP_HOST. */
void engine_check(struct engine *e, const struct nexthop *hop, int64_t deadline,
		  struct judgement *ret);
void judgement_release(struct judgement *j);

/* The same for doors that must not wait. NULL: *ret is the answer. Otherwise ring(arg) is called once, from any thread and perhaps before this has
 * returned, when engine_conclude() would give a better answer than now; never after engine_conclude() has returned. ring() may set a flag and write to
 * an eventfd, no more: a lock is held. max_waiting does not count these questions: they hold no thread. Neither call waits for a network; where memory
 * knows nothing at all, and no worker does yet, one policy is read from the store. */
struct engine_question;
struct engine_question *engine_ask(struct engine *e, const struct nexthop *hop,
				   void (*ring)(void *arg), void *arg, struct judgement *ret);
/* The answer as it can be had now, at the ring or at the caller's deadline. Frees q. */
void engine_conclude(struct engine *e, struct engine_question *q, struct judgement *ret);

/* As long as this stays the same, nothing but time changes what the engine answers. Any thread; costs two loads. */
uint64_t engine_changes(const struct engine *e);

/* What a delivery agent's demand is made from (sts/delivery.h). Borrows from j->entry. */
struct delivery_case judgement_delivery(const struct judgement *j);

/* A delivery agent says that a TLS session with this MX host went wrong. The word of a stranger: facts that had passed are no longer believed, and a
 * check of the next-hop starts in the background, at most one a minute for each host. Nothing is known better or worse than before. False: nothing was
 * known that could be doubted, or it was doubted just now. mx: NULL for all hosts of the next-hop. */
bool engine_doubt(struct engine *e, const struct nexthop *hop, const char *mx);

/* What is known without asking anybody: memory, then the store. NULL: nothing. The caller unrefs.
 */
struct entry *engine_peek(struct engine *e, const struct nexthop *hop);

/* What the operator has decided; `mta-sts override` adds and removes here. */
struct overrides *engine_overrides(struct engine *e);

/* Why a job runs. */
enum why {
	WHY_MAIL,     /* a recipient needs the answer: the policy counts as used */
	WHY_REFRESH,  /* its policy is due: the fetch is made whatever the record says (RFC 8461 s10.2) */
	WHY_OPERATOR, /* `mta-sts refresh`: likewise, and records, MX hosts and probes are asked again as well */
	WHY_WARM,     /* `mta-sts cache warm`: as for mail */
	WHY_DOUBT,    /* engine_doubt(): MX hosts are asked again; mail does not need the policy more than before */
};

/* Has the next-hop checked in the background; joins a check that is under way. False: too much waits already. */
bool engine_start(struct engine *e, const struct nexthop *hop, enum why why);
bool engine_is_checking(struct engine *e, const struct nexthop *hop);

/* Forgets what memory knows of it: record, verdict, and the facts of its MX hosts. policy_too: and what the store keeps, which gives up the
 * protection of a policy that an attacker may be hiding. False: nothing was known. */
bool engine_flush(struct engine *e, const struct nexthop *hop, bool policy_too);

/* Housekeeping, about once a second: writes failure times to the store, starts refreshes that are due, ends overrides. */
void engine_tick(struct engine *e);

struct engine_status {
	const struct stats *stats;
	struct cache_stats entries, facts;
	struct pool_stats pool;
	struct gate_stats gate;
	size_t crowded; /* checks that wait for a place at the gate, without a worker */
	struct store_counts store;
	const char *store_trouble; /* NULL: none */
	bool dns_down;		   /* most look-ups have been failing */
	size_t in_flight;
	unsigned waiting;
};
void engine_status(struct engine *e, struct engine_status *ret);

#endif
