/* tls_client.h - what every TLS client connection of ours has in common
 *
 * PURPOSE One place for who is trusted, which name counts and what strength is asked for, on
 *         fetches and probes alike.
 * RFC     8461 s3.3, s4.2 (DNS-ID in the SAN only, wildcard as the complete left-most label), s7.2
 *         (TLS 1.2 or later)
 *
 * Nothing here depends on openssl.cnf, which sets a version and a security level of its own in
 * every new SSL_CTX. The level is 1, as OpenSSL ships it, not Debian's 2: level 2 also refuses DHE
 * with 1024 bits, which Postfix (level 0) and others go on to use, and a probe that is stricter
 * than the MTA holds up mail that the MTA would deliver. Level 1 still refuses MD5 and SHA-1 in
 * certificates, keys below 1024 bits, and ciphers without authentication or encryption.
 */
#ifndef COMMON_NET_TLS_CLIENT_H
#define COMMON_NET_TLS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

/* min_version: TLS1_2_VERSION or TLS1_3_VERSION. The store is referenced, not changed. */
bool tls_client_secure(SSL_CTX *ctx, X509_STORE *store, int min_version);

/* The certificate must be for this host, now. */
bool tls_client_expect(X509_VERIFY_PARAM *param, const char *host, int64_t wall);

#endif
