/* sts_map.h - what a delivery must demand, in the words of Sendmail's FEATURE(sts)
 *
 * PURPOSE Pure. Its rules (proto.m4: Set_SNI, STS_secure, STS_Check) know exactly "OK secure match=a:b servername=hostname", with nothing behind it.
 *         Sendmail does DANE by itself and puts it first, so there is nothing to say about that: "NOTFOUND ".
 * LIMITS  The rules take the answer apart with regex maps, whose results Sendmail cuts off at MAXNAME (256) without a word: a name that was cut
 *         would be a name that no certificate has. So there is room for STS_MAP_POLICY octets behind "OK ", and for the names that come
 *         first (delivery.h: MX hosts by preference); where not even one fits the answer is TEMP.
 * ERRORS  0 or -ENOMEM.
 */
#ifndef COMMON_STS_STS_MAP_H
#define COMMON_STS_STS_MAP_H

#include "common/base/buf.h"
#include "common/sts/delivery.h"

enum { STS_MAP_POLICY = 240 };

int sts_map_write(const struct delivery *d, struct buf *out);

#endif
