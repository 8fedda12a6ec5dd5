/* terms.h - by whose words a next-hop is judged: those of the published policy, or the operator's
 *
 * Pure. An override replaces the mode, and the patterns if it has its own.
 */
#ifndef COMMON_ENGINE_TERMS_H
#define COMMON_ENGINE_TERMS_H

#include "common/engine/draft.h"

struct terms {
	enum policy_mode mode;
	const struct policy *patterns; /* NULL: none are known */
};

/* The policy counts as it stands: discover() has taken out what has expired. Both may be NULL. */
struct terms terms_under(const struct policy *policy, const struct override *o);
struct terms terms_of(const struct draft *draft);

/* Are MX hosts to be looked at? Under mode none too, where an override suspends a policy: DANE keeps its say (RFC 8461 s2). */
bool terms_are_active(const struct draft *draft);

/* Knowledge and reason of a draft that has a verdict, an override that leaves nothing to assess, or a policy of mode none; what discover() found stays
 * otherwise. */
void terms_conclude(struct draft *draft);

/* What an override says by itself, before anybody is asked. */
enum knowledge terms_held(const struct override *o);

#endif
