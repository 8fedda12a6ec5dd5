/* netaddr.h - IP addresses and networks as values
 *
 * PURPOSE Parsing, printing, membership, and the question "is this address on the public internet",
 *         which guards the HTTPS fetch and the probe against being sent to our own network (SSRF).
 * THREADS Values; safe anywhere.
 */
#ifndef COMMON_BASE_NETADDR_H
#define COMMON_BASE_NETADDR_H

#include "common/base/span.h"

enum addr_family { ADDR_V4 = 4, ADDR_V6 = 6 };

struct netaddr {
	unsigned char family;	 /* enum addr_family */
	unsigned char bytes[16]; /* network order; 4 used for ADDR_V4 */
};

struct network {
	struct netaddr addr;
	unsigned char prefix;
};

enum { NETADDR_TEXT = 46 };

bool netaddr_parse(struct span text, struct netaddr *ret); /* no brackets, no zone */
const char *netaddr_format(const struct netaddr *a, char out[NETADDR_TEXT]);
struct netaddr netaddr_make(enum addr_family family, const void *bytes);
bool netaddr_eq(const struct netaddr *a, const struct netaddr *b);

bool network_parse(struct span text, struct network *ret); /* "10.0.0.0/8", "::1" */
/* A v4-mapped v6 address is a member where its v4 address is. */
bool network_has(const struct network *net, const struct netaddr *a);
bool networks_have(const struct network *nets, size_t n, const struct netaddr *a);

/* False for anything that IANA's special-purpose registries do not call globally reachable, also
 * when wrapped: v4-mapped, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), 6to4, Teredo. Documentation
 * ranges count as not global. */
bool netaddr_is_global(const struct netaddr *a);

#endif
