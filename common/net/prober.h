/* prober.h - the SMTP port of the engine: what does this MX host offer
 *
 * PURPOSE Connect, greeting, EHLO, STARTTLS, handshake with SNI = MX host, QUIT; the certificate is
 *         checked against the MX host name by SAN alone (RFC 8461 s4.2, s7.1). No mail is sent. All
 *         probes of one call run side by side.
 * THREADS probe() may be called from any number of threads at once.
 * ERRORS  Never fails as a call: every probe gets a fact (probed_at and expires_at are left to the
 *         engine).
 */
#ifndef COMMON_NET_PROBER_H
#define COMMON_NET_PROBER_H

#include "common/sts/fact.h"
#include "common/sts/tlsa.h"

struct probe {
	/* asked */
	const char *mx_host; /* normal form */
	uint16_t port;
	struct netaddr addr;
	/* NULL: PKIX. Otherwise DANE decides: SNI is the TLSA base domain, and fact.pkix tells what PKIX says when that is the MX host as well. Two
	 * probes where they differ (RFC 7672 s8.1, RFC 8461 s7.1). */
	const struct tlsa_set *tlsa;
	/* answered */
	bool answered; /* it has said something, so it is alive; set by whoever asks to false, by the prober to true */
	struct fact fact;
};

struct prober {
	void (*probe)(void *ctx, struct probe *p, size_t n, int64_t deadline);
	void *ctx;
	/* Whether probe() could match this usable record: what Full(0) data says must parse (RFC 7672 s2.2; tlsa.h judges the rest). A set
	 * without any such record is unusable; handed to probe() all the same, it fails. NULL: every usable record. */
	bool (*can_use)(void *ctx, const struct tlsa *t);
};

#endif
