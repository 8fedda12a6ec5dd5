#include "tests/unit/test.h"

#include "tests/net/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum { MAX_LEAVES = 64, DAY = 86400 };

struct pki {
	struct identity root, intermediate, stranger;
	struct identity leaves[MAX_LEAVES];
	size_t n;
	long serial;
	char path[40];
};

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static X509 *blank(struct pki *p, EVP_PKEY *key, const char *cn, int from_days, int to_days)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++p->serial);
	X509_gmtime_adj(X509_getm_notBefore(x), (long)from_days * DAY);
	X509_gmtime_adj(X509_getm_notAfter(x), (long)to_days * DAY);
	if (cn != NULL)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1,
					   -1, 0);
	X509_set_pubkey(x, key);
	return x;
}

static void sign(X509 *x, const struct identity *issuer)
{
	X509_set_issuer_name(x, X509_get_subject_name(issuer->cert));
	assert_true(X509_sign(x, issuer->key, EVP_sha256()) > 0);
}

static struct identity authority(struct pki *p, const char *cn, const struct identity *issuer)
{
	struct identity ca = { .key = EVP_EC_gen("P-256") };

	ca.cert = blank(p, ca.key, cn, -365, 3650);
	extend(ca.cert, ca.cert, NID_basic_constraints, "critical,CA:TRUE");
	extend(ca.cert, ca.cert, NID_key_usage, "critical,keyCertSign");
	extend(ca.cert, ca.cert, NID_subject_key_identifier, "hash");
	sign(ca.cert, issuer != NULL ? issuer : &ca);
	return ca;
}

struct pki *pki_new(void)
{
	struct pki *p = calloc(1, sizeof(*p));
	FILE *f;
	int fd;

	assert_non_null(p);
	p->root = authority(p, "Test Root", NULL);
	p->intermediate = authority(p, "Test Intermediate", &p->root);
	p->stranger = authority(p, "Stranger", NULL);
	snprintf(p->path, sizeof(p->path), "/tmp/test_pki.XXXXXX");
	fd = mkstemp(p->path);
	f = fdopen(fd, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, p->root.cert), 1);
	fclose(f);
	return p;
}

static void identity_free(struct identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
}

void pki_free(struct pki *p)
{
	for (size_t i = 0; i < p->n; i++)
		identity_free(&p->leaves[i]);
	identity_free(&p->root);
	identity_free(&p->intermediate);
	identity_free(&p->stranger);
	unlink(p->path);
	free(p);
}

const char *pki_bundle(const struct pki *p)
{
	return p->path;
}

X509 *pki_authority(struct pki *p, enum pki_issuer which)
{
	return which == PKI_ROOT       ? p->root.cert
	       : which == PKI_STRANGER ? p->stranger.cert
				       : p->intermediate.cert;
}

const struct identity *pki_leaf(struct pki *p, const struct leaf *leaf)
{
	struct identity *id = &p->leaves[p->n++];
	const struct identity *issuers[] = { [PKI_ROOT] = &p->root,
					     [PKI_INTERMEDIATE] = &p->intermediate,
					     [PKI_LOST] = &p->intermediate,
					     [PKI_STRANGER] = &p->stranger,
					     [PKI_SELF] = id };
	bool dated = leaf->from_days != 0 || leaf->to_days != 0;

	assert_true(p->n <= MAX_LEAVES);
	id->key = leaf->rsa_bits > 0 ? EVP_RSA_gen((unsigned)leaf->rsa_bits) : EVP_EC_gen("P-256");
	id->cert = blank(p, id->key, leaf->cn, dated ? leaf->from_days : -1,
			 dated ? leaf->to_days : 30);
	if (leaf->san != NULL)
		extend(id->cert, id->cert, NID_subject_alt_name, leaf->san);
	extend(id->cert, id->cert, NID_ext_key_usage,
	       leaf->usage != NULL ? leaf->usage : "serverAuth");
	if (leaf->issuer != PKI_SELF)
		extend(id->cert, issuers[leaf->issuer]->cert, NID_authority_key_identifier,
		       "keyid");
	sign(id->cert, issuers[leaf->issuer]);
	if (leaf->issuer == PKI_INTERMEDIATE || leaf->send_issuer)
		id->intermediate = issuers[leaf->issuer]->cert;
	return id;
}
