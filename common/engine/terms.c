#include "config.h"

#include "common/engine/terms.h"

struct terms terms_under(const struct policy *policy, const struct override *o)
{
	struct terms terms = { POLICY_MODE_NONE, policy };

	if (policy != NULL)
		terms.mode = policy->mode;
	if (o == NULL)
		return terms;
	terms.mode = o->mode;
	if (o->patterns != NULL)
		terms.patterns = o->patterns;
	/* A policy of mode none need not list anything: that must not make every MX host a wrong one. */
	else if (terms.patterns != NULL && terms.patterns->n_mx == 0)
		terms.patterns = NULL;
	return terms;
}

struct terms terms_of(const struct draft *draft)
{
	return terms_under(draft->policy, draft->override);
}

bool terms_are_active(const struct draft *draft)
{
	struct terms terms = terms_of(draft);

	/* A policy that the operator has suspended still has DANE looked after. */
	return terms.patterns != NULL &&
	       (terms.mode != POLICY_MODE_NONE ||
		(draft->override != NULL && draft->policy->mode != POLICY_MODE_NONE));
}

static void nothing_to_assess(struct draft *draft)
{
	switch (draft->override->mode) {
	case POLICY_MODE_NONE:
		draft->knowledge = KNOW_MODE_NONE;
		draft->reason = REASON_OVERRIDE_NONE;
		return;
	case POLICY_MODE_TESTING:
		draft->knowledge = KNOW_TESTING_UNKNOWN;
		break;
	case POLICY_MODE_ENFORCE: /* it must not open because the policy is gone */
		draft->knowledge = KNOW_ENFORCE_UNKNOWN;
		break;
	}
	draft->reason = REASON_OVERRIDE_NO_POLICY;
}

void terms_conclude(struct draft *draft)
{
	enum policy_mode mode = terms_of(draft).mode;
	struct verdict *v = &draft->verdict;

	if (!terms_are_active(draft)) {
		if (draft->override != NULL) {
			nothing_to_assess(draft);
		} else if (draft->policy != NULL) { /* of mode none; an override may have ended */
			draft->knowledge = KNOW_MODE_NONE;
			draft->reason = REASON_POLICY_MODE_NONE;
		}
		return;
	}
	if (mode == POLICY_MODE_NONE && !v->dane_bars)
		*v = (struct verdict){ .result = v->result,
				       .reason = REASON_OVERRIDE_NONE,
				       .by = BY_OVERRIDE };
	else if (draft->override != NULL && v->by == BY_MTA_STS)
		v->by = BY_OVERRIDE;
	draft->knowledge = knowledge_of(mode, v);
	draft->reason = v->reason;
}

enum knowledge terms_held(const struct override *o)
{
	switch (o->mode) {
	case POLICY_MODE_ENFORCE:
		return KNOW_ENFORCE_PENDING;
	case POLICY_MODE_TESTING:
		return KNOW_TESTING_UNKNOWN;
	case POLICY_MODE_NONE:
		break;
	}
	return KNOW_MODE_NONE;
}
