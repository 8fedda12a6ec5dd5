/* tls_policy.h - what a delivery must demand, in the words of Postfix's smtp_tls_policy_maps
 *
 * PURPOSE Pure: a demand in, one socketmap answer out: "OK secure match=... servername=hostname", "OK dane-only", "NOTFOUND ", "TEMP reason".
 *         From Postfix 3.10 on an answer under a published policy also tells its TLS reports (RFC 8460) which one: policy_type, policy_domain,
 *         mx_host_pattern, policy_string. Older ones take an attribute that they do not know for a broken policy and defer.
 *         Never in match=: "hostname", "nexthop", "dot-nexthop", which Postfix takes for rules and not for the names of MX hosts.
 * LIMITS  At most max octets are appended. What is left out first: names that are no MX hosts now, then what is for reports; where even that is
 *         too long the answer is TEMP.
 * ERRORS  0 or -ENOMEM.
 */
#ifndef COMMON_STS_TLS_POLICY_H
#define COMMON_STS_TLS_POLICY_H

#include "common/base/buf.h"
#include "common/sts/delivery.h"

/* RFC 8460 s4.3; Postfix then refuses the host, so it is for where nothing may go in any case. */
enum tls_policy_failure {
	TLS_POLICY_WELL,
	TLS_POLICY_FETCH_ERROR,
	TLS_POLICY_INVALID,
	TLS_POLICY_WEBPKI_INVALID,
	TLS_POLICY_VALIDATION_FAILURE,
};

/* What the Postfix that asks understands. */
enum tls_policy_postfix {
	POSTFIX_PLAIN,	  /* older than 3.10, or unknown */
	POSTFIX_REPORTS,  /* 3.10.0 to 3.10.4: what is for reports is for reports alone */
	POSTFIX_PATTERNS, /* 3.10.5, 3.11: mx_host_pattern takes the place of match; a host that it covers is used, if the certificate is its own */
};

struct tls_policy {
	const struct delivery *delivery;
	const char *domain;
	const struct policy *
		published; /* what the domain itself says; NULL: the demand is somebody else's, and reports must not name it */
	bool narrowed; /* tls_policy_narrowed() */
	enum tls_policy_postfix postfix;
	enum tls_policy_failure failure;
};

/* version: "3.10.5"; "": unknown. */
enum tls_policy_postfix tls_policy_postfix(const char *version);

/* Is there an MX host that the policy covers and that must not be used all the same? Then the patterns would say too much. */
bool tls_policy_narrowed(const struct delivery_case *c, const struct delivery *d);

int tls_policy_write(const struct tls_policy *t, size_t max, struct buf *out);

#endif
