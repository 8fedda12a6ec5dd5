/* route.h - is this recipient judged, and under whose policy
 *
 * PURPOSE The MTA's routing decides (RFC 8461 s3.4): {rcpt_mailer}, {rcpt_host}, {rcpt_addr}, else
 * the recipient's own domain. Pure.
 */
#ifndef COMMON_STS_ROUTE_H
#define COMMON_STS_ROUTE_H

#include "common/sts/nexthop.h"
#include "common/sts/reason.h"
#include "common/sts/settings.h"

enum mta { MTA_UNKNOWN, MTA_POSTFIX, MTA_SENDMAIL };

/* From the macros {v} ("Postfix 3.7.11", "8.17.1.9"); NULL: unknown. */
enum mta mta_of_version(const char *v);

/* NULL or "": the MTA does not say. */
struct routing {
	enum mta mta;
	const char *mailer;
	const char *host;
	const char *addr;
};

enum { ROUTE_HOPS = 8 };

struct route {
	bool unknown_mailer; /* in neither list: judged, and worth a line in the log */
	enum reason reason;  /* why nothing is judged: of the first next-hop that is not */
	/* The next-hops to judge; none: not judged. Several where the MTA has a list of destinations ("[a], [b]" in Postfix, "a:b" in
	 * Sendmail): mail may go to any, so the worst counts. What stands behind the ROUTE_HOPS-th is left out. */
	size_t n_hops;
	struct nexthop hops[ROUTE_HOPS];
};

void route_of(const struct settings *s, const struct routing *r, struct route *ret);

/* Can a policy apply to this next-hop at all? */
bool route_judges(const struct settings *s, const struct nexthop *hop);

#endif
