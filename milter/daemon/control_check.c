#include "config.h"

#include "milter/daemon/control_verbs.h"
#include "milter/daemon/describe_delivery.h"

#include "common/base/kv.h"
#include "common/engine/task.h"
#include "common/sts/route.h"

#include <sysexits.h>

json_t *control_query(struct control_call *call)
{
	struct nexthop hop;
	struct entry *entry;
	json_t *result;

	if (!control_hop(call, &hop))
		return NULL;
	entry = engine_peek(call->src->engine, &hop);
	result = describe_entry(call->src, &hop, entry);
	if (result != NULL && entry != NULL)
		json_object_set_new(result, "delivery", describe_delivery(call->src, &hop, entry));
	entry_unref(entry);
	return result;
}

/* The client asks with query until "checking" is false, for patience_ms at most. */
json_t *control_refresh(struct control_call *call)
{
	struct nexthop hop;

	if (!control_hop(call, &hop))
		return NULL;
	if (!engine_start(call->src->engine, &hop, WHY_OPERATOR))
		return control_refuse(call, EX_TEMPFAIL,
				      "too many domains are being checked at once; try again");
	return json_pack("{s:s, s:I}", "domain", hop.domain, "patience_ms",
			 (json_int_t)task_patience(call->src->settings));
}

/* An operator's deed stands in the log. */
static void note_flush(const struct control_call *call, const struct nexthop *hop, bool policy)
{
	const struct engine_env *env = call->src->env;
	char key[NEXTHOP_KEY_SIZE];
	struct kv kv;

	kv_begin(&kv, "flush");
	kv_str(&kv, "nexthop", nexthop_key(hop, key));
	kv_str(&kv, "policy", policy ? "forgotten" : "kept");
	kv_int(&kv, "uid", call->uid);
	env->notice(env->notice_arg, LOG_LEVEL_INFO, kv_end(&kv));
}

json_t *control_flush(struct control_call *call)
{
	char key[NEXTHOP_KEY_SIZE];
	struct nexthop hop;
	bool policy, known;

	if (!control_hop(call, &hop) || !control_truth(call, "policy", &policy))
		return NULL;
	known = engine_flush(call->src->engine, &hop, policy);
	note_flush(call, &hop, policy);
	return json_pack("{s:s, s:s, s:b, s:b}", "domain", hop.domain, "nexthop",
			 nexthop_key(&hop, key), "known", known, "policy_forgotten",
			 known && policy);
}

static bool is_skipped(const struct settings *s, const char *nexthop)
{
	const struct routing routing = { .host = nexthop };
	struct route route;

	route_of(s, &routing, &route);
	return route.n_hops == 0;
}

static bool is_fresh(const struct engine_env *env, const struct entry *entry)
{
	return entry != NULL &&
	       entry_is_fresh(entry, clock_mono(&env->clock), clock_wall(&env->clock));
}

/* As for mail, if need be; the client asks again until "checking" is false. start: only then something is begun. */
json_t *control_warm(struct control_call *call)
{
	const struct sources *src = call->src;
	char key[NEXTHOP_KEY_SIZE];
	struct nexthop hop;
	struct entry *entry;
	bool start, skipped, fresh, busy = false;
	json_t *result;

	if (!control_hop(call, &hop) || !control_truth(call, "start", &start))
		return NULL;
	skipped = is_skipped(src->settings, nexthop_key(&hop, key));
	entry = engine_peek(src->engine, &hop);
	fresh = is_fresh(src->env, entry);
	if (start && !skipped && !fresh)
		busy = !engine_start(src->engine, &hop, WHY_WARM);
	result = describe_briefly(src, &hop, entry);
	entry_unref(entry);
	json_object_set_new(result, "skipped", json_boolean(skipped));
	json_object_set_new(result, "fresh", json_boolean(fresh));
	json_object_set_new(result, "busy", json_boolean(busy));
	return result;
}
