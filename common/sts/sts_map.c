#include "config.h"

#include "common/sts/sts_map.h"

#include "common/sts/tls_policy.h"

/* Postfix's words without what is for reports are Sendmail's words. */
int sts_map_write(const struct delivery *d, struct buf *out)
{
	if (d->demand == DEMAND_DANE)
		return buf_adds(out, "NOTFOUND ");
	return tls_policy_write(&(struct tls_policy){ .delivery = d }, STS_MAP_REPLY, out);
}
