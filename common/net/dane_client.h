/* dane_client.h - a TLS connection whose server is to prove itself by TLSA records
 *
 * PURPOSE OpenSSL's DANE, told what RFC 7672 demands of it.
 * RFC     7672 s3.1.1 (DANE-EE: no dates), s3.2.1 (no names), s3.2.2 (DANE-TA: names), s3.2.3 (wildcards), s8.1 (SNI); 7671 s9 (digest
 *         agility, by OpenSSL)
 */
#ifndef COMMON_NET_DANE_CLIENT_H
#define COMMON_NET_DANE_CLIENT_H

#include "common/sts/tlsa.h"

#include <openssl/ssl.h>

/* Once for each context; connections that do not ask for DANE are not touched by it. */
bool dane_client_allow(SSL_CTX *ctx);

/* SNI, names, records and time. ret_n: how many records OpenSSL has taken; with none it would do PKIX. False: our own trouble. */
bool dane_client_expect(SSL *ssl, const struct tlsa_set *set, int64_t wall, size_t *ret_n);

/* After the handshake: a record has matched and nothing was found wrong. */
bool dane_client_is_proved(SSL *ssl);

/* Would OpenSSL take this record? True also when it cannot be found out. ctx: allowed. */
bool dane_client_takes(SSL_CTX *ctx, const struct tlsa *t);

#endif
