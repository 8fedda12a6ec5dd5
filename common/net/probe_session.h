/* probe_session.h - one probe of one address, from connect to QUIT
 *
 * PURPOSE Never blocks: tells what it waits for and until when, and goes on when that has come. The fact is complete when it is over.
 * RFC     8461 s4.2 (certificate), s7.1 (SNI), 7672 s2.2, s8.1 (the same by DANE), 3207, 5321
 *
 * OpenSSL writes to the socket with write(): the process must ignore SIGPIPE.
 */
#ifndef COMMON_NET_PROBE_SESSION_H
#define COMMON_NET_PROBE_SESSION_H

#include "common/net/cert_verdict.h"
#include "common/net/farewell.h"
#include "common/net/prober.h"
#include "common/net/smtp_dialog.h"

#include <openssl/ssl.h>

/* What all sessions of one call share. */
struct probe_terms {
	const char *helo;
	const struct netaddr *source, *source6; /* NULL: the system's choice */
	int64_t connect_timeout_ms, greeting_timeout_ms;
	int64_t deadline; /* mono; the whole probe */
	int64_t wall;	  /* certificates must be valid at this time */
	SSL_CTX *ctx;
	struct farewells *farewells; /* where sessions go that have said QUIT */
};

struct probe_session {
	enum {
		PROBE_OVER, /* nothing is open, the fact is complete */
		PROBE_CONNECTING,
		PROBE_TALKING,
		PROBE_SHAKING,
	} state;
	const struct probe_terms *terms;
	struct probe *probe;
	int fd;
	short events;	  /* for poll(); 0 when over */
	int64_t deadline; /* mono; of this state */
	SSL *ssl;
	struct smtp_dialog dialog;
	struct cert_verdict certificate;
};

struct fact probe_fact(const struct probe *p); /* that of a probe which has only begun */

void probe_session_start(struct probe_session *s, const struct probe_terms *terms, struct probe *p,
			 int64_t now);
void probe_session_ready(struct probe_session *s, int64_t now); /* poll() said so */
void probe_session_expired(struct probe_session *s);		/* its deadline has passed */

#endif
