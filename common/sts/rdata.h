/* rdata.h - DNS RDATA becomes C values
 *
 * PURPOSE Everything here comes from strangers: each parser takes the exact RDATA length and refuses what does not fill it.
 * RFC     1035 s3.3 (MX, TXT), 3596 (AAAA)
 */
#ifndef COMMON_STS_RDATA_H
#define COMMON_STS_RDATA_H

#include "common/base/arena.h"
#include "common/base/netaddr.h"
#include "common/sts/domain.h"

#include <stdint.h>

/* Joins the character-strings with nothing between (RFC 8461 s3.1). False: malformed, longer than LIMIT_TXT, or no memory. */
bool rdata_txt(struct span rdata, struct arena *arena, struct span *ret_text);

/* Exchange in normal form; "" for the null MX "." (RFC 7505). False: malformed or a name that no host has. */
bool rdata_mx(struct span rdata, uint16_t *ret_preference, char ret_exchange[DOMAIN_SIZE]);

bool rdata_address(struct span rdata, enum addr_family family, struct netaddr *ret);

#endif
