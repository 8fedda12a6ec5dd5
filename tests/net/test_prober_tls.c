#include "tests/unit/test.h"

#include "tests/net/mail_host.h"

#include <signal.h>
#include <stdio.h>

static void certificates(void **state)
{
	static const struct {
		const char *name;
		struct leaf leaf;
		enum reason reason;
		const char *detail; /* a part of it */
	} cases[] = {
		{ "good", { .san = "DNS:" HOST }, REASON_OK, "" },
		{ "RSA", { .san = "DNS:" HOST, .rsa_bits = 2048 }, REASON_OK, "" },
		{ "upper case", { .san = "DNS:MX.Example" }, REASON_OK, "" },
		{ "below an intermediate",
		  { .san = "DNS:" HOST, .issuer = PKI_INTERMEDIATE },
		  REASON_OK,
		  "" },
		{ "other CN, right SAN",
		  { .cn = "other.example", .san = "DNS:" HOST },
		  REASON_OK,
		  "" },
		{ "expired",
		  { .san = "DNS:" HOST, .from_days = -30, .to_days = -2 },
		  REASON_CERT_EXPIRED,
		  "(until 2" },
		{ "not yet",
		  { .san = "DNS:" HOST, .from_days = 2, .to_days = 30 },
		  REASON_CERT_NOT_YET,
		  "(from 2" },
		{ "wrong name",
		  { .san = "DNS:a.example,DNS:b.example" },
		  REASON_CERT_NAME,
		  "it is for a.example, b.example" },
		{ "the policy domain is not the MX host (RFC 8461 s4.2)",
		  { .san = "DNS:example" },
		  REASON_CERT_NAME,
		  "it is for example" },
		{ "CN only",
		  { .cn = HOST },
		  REASON_CERT_NAME,
		  "it names no host in its subjectAltName" },
		{ "CN right, SAN an address",
		  { .cn = HOST, .san = "IP:127.0.0.1" },
		  REASON_CERT_NAME,
		  "it names no host" },
		{ "CN right, SAN wrong",
		  { .cn = HOST, .san = "DNS:a.example" },
		  REASON_CERT_NAME,
		  "a.example" },
		{ "self-signed",
		  { .san = "DNS:" HOST, .issuer = PKI_SELF },
		  REASON_CERT_UNTRUSTED,
		  "self" },
		{ "unknown root",
		  { .san = "DNS:" HOST, .issuer = PKI_STRANGER },
		  REASON_CERT_UNTRUSTED,
		  "issuer" },
		{ "intermediate not sent",
		  { .san = "DNS:" HOST, .issuer = PKI_LOST },
		  REASON_CERT_UNTRUSTED,
		  "issuer" },
		{ "not for servers",
		  { .san = "DNS:" HOST, .usage = "clientAuth" },
		  REASON_CERT_INVALID,
		  "purpose" },
		{ "key too small",
		  { .san = "DNS:" HOST, .rsa_bits = 768 },
		  REASON_CERT_INVALID,
		  "too weak" },
		/* several things wrong: chain before time before name */
		{ "expired and wrong name",
		  { .san = "DNS:a.example", .from_days = -30, .to_days = -2 },
		  REASON_CERT_EXPIRED,
		  "expired" },
		{ "self-signed and expired",
		  { .san = "DNS:" HOST, .issuer = PKI_SELF, .from_days = -30, .to_days = -2 },
		  REASON_CERT_UNTRUSTED,
		  "self" },
		{ "self-signed and wrong name",
		  { .san = "DNS:a.example", .issuer = PKI_SELF },
		  REASON_CERT_UNTRUSTED,
		  "self" },
		{ "not for servers, expired",
		  { .san = "DNS:" HOST, .usage = "clientAuth", .from_days = -30, .to_days = -2 },
		  REASON_CERT_INVALID,
		  "purpose" },
		{ "hostile name",
		  { .san = "DNS:a\033[2J.example" },
		  REASON_CERT_NAME,
		  "it is for a\\x1b[2J.example" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fact f;

		play(w, &polite_host, pki_leaf(w->pki, &cases[i].leaf), 0);
		f = probe(w);
		expect(cases[i].name, &f, cases[i].reason, cases[i].detail);
		/* the whole handshake, whatever the certificate */
		if (strcmp(f.tls, "TLSv1.3") != 0 || f.not_after == 0)
			fail_msg("%s: tls '%s' not_after %lld", cases[i].name, f.tls,
				 (long long)f.not_after);
		expect_heard(w, cases[i].name, "EHLO probe.example\nSTARTTLS\ntls QUIT\n");
	}
}

/* RFC 6125 s6.4.3, RFC 8461 s4.2: one complete label. */
static void wildcards(void **state)
{
	static const struct {
		const char *host, *san;
		enum reason reason;
	} cases[] = {
		{ "mx.a.example", "DNS:*.a.example", REASON_OK },
		{ "a.example.org", "DNS:*.example.org", REASON_OK },
		{ "b.mx.a.example", "DNS:*.a.example", REASON_CERT_NAME },
		{ "a.example", "DNS:*.a.example", REASON_CERT_NAME },
		{ "mx1.a.example", "DNS:mx*.a.example", REASON_CERT_NAME },
		{ "mx1.a.example", "DNS:*1.a.example", REASON_CERT_NAME },
		{ "mx.b.a.example", "DNS:mx.*.a.example", REASON_CERT_NAME },
		{ "mx_1.a.example", "DNS:mx_1.a.example", REASON_OK },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fact f;

		play(w, &polite_host, pki_leaf(w->pki, &(struct leaf){ .san = cases[i].san }), 0);
		f = probe_host(w, cases[i].host, "127.0.0.1", peer_server_port(w->server),
			       in(SOON));
		expect(cases[i].host, &f, cases[i].reason, NULL);
	}
}

/* RFC 8461 s7.2 */
static void tls_versions(void **state)
{
	struct prober_tls_options o = probe_defaults;
	struct world *w = *state;
	struct fact f;

	play(w, &polite_host, w->good, TLS1_2_VERSION);
	f = probe(w);
	expect("1.2", &f, REASON_OK, "");
	assert_string_equal(f.tls, "TLSv1.2");
	play(w, &polite_host, w->good, TLS1_1_VERSION);
	f = probe(w);
	expect("1.1", &f, REASON_TLS_VERSION, NULL);
	assert_int_equal(f.outcome, OUTCOME_FAILED);
	o.tls13_only = true;
	open_prober(w, o);
	play(w, &polite_host, w->good, TLS1_2_VERSION);
	f = probe(w);
	expect("1.2 where 1.3 is asked for", &f, REASON_TLS_VERSION, NULL);
	play(w, &polite_host, w->good, 0);
	f = probe(w);
	expect("1.3", &f, REASON_OK, "");
}

static void a_new_bundle_counts_from_the_next_probe_on(void **state)
{
	struct world *w = *state;
	struct pki *other = pki_new();
	struct buf error;
	struct fact f;

	buf_init(&error, 1024);
	play(w, &polite_host, pki_leaf(other, &(struct leaf){ .san = "DNS:" HOST }), 0);
	f = probe(w);
	expect("before", &f, REASON_CERT_UNTRUSTED, NULL);
	assert_int_equal(rename(pki_bundle(other), pki_bundle(w->pki)), 0);
	assert_int_equal(trust_reload(w->trust, &error), 0);
	f = probe(w);
	expect("after", &f, REASON_OK, "");
	pki_free(other);
}

static void *probe_many(void *arg)
{
	struct world *w = arg;
	struct prober driver = prober_tls_port(w->prober);
	intptr_t passed = 0;

	for (int i = 0; i < 5; i++) {
		struct probe p[3];

		for (size_t k = 0; k < ARRAY_LEN(p); k++)
			p[k] = (struct probe){ .mx_host = HOST,
					       .port = peer_server_port(w->server),
					       .addr = address("127.0.0.1") };
		driver.probe(driver.ctx, p, ARRAY_LEN(p), in(SOON));
		for (size_t k = 0; k < ARRAY_LEN(p); k++)
			passed += p[k].fact.outcome == OUTCOME_PASSED;
		if (i == 2)
			trust_reload(w->trust, &(struct buf){ .max = 100 });
	}
	return (void *)passed;
}

static void many_threads(void **state)
{
	struct world *w = *state;
	pthread_t threads[6];

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, probe_many, w), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *passed;

		pthread_join(threads[i], &passed);
		assert_int_equal((intptr_t)passed, 15);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, mail_host_set_up, mail_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(certificates), T(wildcards),
		T(tls_versions), T(a_new_bundle_counts_from_the_next_probe_on),
		T(many_threads),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("prober TLS", tests, NULL, NULL);
}
