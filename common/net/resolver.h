/* resolver.h - the DNS port of the engine
 *
 * PURPOSE   A batch of questions asked at once, answered or given up by one deadline.
 * OWNERSHIP Answers live in the caller's arena.
 * THREADS   query() may be called from any number of threads at once.
 * ERRORS    Never fails as a call: every question gets a status. Bogus data is never handed out.
 */
#ifndef COMMON_NET_RESOLVER_H
#define COMMON_NET_RESOLVER_H

#include "common/base/arena.h"

#include <stdint.h>

enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_SOA = 6, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28, DNS_TLSA = 52 };

enum dns_status {
	DNS_FAILED, /* SERVFAIL, REFUSED, timeout, no network */
	DNS_BOGUS,  /* DNSSEC validation failed */
	DNS_FOUND,
	DNS_NODATA, /* the name exists, the type does not */
	DNS_NXDOMAIN,
};

struct dns_query {
	/* asked */
	const char *name; /* normal form */
	enum dns_type type;
	/* answered */
	enum dns_status status;
	bool secure;	    /* validated with DNSSEC */
	uint32_t ttl;	    /* seconds; of a negative answer: how long it may be believed */
	struct span *rdata; /* CNAMEs already followed; of DNS_CNAME itself: the first target */
	size_t n_rdata;
	/* Where the CNAMEs led, normal form, in the arena; NULL: the name is no alias, or leads to what no host is called. `secure` covers every step. */
	const char *canonical;
	const char *why; /* of FAILED and BOGUS, escaped; never NULL after query() */
};

struct resolver {
	void (*query)(void *ctx, struct dns_query *q, size_t n, int64_t deadline,
		      struct arena *arena);
	void *ctx;
	/* The MX set of this domain (normal form) and the addresses of its hosts will be asked for soon: a resolver that
	 * keeps answers begins now, and nobody waits. Changes no answer. NULL: it keeps none. */
	void (*foresee)(void *ctx, const char *domain);
};

#endif
