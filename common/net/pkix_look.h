/* pkix_look.h - what the trusted roots say of a chain that was received
 *
 * PURPOSE A second judgement beside DANE's: never on the same SSL, whose records and names would decide it as well.
 * RFC     8461 s4.2
 */
#ifndef COMMON_NET_PKIX_LOOK_H
#define COMMON_NET_PKIX_LOOK_H

#include "common/sts/reason.h"

#include <stdint.h>

#include <openssl/ssl.h>

/* REASON_OK or one of REASON_CERT_*, as a PKIX probe of this host would give it; REASON_PENDING: no memory. After the handshake. */
enum reason pkix_look(SSL *ssl, const char *host, int64_t wall);

#endif
