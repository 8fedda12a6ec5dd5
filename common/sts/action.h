/* action.h - the decision table: knowledge x setting -> answer
 *
 * PURPOSE Pure and total. The same table stands in doc/DECISIONS.md and is walked by
 *         tests/unit/test_action.c.
 * RFC     8461 s3.3 (no policy to be had: as if there were none; a cached one must be applied), s5
 *         (never a permanent failure)
 */
#ifndef COMMON_STS_ACTION_H
#define COMMON_STS_ACTION_H

#include "common/sts/policy.h"
#include "common/sts/verdict.h"

#include <stdbool.h>
#include <stdint.h>

/* What is known about a domain at the moment of the answer. */
enum knowledge {
	KNOW_NOT_JUDGED,   /* not our business: local, skipped, literal, wrapped port */
	KNOW_NO_POLICY,	   /* no valid record, or the only known policy has expired */
	KNOW_MODE_NONE,	   /* mode none */
	KNOW_FETCH_FAILED, /* a valid record, no policy to be had, nothing cached: s3.3 MUST
			      continue */
	KNOW_STORE_FAILED, /* likewise, but whether one is cached cannot be read */
	KNOW_TXT_FAILED,   /* the TXT look-up failed, nothing cached */
	KNOW_PENDING,	   /* not known within the deadline; no enforce policy is known */
	KNOW_BUSY,	   /* queue or waiting room full; no enforce policy is known */
	KNOW_TESTING_PASSED,
	KNOW_TESTING_FAILED,
	KNOW_TESTING_UNKNOWN,
	KNOW_ENFORCE_PASSED,
	KNOW_ENFORCE_FAILED,
	KNOW_ENFORCE_UNKNOWN,	  /* nothing passed, and a look-up failed or a failing host would be
				     tried first */
	KNOW_ENFORCE_UNREACHABLE, /* nothing passed, and all that is missing is hosts that cannot be
				     reached */
	KNOW_ENFORCE_PENDING,	  /* an enforce policy is known, its hosts are still being probed */
	/* testing, or a policy that the operator has suspended: MTA-STS would let mail go, hosts under DANE stand in its way */
	KNOW_DANE_FAILED,
	KNOW_DANE_UNKNOWN,
	KNOW_DANE_UNREACHABLE,
	KNOW_MOOT, /* nothing can be delivered: null MX, no such domain */
	KNOW_COUNT
};

enum answer {
	ANSWER_ACCEPT,
	ANSWER_ANNOTATE, /* accept although the policy is not satisfied, and mark the message */
	ANSWER_TEMPFAIL,
};

/* accept, tempfail, or tempfail for so long and then accept */
struct grace_rule {
	enum { GRACE_ACCEPT, GRACE_TEMPFAIL, GRACE_TEMPFAIL_FOR, GRACE_AS_TXT_FAILURE } kind;
	int64_t ms; /* of TEMPFAIL_FOR */
};

enum action_kind { ACTION_TEMPFAIL, ACTION_ANNOTATE };

/* Who is asking: which settings hold for this recipient. */
struct action_view {
	enum action_kind action; /* after action_authenticated was applied */
	bool never_tempfail;	 /* local submission with action_local = accept */
	bool accept_unreachable; /* probe_inconclusive = accept */
	struct grace_rule txt_failure;
	struct grace_rule pending;
};

/* failing_ms: for how long look-ups of this domain and class have been failing (0: just now); only
 * TXT_FAILED, STORE_FAILED, PENDING, BUSY use it. */
enum answer action_for(enum knowledge k, const struct action_view *view, int64_t failing_ms);

/* Look-ups have failed that txt_failure is about: failing_ms counts. */
bool knowledge_is_lookup_failure(enum knowledge k);

/* What a verdict amounts to; mode as for verdict_of(). */
enum knowledge knowledge_of(enum policy_mode mode, const struct verdict *v);

bool knowledge_is_dane(enum knowledge k); /* one of KNOW_DANE_* */

/* One word for the MTA-STS-Verdict header, and how bad it is: the worst of a message's recipients
 * is shown. Recipients that are not judged say nothing; no policy is worse than a good one. */
const char *
knowledge_word(enum knowledge k); /* "none", "pass", "testing", "unknown", "unverified", "fail" */
int knowledge_rank(enum knowledge k);
const char *knowledge_name(enum knowledge k); /* for logs: "enforce-passed" */
const char *answer_name(enum answer a);

#endif
