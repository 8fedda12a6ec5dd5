/* fetcher.h - the HTTPS port of the engine: one policy document
 *
 * PURPOSE   GET https://<host>/.well-known/mta-sts.txt from given addresses, to the letter of RFC
 *           8461 s3.3: no redirects, only 200, only text/plain, at most LIMIT_POLICY_BODY,
 *           certificate for <host> by SAN alone, whole body or nothing.
 * OWNERSHIP The body lives in the caller's arena.
 * THREADS   get() may be called from any number of threads at once.
 */
#ifndef COMMON_NET_FETCHER_H
#define COMMON_NET_FETCHER_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/netaddr.h"
#include "common/sts/reason.h"

#include <stdint.h>

struct fetch {
	/* asked */
	const char *host; /* the policy host, normal form: also SNI and the name that the
			     certificate must carry */
	const struct netaddr *addrs;
	size_t n_addrs;
	/* answered */
	size_t reached; /* 1 + index of the address that accepted the connection; 0: none, or unknown */
	enum reason reason; /* REASON_OK or one of REASON_FETCH_* */
	struct span body;
	int64_t not_after; /* of the policy host's own certificate, wall seconds, also of a refused one; 0: none was seen */
	char detail[LIMIT_DETAIL]; /* escaped */
};

struct fetcher {
	void (*get)(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena);
	void *ctx;
};

#endif
