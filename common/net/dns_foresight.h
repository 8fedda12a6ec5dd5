/* dns_foresight.h - questions that will be asked soon are answered before
 *
 * PURPOSE Of one domain the MX set, then the addresses of its hosts: asked without anybody waiting, so that libunbound
 *         has the answers (or is already waiting for them) when they are wanted. What comes back is not looked at but
 *         for the hosts' names: whoever wants to know asks again, and gets what its own look-up would have given.
 * THREADS dns_foresee() from any thread; the rest happens on the lane's pump.
 * LIMITS  FORESIGHTS questions under way, of FORESIGHT_HOSTS hosts of one domain; what is more is not foreseen.
 */
#ifndef COMMON_NET_DNS_FORESIGHT_H
#define COMMON_NET_DNS_FORESIGHT_H

#include <stdatomic.h>

#include <unbound.h>

enum { FORESIGHTS = 512, FORESIGHT_HOSTS = 8 };

/* Part of a lane: it lives as long as the context. */
struct dns_foresight {
	struct ub_ctx *ctx;
	atomic_uint under_way;
};

void dns_foresee(struct dns_foresight *f, const char *domain); /* normal form */

#endif
