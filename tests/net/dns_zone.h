/* dns_zone.h - a small signed zone for tests (RFC 4034, ECDSAP256SHA256)
 *
 * The apex has SOA, NS, TXT and DNSKEY; what else there is, the test adds. NSEC records prove the rest away.
 */
#ifndef TESTS_NET_DNS_ZONE_H
#define TESTS_NET_DNS_ZONE_H

#include "tests/net/dns_server.h"

struct dns_zone;

enum zone_flaw {
	ZONE_SOUND,
	ZONE_STRIPPED,	/* no RRSIG anywhere, no NSEC: a forwarder that knows nothing of DNSSEC */
	ZONE_NO_PROOFS, /* signed answers pass, proofs of absence do not */
	ZONE_EXPIRED,	/* signatures of yesterday's yesterday */
};

struct dns_zone *dns_zone_new(const char *apex); /* a new key each time */
void dns_zone_free(struct dns_zone *z);

/* Before the first answer; owner: at or below the apex, lower case. */
void dns_zone_add(struct dns_zone *z, const char *owner, unsigned type, struct span rdata);

/* "APEX IN DNSKEY ...", with a comment as Debian's root.key has */
const char *dns_zone_anchor(const struct dns_zone *z);

/* Answers what is at or below the apex; false: not ours. */
bool dns_zone_answer(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m);

#endif
