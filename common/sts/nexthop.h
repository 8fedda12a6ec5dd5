/* nexthop.h - from an address and the MTA's routing to the policy domain
 *
 * PURPOSE The policy domain is the next-hop domain (RFC 8461 s1.1, s3.4): the recipient's domain unless the MTA routes elsewhere.
 * LIMITS  Pure; no DNS.
 */
#ifndef COMMON_STS_NEXTHOP_H
#define COMMON_STS_NEXTHOP_H

#include "common/sts/domain.h"

#include <stdint.h>

enum nexthop_kind {
	NEXTHOP_DOMAIN,	 /* look up its MX: domain, port */
	NEXTHOP_HOST,	 /* bracketed: no MX look-up, the host itself is the only candidate */
	NEXTHOP_LITERAL, /* an address: no policy can apply (RFC 8461 s3.4) */
	NEXTHOP_WRAPPED, /* port 465 or another port that speaks TLS from the first byte: not judged */
	NEXTHOP_NONE,	 /* no domain at all: local, empty, "" */
	NEXTHOP_BAD,	 /* text that is no name: status tells */
};

struct nexthop {
	enum nexthop_kind kind;
	enum domain_status status; /* of NEXTHOP_BAD */
	uint16_t port;		   /* 25 unless the next-hop says otherwise */
	char domain[DOMAIN_SIZE];  /* the policy domain, normal form; "" unless DOMAIN, HOST or WRAPPED */
};

/* An envelope address as MTAs and milters hand it over: with or without <>, source route ("@a,@b:c@d": removed), quoted
 * local part (a quoted "@" is not the separator), trailing dot, U-labels, "user@[192.0.2.1]". "%" and "!" in the local
 * part are left to the MTA: the domain is what stands behind the last unquoted "@". "user@.example" is NEXTHOP_BAD,
 * "user@[mx.example.com]" NEXTHOP_HOST, as Postfix delivers it. The unquoted form of Postfix's {rcpt_addr} is understood too, where
 * a lone quote is part of the local part. */
struct nexthop nexthop_of_address(struct span address);

/* A next-hop as MTAs write it: "example.com", "example.com.", "[mx.example.com]:587", "example.com:26", "[192.0.2.1]",
 * "[IPv6:2001:db8::1]", "mx.example.com:submission" (a service name: smtp and mail 25, submission 587, submissions,
 * smtps, ssmtp and urd 465).
 * One destination: a list ("[a], [b]", Postfix 3.5 and later; "a:b", Sendmail) is NEXTHOP_BAD; span_word() takes Postfix's apart. */
struct nexthop nexthop_of_route(struct span route);

/* "example.com", "[mx.example.com]:587": what names this next-hop in caches and logs. */
enum { NEXTHOP_KEY_SIZE = DOMAIN_SIZE + 9 };
const char *nexthop_key(const struct nexthop *hop, char out[NEXTHOP_KEY_SIZE]);

#endif
