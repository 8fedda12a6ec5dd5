/* netstring.h - LENGTH:BYTES, as the socketmap protocol frames its requests and replies
 *
 * PURPOSE Pure; takes what has arrived so far and never looks at the bytes of a string twice.
 * LIMITS  A length above max, or one that is not written in the shortest way, is refused at its digits.
 */
#ifndef COMMON_STS_NETSTRING_H
#define COMMON_STS_NETSTRING_H

#include "common/base/span.h"

enum netstring { NETSTRING_WHOLE, NETSTRING_PART, NETSTRING_BAD };

/* in: what has arrived. WHOLE: *ret_content lies in `in`, *ret_size octets of which are used up. PART: *ret_size is how many octets the whole
 * needs, or 0 while its length is not known. max: below ten million. */
enum netstring netstring_take(struct span in, size_t max, struct span *ret_content,
			      size_t *ret_size);

/* Writes LENGTH and ":" so that they end at `end`, where the content begins. Returns where they begin: at most NETSTRING_HEAD octets before. */
enum { NETSTRING_HEAD = 12 };
char *netstring_head(char *end, size_t n);

#endif
