/* sts_map.h - what a delivery must demand, in the words of Sendmail's FEATURE(sts)
 *
 * PURPOSE Pure. Its rules (proto.m4: Set_SNI, STS_secure) know exactly "OK secure match=a:b servername=hostname", with nothing behind it.
 *         Sendmail does DANE by itself and puts it first, so there is nothing to say about that: "NOTFOUND ".
 * LIMITS  STS_MAP_REPLY octets; what is left out first: names that are no MX hosts now; where even that is too long the answer is TEMP.
 * ERRORS  0 or -ENOMEM.
 */
#ifndef COMMON_STS_STS_MAP_H
#define COMMON_STS_STS_MAP_H

#include "common/base/buf.h"
#include "common/sts/delivery.h"

enum { STS_MAP_REPLY = 1000 };

int sts_map_write(const struct delivery *d, struct buf *out);

#endif
