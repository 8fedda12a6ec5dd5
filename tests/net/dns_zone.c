#include "tests/unit/test.h"

#include "tests/net/dns_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

enum {
	NS = 2,
	CNAME = 5,
	SOA = 6,
	TXT = 16,
	RRSIG = 46,
	NSEC = 47,
	DNSKEY = 48,
	TTL = 3600,
	ALGORITHM = 13
};
enum { MAX_RECORDS = 32, MAX_LABELS = 32 };

struct rdata {
	uint8_t p[512];
	size_t n;
};

struct record {
	char owner[256];
	unsigned type;
	struct rdata data;
};

struct dns_zone {
	char apex[256];
	uint8_t wire[256];
	size_t wire_n;
	EVP_PKEY *key;
	struct record records
		[MAX_RECORDS]; /* sorted: the owners in canonical order, then type, then data (RFC 4034 s6) */
	size_t n;
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

static size_t split(const char *name, struct span labels[MAX_LABELS])
{
	size_t n = 0;

	while (*name != '\0' && n < MAX_LABELS) {
		size_t length = strcspn(name, ".");

		labels[n++] = span_make(name, length);
		name += length + (name[length] == '.');
	}
	return n;
}

static int compare_bytes(const void *a, size_t an, const void *b, size_t bn)
{
	int r = memcmp(a, b, an < bn ? an : bn);

	return r != 0 ? r : (an > bn) - (an < bn);
}

/* RFC 4034 s6.1: label by label from the right */
static int compare_names(const char *a, const char *b)
{
	struct span x[MAX_LABELS], y[MAX_LABELS];
	size_t n = split(a, x), m = split(b, y);
	int r = 0;

	while (r == 0 && n > 0 && m > 0) {
		n--, m--;
		r = compare_bytes(x[n].p, x[n].n, y[m].p, y[m].n);
	}
	return r != 0 ? r : (n > m) - (n < m);
}

static int compare_records(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int r = compare_names(x->owner, y->owner);

	if (r == 0)
		r = (x->type > y->type) - (x->type < y->type);
	return r != 0 ? r : compare_bytes(x->data.p, x->data.n, y->data.p, y->data.n);
}

void dns_zone_add(struct dns_zone *z, const char *owner, unsigned type, struct span rdata)
{
	struct record *r = &z->records[z->n++];

	assert_true(z->n <= MAX_RECORDS);
	snprintf(r->owner, sizeof(r->owner), "%s", owner);
	r->type = type;
	add(&r->data, rdata.p, rdata.n);
	qsort(z->records, z->n, sizeof(z->records[0]), compare_records);
}

static void add_apex(struct dns_zone *z, unsigned type, const struct rdata *data)
{
	dns_zone_add(z, z->apex, type, span_make(data->p, data->n));
}

static void make_key(struct dns_zone *z)
{
	uint8_t point[65], base64[128];
	struct rdata dnskey = { .n = 0 };
	size_t n = 0;

	z->key = EVP_EC_gen("P-256");
	assert_non_null(z->key);
	assert_int_equal(EVP_PKEY_get_octet_string_param(z->key, "pub", point, sizeof(point), &n),
			 1);
	assert_int_equal(n, sizeof(point));
	add16(&dnskey, 257);
	add(&dnskey, "\003\015", 2);
	add(&dnskey, point + 1, 64);
	z->tag = key_tag(&dnskey);
	add_apex(z, DNSKEY, &dnskey);
	EVP_EncodeBlock(base64, point + 1, 64);
	snprintf(z->anchor, sizeof(z->anchor), "%s. IN DNSKEY 257 3 13 %s ; keytag %u\n", z->apex,
		 base64, z->tag);
}

struct dns_zone *dns_zone_new(const char *apex)
{
	struct dns_zone *z = calloc(1, sizeof(*z));
	struct rdata soa = { .n = 0 };

	assert_non_null(z);
	snprintf(z->apex, sizeof(z->apex), "%s", apex);
	z->wire_n = dns_wire_name(apex, z->wire);
	make_key(z);
	for (int i = 0; i < 2; i++)
		add(&soa, z->wire, z->wire_n);
	for (int i = 0; i < 4; i++)
		add32(&soa, 1);
	add32(&soa, 60); /* MINIMUM */
	add_apex(z, SOA, &soa);
	dns_zone_add(z, z->apex, NS, span_make((char *)z->wire, z->wire_n));
	dns_zone_add(z, z->apex, TXT, span_make("\006signed", 7));
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

/* Some records of one name and type and, unless stripped, their signature (RFC 4034 s3.1). */
static void put_signed(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m,
		       enum dns_section section, const struct record *set, size_t n)
{
	uint32_t now = (uint32_t)time(NULL);
	bool expired = flaw == ZONE_EXPIRED;
	struct rdata sig = { .n = 0 }, data = { .n = 0 };
	uint8_t owner[256];
	size_t owner_n = dns_wire_name(set->owner, owner);

