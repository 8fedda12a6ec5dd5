/* tlsrpt_datagram.h - what libtlsrpt sends about one TLS session of Postfix 3.10 and later
 *
 * PURPOSE   One JSON object, as libtlsrpt 0.5 writes it: "dpv" (may be missing), "d" next-hop, "pr" TLSRPT record, "policies". Octets that are not
 *           UTF-8 become "?": the library copies what a server has said.
 * OWNERSHIP Everything lives in the arena; TLSRPT_MEMORY is enough.
 * THREADS   Pure. Total over hostile octets; fuzzed.
 * LIMITS    LIMIT_OUTCOME octets, TLSRPT_POLICIES policies, TLSRPT_FAILURES failures each, TLSRPT_STRINGS strings and patterns each.
 * ERRORS    0; TLSRPT_MALFORMED with a sentence (static text) in *ret_why; -ENOMEM.
 */
#ifndef MILTER_DAEMON_TLSRPT_DATAGRAM_H
#define MILTER_DAEMON_TLSRPT_DATAGRAM_H

#include "common/sts/nexthop.h"
#include "common/sts/outcome.h"

enum {
	TLSRPT_MALFORMED = 1,
	TLSRPT_POLICIES = 16,
	TLSRPT_FAILURES = 64,
	TLSRPT_STRINGS = LIMIT_MX_PATTERNS + 64,
	TLSRPT_MEMORY = 2 << 20
};

struct tlsrpt_datagram {
	struct nexthop hop;
	/* Of each policy: a success, or its failures, the first of which stands for the session. */
	size_t n;
	const struct tls_outcome *outcomes; /* without day and domain */
};

int tlsrpt_datagram_parse(struct span datagram, struct arena *arena, struct tlsrpt_datagram *ret,
			  const char **ret_why);

#endif
