/* trust.h - the trusted roots, read once and shared by everything that verifies a certificate
 *
 * PURPOSE   An X509_STORE of the system's bundle costs 30 ms to build and is the same for every
 *           fetch and probe.
 * OWNERSHIP trust_store() hands out a reference: free it with X509_STORE_free(). A store never
 *           changes once it was handed out.
 * THREADS   Everything from any thread.
 * LIMITS    4 MiB of PEM.
 * ERRORS    0; -ENOMEM; TRUST_INVALID with one sentence that begins with the setting's name,
 *           ca_bundle.
 */
#ifndef COMMON_NET_TRUST_H
#define COMMON_NET_TRUST_H

#include "common/base/buf.h"

#include <openssl/x509_vfy.h>

enum { TRUST_INVALID = 1 };

struct trust;

int trust_open(const char *ca_bundle, struct trust **ret, struct buf *error);
struct trust *trust_close(struct trust *t); /* NULL in: no-op; returns NULL */

/* Reads the file again. On failure everything stays as it is. */
int trust_reload(struct trust *t, struct buf *error);

X509_STORE *trust_store(struct trust *t);
size_t trust_count(struct trust *t); /* certificates in the bundle */

#endif
