#include "config.h"

#include "common/sts/action.h"

#include <stddef.h>

/* Which setting speaks. doc/DECISIONS.md shows the same table with its reasons. */
enum rule {
	RULE_ACCEPT,
	RULE_TXT_FAILURE, /* txt_failure */
	RULE_PENDING,	  /* pending */
	RULE_ACTION,	  /* action: tempfail or annotate */
	RULE_UNREACHABLE, /* probe_inconclusive = accept, else action */
};

static const struct {
	const char *name;
	enum rule rule;
	const char *word;
	int rank;
} table[KNOW_COUNT] = {
	[KNOW_NOT_JUDGED] = { "not-judged", RULE_ACCEPT, "none", 0 },
	[KNOW_NO_POLICY] = { "no-policy", RULE_ACCEPT, "none", 2 },
	[KNOW_MODE_NONE] = { "mode-none", RULE_ACCEPT, "none", 2 },
	[KNOW_MOOT] = { "moot", RULE_ACCEPT, "none", 2 },
	[KNOW_FETCH_FAILED] = { "fetch-failed", RULE_ACCEPT, "unknown", 5 },
	[KNOW_STORE_FAILED] = { "store-failed", RULE_TXT_FAILURE, "unknown", 5 },
	[KNOW_TXT_FAILED] = { "txt-failed", RULE_TXT_FAILURE, "unknown", 5 },
	[KNOW_PENDING] = { "pending", RULE_PENDING, "unknown", 5 },
	[KNOW_BUSY] = { "busy", RULE_PENDING, "unknown", 5 },
	[KNOW_TESTING_PASSED] = { "testing-passed", RULE_ACCEPT, "pass", 1 },
	[KNOW_TESTING_FAILED] = { "testing-failed", RULE_ACCEPT, "testing", 4 },
	[KNOW_TESTING_UNKNOWN] = { "testing-unknown", RULE_ACCEPT, "testing", 3 },
	[KNOW_ENFORCE_PASSED] = { "enforce-passed", RULE_ACCEPT, "pass", 1 },
	[KNOW_ENFORCE_FAILED] = { "enforce-failed", RULE_ACTION, "fail", 7 },
	[KNOW_ENFORCE_UNKNOWN] = { "enforce-unknown", RULE_ACTION, "unverified", 6 },
	[KNOW_ENFORCE_UNREACHABLE] = { "enforce-unreachable", RULE_UNREACHABLE, "unverified", 6 },
	[KNOW_ENFORCE_PENDING] = { "enforce-pending", RULE_ACTION, "unverified", 6 },
	[KNOW_DANE_FAILED] = { "dane-failed", RULE_ACTION, "fail", 7 },
	[KNOW_DANE_UNKNOWN] = { "dane-unknown", RULE_ACTION, "unverified", 6 },
	[KNOW_DANE_UNREACHABLE] = { "dane-unreachable", RULE_UNREACHABLE, "unverified", 6 },
};

static enum answer by_grace(struct grace_rule rule, int64_t failing_ms)
{
	switch (rule.kind) {
	case GRACE_TEMPFAIL:
	case GRACE_AS_TXT_FAILURE: /* resolved by the caller */
		return ANSWER_TEMPFAIL;
	case GRACE_TEMPFAIL_FOR:
		return failing_ms < rule.ms ? ANSWER_TEMPFAIL : ANSWER_ACCEPT;
	case GRACE_ACCEPT:
		break;
	}
	return ANSWER_ACCEPT;
}

static enum answer by_rule(enum rule rule, const struct action_view *view, int64_t failing_ms)
{
	switch (rule) {
	case RULE_TXT_FAILURE:
		return by_grace(view->txt_failure, failing_ms);
	case RULE_PENDING:
		return by_grace(view->pending.kind == GRACE_AS_TXT_FAILURE ? view->txt_failure
									   : view->pending,
				failing_ms);
	case RULE_UNREACHABLE:
		return view->accept_unreachable ? ANSWER_ANNOTATE : ANSWER_TEMPFAIL;
	case RULE_ACTION:
		return ANSWER_TEMPFAIL;
	case RULE_ACCEPT:
		break;
	}
	return ANSWER_ACCEPT;
}

enum answer action_for(enum knowledge k, const struct action_view *view, int64_t failing_ms)
{
	enum answer answer = by_rule(table[k].rule, view, failing_ms);
	bool annotate = view->action == ACTION_ANNOTATE || view->never_tempfail;

	return answer == ANSWER_TEMPFAIL && annotate ? ANSWER_ANNOTATE : answer;
}

enum knowledge knowledge_of(enum policy_mode mode, const struct verdict *v)
{
	bool enforce = mode == POLICY_MODE_ENFORCE;

	if (v->dane_bars)
		return v->result == VERDICT_FAILED ? KNOW_DANE_FAILED
		       : v->unreachable		   ? KNOW_DANE_UNREACHABLE
						   : KNOW_DANE_UNKNOWN;
	if (mode == POLICY_MODE_NONE)
		return KNOW_MODE_NONE;
	switch (v->result) {
	case VERDICT_PASSED:
		return enforce ? KNOW_ENFORCE_PASSED : KNOW_TESTING_PASSED;
	case VERDICT_FAILED:
		return enforce ? KNOW_ENFORCE_FAILED : KNOW_TESTING_FAILED;
	case VERDICT_MOOT:
		return KNOW_MOOT;
	case VERDICT_UNKNOWN:
		break;
	}
	if (!enforce)
		return KNOW_TESTING_UNKNOWN;
	return v->unreachable ? KNOW_ENFORCE_UNREACHABLE : KNOW_ENFORCE_UNKNOWN;
}

bool knowledge_is_lookup_failure(enum knowledge k)
{
	return table[k].rule == RULE_TXT_FAILURE;
}

bool knowledge_is_dane(enum knowledge k)
{
	return k == KNOW_DANE_FAILED || k == KNOW_DANE_UNKNOWN || k == KNOW_DANE_UNREACHABLE;
}

const char *knowledge_word(enum knowledge k)
{
	return table[k].word;
}

int knowledge_rank(enum knowledge k)
{
	return table[k].rank;
}

const char *knowledge_name(enum knowledge k)
{
	return table[k].name;
}

const char *answer_name(enum answer a)
{
	static const char *const names[] = {
		[ANSWER_ACCEPT] = "accept",
		[ANSWER_ANNOTATE] = "annotate",
		[ANSWER_TEMPFAIL] = "tempfail",
	};

	return names[a];
}
