#include "tests/unit/test.h"

#include "tests/net/policy_host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* When it ends is told of every certificate that was shown, also of a refused one. */
static void expect_end(const char *name, const struct fetch *f, const struct leaf *leaf)
{
	int days = leaf->from_days == 0 && leaf->to_days == 0 ? 30 : leaf->to_days;
	int64_t off = f->not_after - (clock_wall(&steady_clock) + (int64_t)days * 86400);

	if (off < -60 || off > 60)
		fail_msg("%s: ends at %lld", name, (long long)f->not_after);
}

static void certificates(void **state)
{
	static const struct {
		const char *name;
		struct leaf leaf;
		enum reason reason;
		const char *detail; /* a part of it */
	} cases[] = {
		{ "good", { .san = "DNS:" HOST }, REASON_OK, "" },
		{ "one of several names",
		  { .san = "DNS:a.test,DNS:" HOST ",DNS:b.test" },
		  REASON_OK,
		  "" },
		{ "upper case", { .san = "DNS:MTA-STS.Example" }, REASON_OK, "" },
		{ "below an intermediate",
		  { .san = "DNS:" HOST, .issuer = PKI_INTERMEDIATE },
		  REASON_OK,
		  "" },
		{ "CN right, SAN wrong",
		  { .cn = HOST, .san = "DNS:other.example" },
		  REASON_FETCH_TLS,
		  "hostname mismatch" },
		{ "CN right, no SAN (RFC 8461 s3.3)",
		  { .cn = HOST },
		  REASON_FETCH_TLS,
		  "hostname mismatch" },
		{ "CN right, SAN an address",
		  { .cn = HOST, .san = "IP:127.0.0.1" },
		  REASON_FETCH_TLS,
		  "hostname mismatch" },
		{ "wrong name",
		  { .san = "DNS:other.example" },
		  REASON_FETCH_TLS,
		  "hostname mismatch" },
		{ "parent name", { .san = "DNS:example" }, REASON_FETCH_TLS, "hostname mismatch" },
		{ "partial wildcard",
		  { .san = "DNS:mta*.example" },
		  REASON_FETCH_TLS,
		  "hostname mismatch" },
		{ "expired",
		  { .san = "DNS:" HOST, .from_days = -30, .to_days = -2 },
		  REASON_FETCH_TLS,
		  "expired" },
		{ "not yet",
		  { .san = "DNS:" HOST, .from_days = 2, .to_days = 30 },
		  REASON_FETCH_TLS,
		  "not yet valid" },
		{ "self-signed",
		  { .san = "DNS:" HOST, .issuer = PKI_SELF },
		  REASON_FETCH_TLS,
		  "self" },
		{ "unknown root",
		  { .san = "DNS:" HOST, .issuer = PKI_STRANGER },
		  REASON_FETCH_TLS,
		  "issuer" },
		{ "intermediate not sent",
		  { .san = "DNS:" HOST, .issuer = PKI_LOST },
		  REASON_FETCH_TLS,
		  "issuer" },
		{ "not for servers",
		  { .san = "DNS:" HOST, .usage = "clientAuth" },
		  REASON_FETCH_TLS,
		  "purpose" },
	};
	struct world *w = *state;

	play(w, &polite_host);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fetch f;

		show(w, pki_leaf(w->pki, &cases[i].leaf), 0);
		f = get(w, in(SOON));
		if (f.reason != cases[i].reason || strstr(f.detail, cases[i].detail) == NULL)
			fail_msg("%s: got %s (%s)", cases[i].name, reason_name(f.reason), f.detail);
		if (f.reason != REASON_OK && w->request[0] != '\0')
			fail_msg("%s: the question was asked all the same", cases[i].name);
		expect_end(cases[i].name, &f, &cases[i].leaf);
	}
}

