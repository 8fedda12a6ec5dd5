/* prober_tls.h - the SMTP port: probes by sockets and OpenSSL
 *
 * PURPOSE   prober.h, all probes of one call driven by one poll() loop on the calling thread.
 * OWNERSHIP The options are copied; `trust` and `clock` must outlive the prober; prober_tls_close() after the last probe() has returned.
 * THREADS   probe() from any number of threads. The process must ignore SIGPIPE.
 * LIMITS    smtp_reply's on what a server says before TLS; one descriptor and up to 90 kB per probe under way.
 * ERRORS    open(): 0; -ENOMEM; PROBER_INVALID with one sentence that begins with the setting's name.
 * UNITS     Milliseconds.
 *
 * The handshake is finished also with a bad certificate, so that the fact carries version and notAfter. The strength asked for stands in
 * tls_client.h and, of DANE, in dane_client.h.
 */
#ifndef COMMON_NET_PROBER_TLS_H
#define COMMON_NET_PROBER_TLS_H

#include "common/base/clock.h"
#include "common/net/prober.h"
#include "common/net/trust.h"

enum { PROBER_INVALID = 1 };

struct prober_tls_options {
	const char *helo;	     /* setting probe_helo; not empty */
	const char *source_address;  /* "" or NULL: the system's choice */
	const char *source_address6; /* likewise */
	bool tls13_only;	     /* setting probe_min_tls */
	int64_t connect_timeout_ms;
	int64_t greeting_timeout_ms;
	int64_t probe_timeout_ms;
};

struct prober_tls;

int prober_tls_open(const struct prober_tls_options *o, struct trust *trust,
		    const struct clock *clock, struct prober_tls **ret, struct buf *error);
struct prober_tls *prober_tls_close(struct prober_tls *p); /* NULL in: no-op; returns NULL */
struct prober prober_tls_port(struct prober_tls *p);

#endif
