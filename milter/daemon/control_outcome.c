#include "config.h"

#include "milter/daemon/control_verbs.h"

#include "common/base/cleanup.h"
#include "common/sts/policy.h"

#include <sysexits.h>

enum { OUTCOME_MEMORY = 1 << 20, PATTERNS_MOST = 64, DETAIL_MOST = 4096 };

/* What the MTA would have been told, for a report that names the policy. */
static const char *policy_of(const struct draft *d, struct arena *arena)
{
	struct span strings[PATTERNS_MOST + 3], mx[PATTERNS_MOST];
	const struct policy *p = d->policy;
	struct outcome_policy policy = { .type = OUTCOME_POLICY_NONE,
					 .domain = span_of(d->hop.domain),
					 .strings = strings,
					 .mx = mx };

	if (p == NULL || p->mode == POLICY_MODE_NONE)
		return outcome_policy_text(arena, &policy);
	policy.type = OUTCOME_POLICY_STS;
	strings[policy.n_strings++] = span_of("version: STSv1");
	strings[policy.n_strings++] =
		span_of(arena_printf(arena, "mode: %s", policy_mode_name(p->mode)));
	for (size_t i = 0; i < p->n_mx && i < PATTERNS_MOST; i++) {
		mx[policy.n_mx++] = span_of(p->mx[i]);
		strings[policy.n_strings++] = span_of(arena_printf(arena, "mx: %s", p->mx[i]));
	}
	strings[policy.n_strings++] = span_of(arena_printf(arena, "max_age: %u", p->max_age));
	return outcome_policy_text(arena, &policy);
}

static const char *known_policy(struct engine *e, const struct nexthop *hop, struct arena *arena)
{
	AUTO(entry_unrefp) struct entry *entry = engine_peek(e, hop);
	struct draft d;

	if (entry == NULL)
		return "";
	entry_read(entry, &d);
	return policy_of(&d, arena);
}

struct told_outcome {
	struct nexthop hop;
	struct tls_outcome o;
};

static bool read_result(struct control_call *call, enum tls_result *ret)
{
	const char *name;
	int result;

	if (!control_text(call, "result", true, 64, &name))
		return false;
	result = tls_result_from_name(name);
	if (result < 0) {
		control_refuse(call, EX_USAGE,
			       "result %s is neither success nor a result type of RFC 8460", name);
		return false;
	}
	*ret = (enum tls_result)result;
	return true;
}

/* False: refused. What is no name or address counts as not known: the line in the log came from a stranger. */
static bool read_outcome(struct control_call *call, struct arena *arena, struct told_outcome *ret)
{
	const char *mx, *address, *sender, *helo, *detail, *source;
	enum tls_result result;

	if (!control_hop(call, &ret->hop) || !read_result(call, &result) ||
	    !control_text(call, "mx", false, DETAIL_MOST, &mx) ||
	    !control_text(call, "address", false, DETAIL_MOST, &address) ||
	    !control_text(call, "sending_address", false, DETAIL_MOST, &sender) ||
	    !control_text(call, "helo", false, DETAIL_MOST, &helo) ||
	    !control_text(call, "source", false, 64, &source) ||
	    !control_text(call, "detail", false, DETAIL_MOST, &detail))
		return false;
	ret->o = (struct tls_outcome){
		.source = OUTCOME_OF_LOG,
		.policy = known_policy(call->src->engine, &ret->hop, arena),
		.record = "",
		.result = result,
		.mx = outcome_host(arena, span_of(mx)),
		.helo = outcome_helo(arena, span_of(helo)),
		.receiving_ip = outcome_address(arena, span_of(address)),
		.sending_ip = outcome_address(arena, span_of(sender)),
		.info = "",
		.reason = outcome_words(arena, span_of(detail)),
		.count = 1,
		.sessions = result != TLS_RESULT_SUCCESS,
	};
	return true;
}

static bool take_one(struct control_call *call, bool *ret_kept, bool *ret_doubted)
{
	AUTO(arena_release) struct arena arena;
	struct told_outcome told;

	arena_init(&arena, OUTCOME_MEMORY);
	if (!read_outcome(call, &arena, &told))
		return false;
	*ret_kept = outcomes_take(call->src->outcomes, &told.hop, &told.o, ret_doubted);
	return true;
}

/* Each by itself: one that is refused says why, and the others are taken. */
static json_t *take_many(struct control_call *call, const json_t *items)
{
	json_t *answers = json_array(), *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		struct control_call one = { .src = call->src, .request = item, .uid = call->uid };
		bool kept = false, doubted = false;

		if (take_one(&one, &kept, &doubted))
			json_array_append_new(
				answers, json_pack("{s:b, s:b}", "kept", kept, "doubted", doubted));
		else
			json_array_append_new(answers, json_pack("{s:b, s:b, s:s}", "kept", 0,
								 "doubted", 0, "error", one.error));
	}
	return json_pack("{s:o}", "outcomes", answers);
}

json_t *control_outcome(struct control_call *call)
{
	const json_t *items = json_object_get(call->request, "outcomes");
	bool kept = false, doubted = false;

	if (call->src->outcomes == NULL)
		return control_refuse(call, EX_UNAVAILABLE, "this daemon keeps no outcomes");
	if (items != NULL && (!json_is_array(items) || json_array_size(items) == 0 ||
			      json_array_size(items) > CONTROL_OUTCOMES_AT_ONCE))
		return control_refuse(call, EX_USAGE, "outcomes is no list of 1 to %d outcomes",
				      CONTROL_OUTCOMES_AT_ONCE);
	if (items != NULL)
		return take_many(call, items);
	if (!take_one(call, &kept, &doubted))
		return NULL;
	return json_pack("{s:b, s:b}", "kept", kept, "doubted", doubted);
}
