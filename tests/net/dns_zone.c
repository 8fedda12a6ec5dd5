#include "tests/unit/test.h"

#include "tests/net/dns_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

enum { NS = 2, SOA = 6, TXT = 16, RRSIG = 46, NSEC = 47, DNSKEY = 48, TTL = 3600, ALGORITHM = 13 };

struct rdata {
	uint8_t p[512];
	size_t n;
};

struct dns_zone {
	char apex[256];
	uint8_t wire[256];
	size_t wire_n;
	EVP_PKEY *key;
	struct rdata dnskey, soa, ns, txt, nsec;
	unsigned tag;
	char anchor[512];
};

static void add(struct rdata *r, const void *p, size_t n)
{
	assert_true(r->n + n <= sizeof(r->p));
	memcpy(r->p + r->n, p, n);
	r->n += n;
}

static void add16(struct rdata *r, unsigned v)
{
	uint8_t two[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	add(r, two, 2);
}

static void add32(struct rdata *r, uint32_t v)
{
	add16(r, v >> 16);
	add16(r, v & 0xffff);
}

/* RFC 4034 appendix B */
static unsigned key_tag(const struct rdata *r)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < r->n; i++)
		sum += (i & 1) ? r->p[i] : (uint32_t)r->p[i] << 8;
	sum += sum >> 16;
	return sum & 0xffff;
}

static void make_key(struct dns_zone *z)
{
	uint8_t point[65], base64[128];
	size_t n = 0;

	z->key = EVP_EC_gen("P-256");
	assert_non_null(z->key);
	assert_int_equal(EVP_PKEY_get_octet_string_param(z->key, "pub", point, sizeof(point), &n),
			 1);
	assert_int_equal(n, sizeof(point));
	add16(&z->dnskey, 257);
	add(&z->dnskey, "\003\015", 2);
	add(&z->dnskey, point + 1, 64);
	z->tag = key_tag(&z->dnskey);
	EVP_EncodeBlock(base64, point + 1, 64);
	snprintf(z->anchor, sizeof(z->anchor), "%s. IN DNSKEY 257 3 13 %s ; keytag %u\n", z->apex,
		 base64, z->tag);
}

struct dns_zone *dns_zone_new(const char *apex)
{
	struct dns_zone *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	snprintf(z->apex, sizeof(z->apex), "%s", apex);
	z->wire_n = dns_wire_name(apex, z->wire);
	make_key(z);
	for (int i = 0; i < 2; i++)
		add(&z->soa, z->wire, z->wire_n);
	for (int i = 0; i < 4; i++)
		add32(&z->soa, 1);
	add32(&z->soa, 60); /* MINIMUM */
	add(&z->ns, z->wire, z->wire_n);
	add(&z->txt, "\006signed", 7);
	add(&z->nsec, z->wire,
	    z->wire_n); /* the next name is the apex again: nothing else exists */
	add(&z->nsec, "\000\007\x22\x00\x80\x00\x00\x03\x80", 9); /* NS SOA TXT RRSIG NSEC DNSKEY */
	return z;
}

void dns_zone_free(struct dns_zone *z)
{
	EVP_PKEY_free(z->key);
	free(z);
}

const char *dns_zone_anchor(const struct dns_zone *z)
{
	return z->anchor;
}

/* DER to r || s, RFC 6605 s4 */
static void add_signature(struct dns_zone *z, struct rdata *sig, const struct rdata *data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128], raw[64];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *rs;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, z->key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, data->p, data->n), 1);
	rs = d2i_ECDSA_SIG(NULL, &p, (long)n);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(rs), raw, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(rs), raw + 32, 32), 32);
	add(sig, raw, sizeof(raw));
	ECDSA_SIG_free(rs);
	EVP_MD_CTX_free(ctx);
}

static unsigned labels(const char *name)
{
	unsigned n = name[0] != '\0';

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

/* One record of the apex and, unless stripped, its signature (RFC 4034 s3.1). */
static void put_signed(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m,
		       enum dns_section section, unsigned type, const struct rdata *rdata)
{
	uint32_t now = (uint32_t)time(NULL);
	bool expired = flaw == ZONE_EXPIRED;
	struct rdata sig = { .n = 0 }, data = { .n = 0 };

	dns_record(m, section, z->apex, type, TTL, span_make(rdata->p, rdata->n));
	if (flaw == ZONE_STRIPPED)
		return;
	add16(&sig, type);
	sig.p[sig.n++] = ALGORITHM;
	sig.p[sig.n++] = (uint8_t)labels(z->apex);
	add32(&sig, TTL);
	add32(&sig, expired ? now - 86400 : now + 86400);
	add32(&sig, expired ? now - 172800 : now - 3600);
	add16(&sig, z->tag);
	add(&sig, z->wire, z->wire_n);
	add(&data, sig.p, sig.n);
	add(&data, z->wire, z->wire_n);
	add16(&data, type);
	add16(&data, 1);
	add32(&data, TTL);
	add16(&data, (unsigned)rdata->n);
	add(&data, rdata->p, rdata->n);
	add_signature(z, &sig, &data);
	dns_record(m, section, z->apex, RRSIG, TTL, span_make(sig.p, sig.n));
}

static const struct rdata *find(const struct dns_zone *z, unsigned type)
{
	switch (type) {
	case NS:
		return &z->ns;
	case SOA:
		return &z->soa;
	case TXT:
		return &z->txt;
	case NSEC:
		return &z->nsec;
	case DNSKEY:
		return &z->dnskey;
	default:
		return NULL;
	}
}

static bool ours(const struct dns_zone *z, const char *name)
{
	size_t n = strlen(name), apex = strlen(z->apex);

	if (apex == 0)
		return true;
	return n >= apex && strcmp(name + n - apex, z->apex) == 0 &&
	       (n == apex || name[n - apex - 1] == '.');
}

bool dns_zone_answer(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m)
{
	bool apex = strcmp(m->name, z->apex) == 0;
	const struct rdata *rdata = apex ? find(z, m->type) : NULL;

	if (!ours(z, m->name))
		return false;
	if (rdata != NULL) {
		put_signed(z, flaw, m, DNS_ANSWER, m->type, rdata);
		return true;
	}
	if (!apex)
		dns_rcode(m, 3);
	put_signed(z, flaw, m, DNS_AUTHORITY, SOA, &z->soa);
	if (flaw != ZONE_STRIPPED && flaw != ZONE_NO_PROOFS)
		put_signed(z, flaw, m, DNS_AUTHORITY, NSEC, &z->nsec);
	return true;
}
