/* event.h - what can happen to a policy in its life: one closed list for the history, the log and the counters
 *
 * Names are API. A standing event is a condition: told once when it begins, told again only after it has ended in between. The others are told
 * each time, the log line at most once an hour for one domain and kind.
 */
#ifndef COMMON_STS_EVENT_H
#define COMMON_STS_EVENT_H

#include <stdbool.h>

/* X(id, name, standing, sentence) */
#define EVENTS(X)                                                                                                         \
	X(POLICY_FOUND, "policy-found", false, "a policy was seen for the first time")                                    \
	X(ID_CHANGED, "id-changed", false, "the record has a new id, and its policy was fetched")                         \
	X(BODY_CHANGED, "body-changed-same-id", false, "the policy changed while the record's id did not")                \
	X(MODE_DOWNGRADED, "mode-downgraded", false, "the new policy demands less than the one before")                   \
	X(RECORD_VANISHED, "record-vanished", true, "no record any more, although the policy is still valid")             \
	X(MX_NOT_COVERED, "mx-not-covered", true, "an MX host is not listed in the policy")                               \
	X(POLICY_HOST_CERT, "policy-host-certificate-expires-soon", true, "the policy host's certificate is about to end") \
	X(MX_CERT, "mx-certificate-expires-soon", true, "an MX host's certificate is about to end")                       \
	X(POLICY_ENDS, "policy-expires-soon", true, "the policy cannot be fetched again and is about to expire")          \
	X(POLICY_EXPIRED, "policy-expired", false, "the policy has expired and no new one can be had")

enum event_kind {
#define X(id, name, standing, sentence) EVENT_##id,
	EVENTS(X)
#undef X
		EVENT_COUNT
};

/* Who noticed. */
enum event_source { SEEN_BY_MAIL, SEEN_BY_REFRESH, SEEN_BY_OPERATOR, SEEN_SOURCES };

const char *event_name(enum event_kind k);
const char *event_sentence(enum event_kind k); /* no full stop, no capital */
bool event_is_standing(enum event_kind k);
int event_from_name(const char *name);		  /* -1: unknown */
const char *event_source_name(enum event_source s); /* "mail", "refresh", "operator" */

#endif
