/* pki.h - certificates made while the test runs */
#ifndef TESTS_NET_PKI_H
#define TESTS_NET_PKI_H

#include <stdbool.h>

#include <openssl/ssl.h>

struct identity {
	EVP_PKEY *key;
	X509 *cert;
	X509 *intermediate; /* sent along; NULL: none */
};

enum pki_issuer {
	PKI_ROOT,	  /* the trusted one */
	PKI_INTERMEDIATE, /* below it, sent along */
	PKI_LOST,	  /* below it, not sent along */
	PKI_STRANGER,	  /* a root that nobody trusts */
	PKI_SELF,
};

struct leaf {
	const char *san; /* "DNS:a.example,DNS:*.b.example", OpenSSL's syntax; NULL: none */
	const char *cn;	 /* NULL: none */
	enum pki_issuer issuer;
	int from_days, to_days; /* both 0: valid from yesterday for 30 days */
	const char *usage;	/* extendedKeyUsage; NULL: serverAuth */
	int rsa_bits;		/* 0: EC P-256 */
	bool send_issuer;	/* also a root */
};

struct pki;

struct pki *pki_new(void);
void pki_free(struct pki *p);
const char *pki_bundle(const struct pki *p); /* path of a PEM file with the trusted root */

X509 *pki_authority(struct pki *p, enum pki_issuer which); /* not PKI_SELF */

/* Lives as long as the pki. */
const struct identity *pki_leaf(struct pki *p, const struct leaf *leaf);

#endif
