/* core.h - what the engine is made of: for the files that are the engine (engine.c, job.c, refresh.c), nobody else
 *
 * THREADS Every part has its own lock or none; see each part's header.
 */
#ifndef COMMON_ENGINE_CORE_H
#define COMMON_ENGINE_CORE_H

#include "common/engine/doubts.h"
#include "common/engine/engine.h"
#include "common/engine/facts.h"
#include "common/engine/flight.h"
#include "common/engine/gate.h"
#include "common/engine/outage.h"
#include "common/engine/park.h"
#include "common/engine/overrides.h"
#include "common/engine/refresh.h"
#include "common/engine/told.h"

struct engine {
	const struct engine_env *env;
	const struct settings *settings;
	struct cache *entries;
	struct facts *facts;
	struct gate *gate;
	struct park *crowded; /* jobs that the gate did not let pass */
	struct flights *flights; /* by next-hop */
	struct pool *pool;
	struct grace *grace;
	struct overrides *overrides;
	struct refresher *refresher;
	struct told *told;
	struct doubts *doubts;
	struct outage outage;
	struct stats stats;
	atomic_uint waiting;
	atomic_ullong changes; /* of entries */
	atomic_uint refreshing; /* jobs */
};

static inline int64_t engine_mono(const struct engine *e)
{
	return clock_mono(&e->env->clock);
}

static inline int64_t engine_wall(const struct engine *e)
{
	return clock_wall(&e->env->clock);
}

static inline struct entry *engine_recall(struct engine *e, const char *key)
{
	return (struct entry *)cache_get(e->entries, key);
}

#endif
