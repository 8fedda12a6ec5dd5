/* mx_match.h - does an MX host name match a policy's pattern
 *
 * RFC 8461 s4.1: "*" is the complete left-most label and stands for exactly one label. Case-insensitive, a trailing dot of
 *     the host is ignored. A malformed pattern matches nothing.
 */
#ifndef COMMON_STS_MX_MATCH_H
#define COMMON_STS_MX_MATCH_H

#include <stdbool.h>
#include <stddef.h>

bool mx_match(const char *host, const char *pattern);

/* The index of the first pattern that matches, or -1. */
int mx_match_any(const char *host, const char *const *patterns, size_t n);

/* A host name, or "*." and a host name: letters, digits, hyphens (RFC 8461 s3.2, sts-policy-mx-value). */
bool mx_pattern_valid(const char *pattern);

#endif
