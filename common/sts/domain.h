/* domain.h - domain names as A-labels
 *
 * PURPOSE One normal form for every name that we look up, compare or cache: lower case, A-labels, no trailing dot.
 * LIMITS  Labels of 1..63 octets, 253 octets in all, out holds DOMAIN_SIZE.
 * RFC     5890 (IDNA, by libidn2, with UTS #46 mapping, non-transitional; labels that it refuses and MTAs do not: punycode.h), 1035 s2.3.4, 8461 s3.2
 */
#ifndef COMMON_STS_DOMAIN_H
#define COMMON_STS_DOMAIN_H

#include "common/base/limits.h"
#include "common/base/span.h"

enum { DOMAIN_SIZE = LIMIT_DOMAIN + 1 };

enum domain_status {
	DOMAIN_OK,
	DOMAIN_EMPTY,
	DOMAIN_TOO_LONG,
	DOMAIN_BAD_LABEL, /* empty label, leading dot, bytes that no host name has */
	DOMAIN_BAD_IDN,   /* not UTF-8, or refused by IDNA */
};

/* in: A-labels or U-labels (UTF-8), any case, at most one trailing dot. Underscores are allowed (they occur in
 * domains that receive mail); address literals are not names and come back as DOMAIN_BAD_LABEL.
 * On failure out is the empty string. */
enum domain_status domain_normalize(struct span in, char out[DOMAIN_SIZE]);

const char *domain_status_text(enum domain_status status);

/* True for a name that is already in normal form. */
bool domain_is_normal(const char *name);

/* True when name is zone or ends in ".zone"; both normal. */
bool domain_in_zone(const char *name, const char *zone);

#endif
