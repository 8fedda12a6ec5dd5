/* resolver_unbound.h - the DNS port by libunbound
 *
 * PURPOSE   Questions in parallel, DNSSEC validated here, each batch bounded by its deadline; and
 *           the guard against a resolver that strips DNSSEC, which would make everything below a
 *           signed parent bogus and stop all mail.
 * OWNERSHIP resolver_unbound_close() after the last query() has returned. The settings are copied;
 *           `clock` must outlive the resolver.
 * THREADS   query() from any number of threads. One self-test at a time runs; others wait for it.
 * LIMITS    As dns_lane.h says. Answers are bounded by the caller's arena.
 * ERRORS    open(): 0; -errno; DNS_UPSTREAM_INVALID with one sentence that begins with the
 *           setting's name.
 * UNITS     Deadlines are clock_mono() milliseconds.
 *
 * libunbound answers localhost., test., invalid., onion., home.arpa. and the reverse zones of
 * private networks by itself (RFC 6761, RFC 6303): none of them receives mail from the internet. A
 * laboratory uses example., which is asked like any other name. A private zone (dns_stub) whose
 * parent is signed and denies it is bogus, unless its keys or a DS are in the trust anchor file.
 */
#ifndef COMMON_NET_RESOLVER_UNBOUND_H
#define COMMON_NET_RESOLVER_UNBOUND_H

#include "common/base/clock.h"
#include "common/net/dns_upstream.h"
#include "common/net/resolver.h"

struct resolver_unbound;

enum dns_health {
	DNS_HEALTH_UNKNOWN, /* no answer at all: that says nothing about DNSSEC, nothing is switched
			     */
	DNS_HEALTH_VALIDATES,  /* signed answers arrive and fit the trust anchor */
	DNS_HEALTH_STRIPPED,   /* answers arrive without their signatures or proofs: running without
				  validation */
	DNS_HEALTH_DISTRUSTED, /* signatures arrive and do not fit: wrong trust anchor or clock;
				  running without validation */
	DNS_HEALTH_OFF,	       /* no trust anchor is configured */
};

const char *
dns_health_name(enum dns_health h); /* "unknown", "validates", "stripped", "distrusted", "off" */

/* Starts validating, and stays so until a self-test says otherwise. */
int resolver_unbound_open(const struct dns_settings *s, const struct clock *clock,
			  struct resolver_unbound **ret, struct buf *error);
struct resolver_unbound *
resolver_unbound_close(struct resolver_unbound *r); /* NULL in: no-op; returns NULL */
struct resolver resolver_unbound_port(struct resolver_unbound *r);

/* Asks a fresh context, without anything cached, for the SOA of the trust anchor's own name (".":
 * also where the root is a private one) and for `_mta-sts` below it, which must be there or be
 * proven absent: all that is ever validated hangs on these. Then switches the resolver to what was
 * found, also when resolv.conf or the trust anchors have changed, while queries go on. Call it at
 * start, then hourly; every minute while it says anything but VALIDATES or OFF. why: a sentence for
 * people when not VALIDATES, escaped; else "". */
enum dns_health resolver_unbound_selftest(struct resolver_unbound *r, int64_t deadline,
					  char why[LIMIT_DETAIL]);

/* What the last self-test found. */
enum dns_health resolver_unbound_health(struct resolver_unbound *r);

/* False while `secure` of every answer is false because nothing is validated: what depends on it
 * (DANE) is then unknown. */
bool resolver_unbound_validates(struct resolver_unbound *r);

#endif
