/* test_ca.h - a certification authority that lives as long as the test
 *
 * OWNERSHIP test_ca_new() gives a CA that test_ca_free() frees; TLS contexts are the caller's
 *           (SSL_CTX_free).
 * THREADS   One thread at a time.
 * ERRORS    NULL and -EIO when OpenSSL refuses.
 */
#ifndef TESTS_SERVERS_TEST_CA_H
#define TESTS_SERVERS_TEST_CA_H

#include <openssl/ssl.h>

struct test_ca;

struct test_ca *test_ca_new(void);
struct test_ca *test_ca_free(struct test_ca *ca); /* NULL in: no-op; returns NULL */

int test_ca_write(const struct test_ca *ca, const char *path); /* the root, as PEM */

/* A certificate for dns_name and its key, valid from an hour ago for `seconds` (negative: expired); both are the
 * caller's. Any number of threads at once. */
int test_ca_issue(const struct test_ca *ca, const char *dns_name, long seconds, X509 **ret_cert,
		  EVP_PKEY **ret_key);

/* A server's context with a certificate for dns_name, valid from an hour ago for `seconds`
 * (negative: expired). */
SSL_CTX *test_ca_server(const struct test_ca *ca, const char *dns_name, long seconds);

#endif