	for (size_t i = 0; i < n; i++)
		dns_record(m, section, set->owner, set->type, TTL,
			   span_make(set[i].data.p, set[i].data.n));
	if (flaw == ZONE_STRIPPED)
		return;
	add16(&sig, set->type);
	sig.p[sig.n++] = ALGORITHM;
	sig.p[sig.n++] = (uint8_t)labels(set->owner);
	add32(&sig, TTL);
	add32(&sig, expired ? now - 86400 : now + 86400);
	add32(&sig, expired ? now - 172800 : now - 3600);
	add16(&sig, z->tag);
	add(&sig, z->wire, z->wire_n);
	add(&data, sig.p, sig.n);
	for (size_t i = 0; i < n; i++) {
		add(&data, owner, owner_n);
		add16(&data, set->type);
		add16(&data, 1);
		add32(&data, TTL);
		add16(&data, (unsigned)set[i].data.n);
		add(&data, set[i].data.p, set[i].data.n);
	}
	add_signature(z, &sig, &data);
	dns_record(m, section, set->owner, RRSIG, TTL, span_make(sig.p, sig.n));
}

/* The first record of a name and type; *ret_n: how many. NULL: none. */
static const struct record *find(const struct dns_zone *z, const char *owner, unsigned type,
				 size_t *ret_n)
{
	size_t i = 0, n = 0;

	while (i < z->n && (strcmp(z->records[i].owner, owner) != 0 || z->records[i].type != type))
		i++;
	while (i + n < z->n && strcmp(z->records[i + n].owner, owner) == 0 &&
	       z->records[i + n].type == type)
		n++;
	*ret_n = n;
	return n > 0 ? &z->records[i] : NULL;
}

/* The NSEC of the last owner that does not come after the name: proves away what lies between it and the next, or the types that it lacks. */
static struct record covering(const struct dns_zone *z, const char *name)
{
	struct record nsec = { .type = NSEC };
	const char *next = z->apex;
	uint8_t wire[256], bits[2 + 7] = { 0, 7 };
	size_t at = 0;

	for (size_t i = 0; i < z->n; i++)
		if (compare_names(z->records[i].owner, name) <= 0)
			at = i;
	snprintf(nsec.owner, sizeof(nsec.owner), "%s", z->records[at].owner);
	if (at + 1 < z->n)
		next = z->records[at + 1].owner;
	for (size_t i = 0; i < z->n; i++) {
		unsigned t = z->records[i].type;

		if (strcmp(z->records[i].owner, nsec.owner) == 0)
			bits[2 + t / 8] |= (uint8_t)(0x80 >> t % 8);
	}
	bits[2 + RRSIG / 8] |= 0x80 >> RRSIG % 8;
	bits[2 + NSEC / 8] |= 0x80 >> NSEC % 8;
	add(&nsec.data, wire, dns_wire_name(next, wire));
	add(&nsec.data, bits, sizeof(bits));
	return nsec;
}

/* "*." and the closest name above this one that exists (RFC 4035 s5.4) */
static void wildcard_of(const struct dns_zone *z, const char *name, char out[260])
{
	bool exists = false;

	while (!exists && strcmp(name, z->apex) != 0 && strchr(name, '.') != NULL) {
		name = strchr(name, '.') + 1;
		for (size_t i = 0; i < z->n; i++)
			exists |= strcmp(z->records[i].owner, name) == 0;
	}
	snprintf(out, 260, "*.%s", name);
}

static bool ours(const struct dns_zone *z, const char *name)
{
	size_t n = strlen(name), apex = strlen(z->apex);

	if (apex == 0)
		return true;
	return n >= apex && strcmp(name + n - apex, z->apex) == 0 &&
	       (n == apex || name[n - apex - 1] == '.');
}

static void put_negative(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m,
			 bool exists)
{
	struct record nsec[2] = { covering(z, m->name) };
	char wildcard[260];
	size_t n;
	const struct record *soa = find(z, z->apex, SOA, &n);

	if (!exists)
		dns_rcode(m, 3);
	put_signed(z, flaw, m, DNS_AUTHORITY, soa, n);
	if (flaw == ZONE_STRIPPED || flaw == ZONE_NO_PROOFS)
		return;
	put_signed(z, flaw, m, DNS_AUTHORITY, &nsec[0], 1);
	wildcard_of(z, m->name, wildcard);
	nsec[1] = covering(z, wildcard);
	if (!exists && strcmp(nsec[0].owner, nsec[1].owner) != 0)
		put_signed(z, flaw, m, DNS_AUTHORITY, &nsec[1], 1);
}

bool dns_zone_answer(struct dns_zone *z, enum zone_flaw flaw, struct dns_message *m)
{
	const struct record *set;
	bool exists = false;
	size_t n;

	if (!ours(z, m->name))
		return false;
	for (size_t i = 0; i < z->n; i++)
		exists |= strcmp(z->records[i].owner, m->name) == 0;
	set = find(z, m->name, m->type, &n);
	if (set == NULL)
		set = find(z, m->name, CNAME, &n); /* the resolver asks for the target itself */
	if (set != NULL)
		put_signed(z, flaw, m, DNS_ANSWER, set, n);
	else
		put_negative(z, flaw, m, exists);
	return true;
}
