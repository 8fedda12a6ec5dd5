#include "config.h"

#include "tests/servers/test_ca.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct test_ca {
	EVP_PKEY *key;
	X509 *cert;
};

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* A certificate of `key` with nothing in it yet but name and dates. */
static X509 *certificate(EVP_PKEY *key, const char *common_name, long seconds)
{
	X509 *cert = X509_new();
	uint64_t serial = 0;

	if (cert == NULL)
		return NULL;
	if (RAND_bytes((unsigned char *)&serial, sizeof(serial) - 1) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial | 1) == 1 &&
	    X509_set_version(cert, X509_VERSION_3) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), seconds < 0 ? seconds - 3600 : -3600) !=
		    NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), seconds) != NULL &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				       (const unsigned char *)common_name, -1, -1, 0) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

struct test_ca *test_ca_new(void)
{
	struct test_ca *ca = calloc(1, sizeof(*ca));

	if (ca == NULL)
		return NULL;
	ca->key = EVP_EC_gen("P-256");
	ca->cert = ca->key != NULL ? certificate(ca->key, "Test CA", 365L * 86400) : NULL;
	if (ca->cert != NULL &&
	    X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) == 1 &&
	    add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE") &&
	    add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign") &&
	    add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
	    X509_sign(ca->cert, ca->key, EVP_sha256()) > 0)
		return ca;
	return test_ca_free(ca);
}

struct test_ca *test_ca_free(struct test_ca *ca)
{
	if (ca == NULL)
		return NULL;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	free(ca);
	return NULL;
}

int test_ca_write(const struct test_ca *ca, const char *path)
{
	FILE *f = fopen(path, "we");
	int r;

	if (f == NULL)
		return -errno;
	r = PEM_write_X509(f, ca->cert) == 1 ? 0 : -EIO;
	return fclose(f) == 0 ? r : -EIO;
}

static bool finish_leaf(const struct test_ca *ca, X509 *cert, const char *dns_name)
{
	char san[300];

	(void)snprintf(san, sizeof(san), "DNS:%s", dns_name);
	return X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) == 1 &&
	       add_extension(cert, ca->cert, NID_basic_constraints, "CA:FALSE") &&
	       add_extension(cert, ca->cert, NID_subject_alt_name, san) &&
	       add_extension(cert, ca->cert, NID_authority_key_identifier, "keyid") &&
	       X509_sign(cert, ca->key, EVP_sha256()) > 0;
}

int test_ca_issue(const struct test_ca *ca, const char *dns_name, long seconds, X509 **ret_cert,
		  EVP_PKEY **ret_key)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = key != NULL ? certificate(key, "leaf", seconds) : NULL;

	if (cert == NULL || !finish_leaf(ca, cert, dns_name)) {
		X509_free(cert);
		EVP_PKEY_free(key);
		return -EIO;
	}
	*ret_cert = cert;
	*ret_key = key;
	return 0;
}

SSL_CTX *test_ca_server(const struct test_ca *ca, const char *dns_name, long seconds)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	bool ok = ctx != NULL && test_ca_issue(ca, dns_name, seconds, &cert, &key) == 0 &&
		  SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;

	X509_free(cert);
	EVP_PKEY_free(key);
	if (ok)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}
