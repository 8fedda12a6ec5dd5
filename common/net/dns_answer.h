/* dns_answer.h - libunbound's result becomes the port's answer
 *
 * OWNERSHIP Everything handed out is copied into the arena.
 */
#ifndef COMMON_NET_DNS_ANSWER_H
#define COMMON_NET_DNS_ANSWER_H

#include "common/net/resolver.h"

#include <unbound.h>

/* Seconds that a negative answer is believed: at least, and when it came without the SOA that would
 * say. */
enum { DNS_NEGATIVE_TTL_MIN = 1, DNS_NEGATIVE_TTL_NO_SOA = 5 };

void dns_answer_take(struct dns_query *q, int error, const struct ub_result *r,
		     struct arena *arena);

/* why: static text */
void dns_answer_failed(struct dns_query *q, const char *why);

/* Whether the answer section carried signatures; NULL: no. */
bool dns_answer_signed(const struct ub_result *r);

#endif
