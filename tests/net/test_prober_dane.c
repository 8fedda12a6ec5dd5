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
	struct record records[MAX_RECORDS]; /* usage 0: no more */
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

#define TA(selector, mtype, of)                                                                    \
	{                                                                                          \
		2, selector, mtype, of                                                             \
	}
#define EE(selector, mtype, of)                                                                    \
	{                                                                                          \
		3, selector, mtype, of                                                             \
	}
#define DAYS(from, to) .from_days = from, .to_days = to
#define BELOW_STRANGER .issuer = PKI_STRANGER, .send_issuer = true

/* clang-format off */
static const struct dane_case cases[] = {
	/* DANE-EE: neither names nor dates nor issuers count (RFC 7672 s3.1.1, s3.2.1); what PKIX says beside it */
	{ "EE, fine for all", { .san = "DNS:" HOST }, { EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_OK, "" },
	{ "EE, self-signed", { .san = "DNS:" HOST, .issuer = PKI_SELF }, { EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },
	{ "EE, expired", { .san = "DNS:" HOST, DAYS(-30, -2) }, { EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_EXPIRED, "" },
	{ "EE, not yet", { .san = "DNS:" HOST, DAYS(2, 30) }, { EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_NOT_YET, "" },
	{ "EE, other name", { .san = "DNS:a.example" }, { EE(0, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_NAME, "" },
	{ "EE, no name", { .cn = "nobody" }, { EE(0, 2, LEAF) }, REASON_DANE_OK, REASON_CERT_NAME, "" },
	{ "EE, no purpose", { .san = "DNS:" HOST, .usage = "clientAuth" }, { EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_INVALID, "" },
	{ "EE, RSA", { .san = "DNS:" HOST, .rsa_bits = 2048 }, { EE(1, 0, LEAF) }, REASON_DANE_OK, REASON_OK, "" },
	{ "EE, stale record", { .san = "DNS:" HOST }, { EE(1, 1, OTHER) }, REASON_DANE_MISMATCH, REASON_OK, "TLSA 3 1 1 " },
	{ "EE, stale record and expired", { .san = "DNS:" HOST, DAYS(-30, -2) }, { EE(1, 1, OTHER) }, REASON_DANE_MISMATCH, REASON_CERT_EXPIRED, "TLSA 3 1 1 " },
	{ "EE of the issuer", { .san = "DNS:" HOST, BELOW_STRANGER }, { EE(1, 1, ISSUER) }, REASON_DANE_MISMATCH, REASON_CERT_UNTRUSTED, "TLSA 3 1 1 " },

	/* DANE-TA: names and dates count (RFC 7672 s3.1.2, s3.2.2) */
	{ "TA, fine for all", { .san = "DNS:" HOST, .issuer = PKI_INTERMEDIATE }, { TA(0, 1, ISSUER) }, REASON_DANE_OK, REASON_OK, "" },
	{ "TA, expired", { .san = "DNS:" HOST, BELOW_STRANGER, DAYS(-30, -2) }, { TA(0, 1, ISSUER) }, REASON_CERT_EXPIRED, REASON_CERT_UNTRUSTED, "(until 2" },
	{ "TA, not yet", { .san = "DNS:" HOST, BELOW_STRANGER, DAYS(2, 30) }, { TA(0, 1, ISSUER) }, REASON_CERT_NOT_YET, REASON_CERT_UNTRUSTED, "(from 2" },
	{ "TA, other name", { .san = "DNS:a.example", BELOW_STRANGER }, { TA(0, 1, ISSUER) }, REASON_CERT_NAME, REASON_CERT_UNTRUSTED, "it is for a.example" },
	{ "TA, name in the CN alone (RFC 7672 s3.2.3)", { .cn = HOST, .issuer = PKI_INTERMEDIATE }, { TA(1, 1, ISSUER) }, REASON_DANE_OK, REASON_CERT_NAME, "" },
	{ "TA, right CN, other SAN", { .cn = HOST, .san = "DNS:a.example", BELOW_STRANGER }, { TA(1, 1, ISSUER) }, REASON_CERT_NAME, REASON_CERT_UNTRUSTED, "a.example" },
	{ "TA, no purpose", { .san = "DNS:" HOST, .usage = "clientAuth", BELOW_STRANGER }, { TA(1, 1, ISSUER) }, REASON_CERT_INVALID, REASON_CERT_UNTRUSTED, "purpose" },
	{ "TA of a trusted root that signed something else", { .san = "DNS:" HOST, BELOW_STRANGER }, { TA(0, 1, OTHER) }, REASON_DANE_MISMATCH, REASON_CERT_UNTRUSTED, "TLSA 3 1 1 " },
	{ "TA is not a trusted root", { .san = "DNS:" HOST, .issuer = PKI_INTERMEDIATE }, { { 2, 0, 1, GARBAGE } }, REASON_DANE_MISMATCH, REASON_OK, "TLSA 3 1 1 " },
	/* the chain has to bring the anchor, unless the record does (RFC 7672 s3.1.2, RFC 7671 s5.2.2) */
	{ "TA not sent", { .san = "DNS:" HOST, .issuer = PKI_STRANGER }, { TA(0, 1, ISSUER) }, REASON_DANE_MISMATCH, REASON_CERT_UNTRUSTED, "TLSA 3 1 1 " },
	{ "TA key not sent", { .san = "DNS:" HOST, .issuer = PKI_STRANGER }, { TA(1, 1, ISSUER) }, REASON_DANE_MISMATCH, REASON_CERT_UNTRUSTED, "TLSA 3 1 1 " },
	{ "TA in the record", { .san = "DNS:" HOST, .issuer = PKI_STRANGER }, { TA(0, 0, ISSUER) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },
	{ "TA key in the record", { .san = "DNS:" HOST, .issuer = PKI_STRANGER }, { TA(1, 0, ISSUER) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },

	/* one match is enough */
	{ "EE wrong, TA right", { .san = "DNS:" HOST, BELOW_STRANGER }, { EE(1, 1, OTHER), TA(1, 1, ISSUER) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },
	{ "EE wrong, TA right, other name", { .san = "DNS:a.example", BELOW_STRANGER }, { EE(1, 1, OTHER), TA(1, 1, ISSUER) }, REASON_CERT_NAME, REASON_CERT_UNTRUSTED, NULL },
	{ "TA wrong, EE right, expired", { .san = "DNS:a.example", BELOW_STRANGER, DAYS(-30, -2) }, { TA(1, 1, OTHER), EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },
	{ "old key and new key", { .san = "DNS:" HOST }, { EE(1, 1, OTHER), EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_OK, "" },

	/* of one usage and selector only the strongest digest counts (RFC 7671 s9) */
	{ "SHA2-256 right, SHA2-512 wrong", { .san = "DNS:" HOST }, { EE(1, 1, LEAF), EE(1, 2, OTHER) }, REASON_DANE_MISMATCH, REASON_OK, NULL },
	{ "SHA2-256 wrong, SHA2-512 right", { .san = "DNS:" HOST }, { EE(1, 1, OTHER), EE(1, 2, LEAF) }, REASON_DANE_OK, REASON_OK, "" },
	{ "the same of TA", { .san = "DNS:" HOST, BELOW_STRANGER }, { TA(1, 1, ISSUER), TA(1, 2, OTHER) }, REASON_DANE_MISMATCH, REASON_CERT_UNTRUSTED, NULL },
	{ "weaker, but of another selector", { .san = "DNS:" HOST }, { EE(1, 1, LEAF), EE(0, 2, OTHER) }, REASON_DANE_OK, REASON_OK, "" },
	{ "weaker, but of another usage", { .san = "DNS:" HOST, BELOW_STRANGER }, { EE(1, 1, LEAF), TA(1, 2, OTHER) }, REASON_DANE_OK, REASON_CERT_UNTRUSTED, "" },
	{ "Full always counts", { .san = "DNS:" HOST }, { EE(1, 0, LEAF), EE(1, 2, OTHER) }, REASON_DANE_OK, REASON_OK, "" },
	{ "and hides no digest", { .san = "DNS:" HOST }, { EE(1, 0, OTHER), EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_OK, "" },

	/* of no use: never PKIX instead */
	{ "Full that does not parse", { .san = "DNS:" HOST }, { EE(0, 0, GARBAGE) }, REASON_DANE_MISMATCH, REASON_OK, NULL },
	{ "the same and expired", { .san = "DNS:" HOST, DAYS(-30, -2) }, { EE(1, 0, GARBAGE) }, REASON_DANE_MISMATCH, REASON_CERT_EXPIRED, NULL },
	{ "PKIX-EE (RFC 7672 s3.1.3)", { .san = "DNS:" HOST }, { { 1, 1, 1, LEAF } }, REASON_DANE_MISMATCH, REASON_OK, NULL },
	{ "of no use, beside one that is", { .san = "DNS:" HOST }, { EE(0, 0, GARBAGE), { 1, 1, 1, OTHER }, EE(1, 1, LEAF) }, REASON_DANE_OK, REASON_OK, "" },
	{ "of no use, beside a stale one", { .san = "DNS:" HOST }, { EE(0, 0, GARBAGE), { 1, 1, 1, LEAF }, EE(1, 1, OTHER) }, REASON_DANE_MISMATCH, REASON_OK, NULL },
};
/* clang-format on */

static void what_dane_says_and_what_pkix_says(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		try_case(*state, &cases[i]);
}

/* A set without records is no reason to fall back on the trusted roots. */
static void no_record_at_all(void **state)
{
	struct tlsa_set none = { .base = HOST };
	struct world *w = *state;
	struct fact f = probe_dane(w, HOST, &none);

	expect("none", &f, REASON_DANE_MISMATCH, NULL);
	assert_int_equal(f.pkix, REASON_OK);
}

/* RFC 7672 s3.2.2: the base domain and, when it is known securely, the next-hop domain; nothing else, not even the MX host's own name. */
static void names_of_a_trust_anchor(void **state)
{
	static const struct {
		const char *san, *base, *also[2];
		enum reason reason;
	} names[] = {
		{ "DNS:base.example", "base.example", { NULL }, REASON_DANE_OK },
		{ "DNS:" HOST, "base.example", { NULL }, REASON_CERT_NAME },
		{ "DNS:example.org", "base.example", { NULL }, REASON_CERT_NAME },
		{ "DNS:example.org", "base.example", { "example.org" }, REASON_DANE_OK },
		{ "DNS:example.net",
		  "base.example",
		  { "example.org", "example.net" },
		  REASON_DANE_OK },
		{ "DNS:example.net", "base.example", { NULL, "example.net" }, REASON_DANE_OK },
		{ "DNS:mx.example.org", "base.example", { "example.org" }, REASON_CERT_NAME },
		{ "DNS:*.a.example", "mx.a.example", { NULL }, REASON_DANE_OK }, /* s3.2.3 */
		{ "DNS:*.a.example", "b.mx.a.example", { NULL }, REASON_CERT_NAME },
		{ "DNS:m*.a.example", "mx.a.example", { NULL }, REASON_CERT_NAME },
		{ "DNS:*.a.example", "a.example", { NULL }, REASON_CERT_NAME },
		{ "DNS:*.base.example", "base.example", { NULL }, REASON_CERT_NAME },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct leaf leaf = { .san = names[i].san, BELOW_STRANGER };
		const struct identity *id = pki_leaf(w->pki, &leaf);
		struct set s = { .set = { .base = names[i].base,
					  .also = { names[i].also[0], names[i].also[1] } } };
		struct fact f;

		add(w, &s, id, &(struct record){ 2, 1, 1, ISSUER });
		play(w, &polite_host, id, 0);
		f = probe_dane(w, HOST, &s.set);
		expect(names[i].san, &f, names[i].reason, NULL);
		/* another name, another handshake: this one cannot tell (RFC 7672 s8.1) */
		assert_int_equal(f.pkix, REASON_PENDING);
		peer_server_settle(w->server);
		pthread_mutex_lock(&w->lock);
		assert_string_equal(w->sni, names[i].base);
		pthread_mutex_unlock(&w->lock);
	}
}

/* Nothing of the two ways rubs off: one call, one context, both kinds of probes. */
static void side_by_side_with_pkix(void **state)
{
	struct world *w = *state;
	struct prober driver = prober_tls_port(w->prober);
	struct leaf leaf = { .san = "DNS:" HOST, .issuer = PKI_SELF };
	const struct identity *id = pki_leaf(w->pki, &leaf);
	struct set right = { .set = { .base = HOST } }, wrong = { .set = { .base = HOST } };
	struct probe p[6];

	add(w, &right, id, &(struct record){ 3, 1, 1, LEAF });
	add(w, &wrong, id, &(struct record){ 3, 1, 1, OTHER });
	play(w, &polite_host, id, 0);
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		p[i] = (struct probe){ .mx_host = HOST,
				       .port = peer_server_port(w->server),
				       .addr = address("127.0.0.1"),
				       .tlsa = i % 3 == 0   ? NULL
					       : i % 3 == 1 ? &right.set
							    : &wrong.set };
	driver.probe(driver.ctx, p, ARRAY_LEN(p), in(SOON));
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		expect("mixed", &p[i].fact,
		       i % 3 == 0   ? REASON_CERT_UNTRUSTED
		       : i % 3 == 1 ? REASON_DANE_OK
				    : REASON_DANE_MISMATCH,
		       NULL);
		assert_int_equal(p[i].fact.pkix,
				 i % 3 == 0 ? REASON_PENDING : REASON_CERT_UNTRUSTED);
	}
}

/* What goes wrong before the certificate keeps its name. */
static void before_the_certificate(void **state)
{
	static const struct personality who[] = {
		{ .greeting = GREET, .ehlo = "250 mx\r\n", .reason = REASON_STARTTLS_MISSING },
		{ .greeting = GREET,
		  .ehlo = EHLO,
		  .starttls = "454 no\r\n",
		  .reason = REASON_STARTTLS_REFUSED },
		{ .greeting = "554 no\r\n", .reason = REASON_GREETING_REFUSED },
	};
	struct world *w = *state;
	struct set s = { .set = { .base = HOST } };
	struct fact f;

	add(w, &s, w->good, &(struct record){ 3, 1, 1, LEAF });
	for (size_t i = 0; i < ARRAY_LEN(who); i++) {
		play(w, &who[i], w->good, 0);
		f = probe_dane(w, HOST, &s.set);
		expect(who[i].ehlo != NULL ? who[i].ehlo : "greeting", &f, who[i].reason, NULL);
		assert_int_equal(f.pkix, REASON_PENDING);
	}
	play(w, &polite_host, w->good, TLS1_1_VERSION);
	f = probe_dane(w, HOST, &s.set);
	expect("TLS 1.1", &f, REASON_TLS_VERSION, NULL);
	play(w, &polite_host, w->good, TLS1_2_VERSION);
	f = probe_dane(w, HOST, &s.set);
	expect("TLS 1.2", &f, REASON_DANE_OK, "");
	assert_string_equal(f.tls, "TLSv1.2");
}

static void as_many_records_as_there_may_be(void **state)
{
	struct world *w = *state;
	struct set s = { .set = { .base = HOST } };
	struct fact f;

	for (int i = 0; i < TLSA_MAX - 1; i++) {
		add(w, &s, w->good, &(struct record){ 3, 1, 1, OTHER });
		s.data[i][0] = (unsigned char)i;
	}
	f = probe_dane(w, HOST, &s.set);
	expect("all but one", &f, REASON_DANE_MISMATCH, NULL);
	add(w, &s, w->good, &(struct record){ 3, 1, 1, LEAF });
	f = probe_dane(w, HOST, &s.set);
	expect("all", &f, REASON_DANE_OK, "");
}

/* RFC 7672 s2.2: what cannot be parsed is as unusable as an unknown usage. */
static void records_that_can_be_used(void **state)
{
	static const struct {
		struct record record;
		bool usable;
	} records[] = {
		{ EE(0, 0, LEAF), true },
		{ EE(1, 0, LEAF), true },
		{ TA(0, 0, ISSUER), true },
		{ TA(1, 0, ISSUER), true },
		{ EE(0, 0, GARBAGE), false },
		{ EE(1, 0, GARBAGE), false },
		{ TA(0, 0, GARBAGE), false },
		{ TA(1, 0, GARBAGE), false },
		{ EE(1, 1, LEAF), true },
		{ EE(0, 2, GARBAGE), true }, /* a digest is a digest */
	};
	struct world *w = *state;
	struct prober driver = prober_tls_port(w->prober);

	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct set s = { .set = { .base = HOST } };
		struct tlsa t;

		add(w, &s, w->good, &records[i].record);
		t = s.v[0];
		if (driver.can_use(driver.ctx, &t) != records[i].usable)
			fail_msg("record %zu: usable %d", i, !records[i].usable);
		if (t.mtype != 0 || !records[i].usable)
			continue;
		t.data.n--; /* cut short, and with an octet too many */
		assert_false(driver.can_use(driver.ctx, &t));
		t.data.n += 2;
		assert_false(driver.can_use(driver.ctx, &t));
		t.data.n--;
		t.selector = !t.selector; /* a key is no certificate */
		assert_false(driver.can_use(driver.ctx, &t));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, mail_host_set_up, mail_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(every_kind_of_record),
		T(what_dane_says_and_what_pkix_says),
		T(no_record_at_all),
		T(names_of_a_trust_anchor),
		T(side_by_side_with_pkix),
		T(before_the_certificate),
		T(as_many_records_as_there_may_be),
		T(records_that_can_be_used),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("prober DANE", tests, NULL, NULL);
}