/* A wildcard is one complete label (RFC 8461 s3.3). */
static void wildcards(void **state)
{
	static const struct {
		const char *host, *san;
		enum reason reason;
	} cases[] = {
		{ "mta-sts.a.example", "DNS:*.a.example", REASON_OK },
		{ "mta-sts.a.example", "DNS:*.example", REASON_FETCH_TLS },
		{ "mta-sts.a.example", "DNS:mta-sts.*.example", REASON_FETCH_TLS },
		{ "mta-sts.a.example", "DNS:mta-*.a.example", REASON_FETCH_TLS },
	};
	struct world *w = *state;
	struct fetcher port = fetcher_curl_port(w->fetcher);
	struct netaddr a = address("127.0.0.1");

	play(w, &polite_host);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct leaf leaf = { .san = cases[i].san };
		struct fetch f = { .host = cases[i].host, .addrs = &a, .n_addrs = 1 };

		show(w, pki_leaf(w->pki, &leaf), 0);
		port.get(port.ctx, &f, in(SOON), &w->arena);
		if (f.reason != cases[i].reason)
			fail_msg("%s for %s: got %s (%s)", cases[i].san, cases[i].host,
				 reason_name(f.reason), f.detail);
	}
}

/* RFC 8461 s7.2 */
static void tls_1_2_at_least(void **state)
{
	struct world *w = *state;

	play(w, &polite_host);
	show(w, w->good, TLS1_2_VERSION);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);
	show(w, w->good, TLS1_1_VERSION);
	assert_int_equal(get(w, in(SOON)).reason, REASON_FETCH_ERROR);
}

static void a_new_bundle_counts_from_the_next_fetch_on(void **state)
{
	struct world *w = *state;
	struct pki *other = pki_new();
	struct buf error;
	FILE *f;

	buf_init(&error, 1024);
	play(w, &polite_host);
	show(w, pki_leaf(other, &(struct leaf){ .san = "DNS:" HOST }), 0);
	assert_int_equal(get(w, in(SOON)).reason,
			 REASON_FETCH_TLS); /* a root of the same name, another key */
	assert_int_equal(trust_count(w->trust), 1);

	assert_int_equal(rename(pki_bundle(other), pki_bundle(w->pki)), 0);
	assert_int_equal(trust_reload(w->trust, &error), 0);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);

	f = fopen(pki_bundle(w->pki), "w"); /* emptied by mistake: the old one stays */
	fclose(f);
	assert_int_equal(trust_reload(w->trust, &error), TRUST_INVALID);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);
	buf_release(&error);
	pki_free(other);
}

/* Proxies, roots, logs and passwords from the environment are none of our business. */
static void the_environment_does_not_matter(void **state)
{
	static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					       "ALL_PROXY", "http_proxy" };
	struct world *w = *state;
	char proxy[64], dir[] = "/tmp/test_fetcher.XXXXXX", keys[64], netrc[64];
	struct stat st;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(keys, sizeof(keys), "%s/keys", dir);
	snprintf(netrc, sizeof(netrc), "%s/.netrc", dir);
	f = fopen(netrc, "w");
	fputs("machine " HOST " login joe password secret\n", f);
	fclose(f);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", peer_server_port(w->elsewhere));
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++)
		setenv(proxies[i], proxy, 1);
	setenv("HOME", dir, 1);
	setenv("NETRC", netrc, 1);
	setenv("SSLKEYLOGFILE", keys, 1);
	setenv("SSL_CERT_FILE", pki_bundle(w->pki), 1);
	setenv("CURL_CA_BUNDLE", pki_bundle(w->pki), 1);
	open_fetcher(w, peer_server_port(w->server), 20000);

	play(w, &polite_host);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);
	assert_null(strstr(w->request, "Authorization"));
	assert_int_equal(peer_server_connections(w->elsewhere), 0);
	assert_true(stat(keys, &st) != 0 || st.st_size == 0);

	/* trust the stranger's root by environment alone: it must not count */
	show(w, pki_leaf(w->pki, &(struct leaf){ .san = "DNS:" HOST, .issuer = PKI_STRANGER }), 0);
	assert_int_equal(get(w, in(SOON)).reason, REASON_FETCH_TLS);

	for (size_t i = 0; i < ARRAY_LEN(proxies); i++)
		unsetenv(proxies[i]);
	unsetenv("SSLKEYLOGFILE");
	unlink(keys);
	unlink(netrc);
	rmdir(dir);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, policy_host_set_up, policy_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(certificates),
		T(wildcards),
		T(tls_1_2_at_least),
		T(a_new_bundle_counts_from_the_next_fetch_on),
		T(the_environment_does_not_matter),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("fetcher TLS", tests, NULL, NULL);
}
