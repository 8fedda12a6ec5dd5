#include "tests/unit/test.h"

#include "tests/net/mail_host.h"

#include <signal.h>
#include <stdio.h>

#include <openssl/x509.h>

enum { MAX_RECORDS = 4, MAX_DATA = 4096 };

/* Whose certificate or key a record names. */
enum of { LEAF, ISSUER, OTHER, GARBAGE };

struct record {
	int usage, selector, mtype;
	enum of of;
};

/* The records of one set, made for a certificate. */
struct set {
	struct tlsa_set set;
	struct tlsa v[TLSA_MAX];
	unsigned char data[TLSA_MAX][MAX_DATA];
};

static X509 *of_whom(struct world *w, const struct identity *id, enum of of)
{
	if (of == LEAF)
		return id->cert;
	if (of == ISSUER && id->intermediate != NULL)
		return id->intermediate;
	return pki_authority(w->pki, of == ISSUER ? PKI_STRANGER : PKI_ROOT);
}

static size_t encode(X509 *x, int selector, unsigned char out[MAX_DATA])
{
	unsigned char *p = out;
	int n = selector == 0 ? i2d_X509(x, NULL) : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), NULL);

	assert_in_range(n, 1, MAX_DATA);
	if (selector == 0)
		i2d_X509(x, &p);
	else
		i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &p);
	return (size_t)n;
}

static void add(struct world *w, struct set *s, const struct identity *id, const struct record *r)
{
	unsigned char der[MAX_DATA], *out = s->data[s->set.n];
	size_t n = encode(of_whom(w, id, r->of), r->selector, der);
	unsigned digest = 0;

	if (r->mtype != 0) {
		EVP_Digest(der, n, out, &digest, r->mtype == 1 ? EVP_sha256() : EVP_sha512(), NULL);
		n = digest;
	} else {
		memcpy(out, der, n);
	}
	if (r->of == GARBAGE)
		memset(out, 0x30, n);
	s->v[s->set.n++] = (struct tlsa){ .usage = (uint8_t)r->usage,
					  .selector = (uint8_t)r->selector,
					  .mtype = (uint8_t)r->mtype,
					  .data = span_make((char *)out, n) };
	s->set.v = s->v;
}

struct dane_case {
	const char *name;
	struct leaf leaf;
	struct record records[MAX_RECORDS]; /* usage 0: no more, but for `garbage` */
	enum reason reason;
	enum reason pkix;
	const char *detail; /* a part of it */
};

static void try_case(struct world *w, const struct dane_case *c)
{
	const struct identity *id = pki_leaf(w->pki, &c->leaf);
	struct set s = { .set = { .base = HOST } };
	struct fact f;

	for (size_t i = 0; i < MAX_RECORDS && c->records[i].usage != 0; i++)
		add(w, &s, id, &c->records[i]);
	play(w, &polite_host, id, 0);
	f = probe_dane(w, HOST, &s.set);
	expect(c->name, &f, c->reason, c->detail);
	if (f.pkix != c->pkix)
		fail_msg("%s: PKIX says %s, want %s", c->name, reason_name(f.pkix),
			 reason_name(c->pkix));
	/* the whole handshake, whatever the certificate */
	if (strcmp(f.tls, "TLSv1.3") != 0 || f.not_after == 0)
		fail_msg("%s: tls '%s' not_after %lld", c->name, f.tls, (long long)f.not_after);
	expect_heard(w, c->name, "EHLO probe.example\nSTARTTLS\ntls QUIT\n");
}

/* Every usage, selector and matching type: right, and of somebody else. */
static void every_kind_of_record(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2 * 2 * 3 * 2; i++) {
		struct record r = { 2 + i % 2, i / 2 % 2, i / 4 % 3,
				    i / 12  ? OTHER
				    : i % 2 ? LEAF
					    : ISSUER };
		struct dane_case c = {
			.leaf = { .san = "DNS:" HOST, .issuer = PKI_STRANGER, .send_issuer = true },
			.records = { r },
			.reason = r.of == OTHER ? REASON_DANE_MISMATCH : REASON_DANE_OK,
			.pkix = REASON_CERT_UNTRUSTED,
			.detail = r.of == OTHER ? "its certificate is TLSA 3 1 1 " : ""
		};
		char name[32];

		snprintf(name, sizeof(name), "%d %d %d %s", r.usage, r.selector, r.mtype,
			 r.of == OTHER ? "wrong" : "right");
		c.name = name;
		try_case(w, &c);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, mail_host_set_up, mail_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(every_kind_of_record),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("prober DANE", tests, NULL, NULL);
}
