#include "tests/unit/test.h"

#include "common/net/trust.h"
#include "tests/net/pki.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { VERIFIERS = 8, ROUNDS = 20 };

struct verifier {
	pthread_t thread;
	pthread_barrier_t *start;
	struct trust *trust;
	X509 *leaf;
	int verified;
};

static void *verify(void *arg)
{
	struct verifier *v = arg;
	X509_STORE *store = trust_store(v->trust);
	X509_STORE_CTX *x = X509_STORE_CTX_new();

	pthread_barrier_wait(v->start);
	if (x != NULL && X509_STORE_CTX_init(x, store, v->leaf, NULL) == 1)
		v->verified = X509_verify_cert(x);
	X509_STORE_CTX_free(x);
	X509_STORE_free(store);
	return NULL;
}

/* OpenSSL decodes a root's extensions when it is first looked at, whoever else looks at it: ThreadSanitizer sees it. */
static void many_verify_at_once_what_was_just_read(void **state)
{
	struct pki *pki = pki_new();
	const struct identity *leaf = pki_leaf(pki, &(struct leaf){ .san = "DNS:a.example" });
	struct buf error = { .max = 1024 };
	(void)state;

	for (int round = 0; round < ROUNDS; round++) {
		struct verifier v[VERIFIERS];
		pthread_barrier_t start;
		struct trust *t;

		assert_int_equal(trust_open(pki_bundle(pki), &t, &error), 0);
		pthread_barrier_init(&start, NULL, VERIFIERS);
		for (int i = 0; i < VERIFIERS; i++) {
			v[i] = (struct verifier){ .start = &start, .trust = t };
			v[i].leaf = X509_dup(leaf->cert); /* comes with each connection */
			assert_int_equal(pthread_create(&v[i].thread, NULL, verify, &v[i]), 0);
		}
		for (int i = 0; i < VERIFIERS; i++) {
			pthread_join(v[i].thread, NULL);
			assert_int_equal(v[i].verified, 1);
			X509_free(v[i].leaf);
		}
		pthread_barrier_destroy(&start);
		trust_close(t);
	}
	pki_free(pki);
}

static void bundles_are_checked(void **state)
{
	static const struct {
		const char *path, *text, *error;
	} cases[] = {
		{ "/nonexistent", NULL, "ca_bundle: \"/nonexistent\" does not exist" },
		{ "/", NULL, "ca_bundle: \"/\" cannot be read" },
		{ NULL, "", "is empty" },
		{ NULL, "no certificate here\n", "holds no certificate" },
		{ NULL, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		  "holds a malformed certificate" },
		{ NULL, "-----BEGIN CERTIFICATE-----\nAAAA\n", "holds a malformed certificate" },
	};
	char path[] = "/tmp/test_trust.XXXXXX";
	(void)state;

	close(mkstemp(path));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct trust *t = NULL;
		struct buf error;

		buf_init(&error, 1024);
		if (cases[i].text != NULL) {
			FILE *f = fopen(path, "w");

			fputs(cases[i].text, f);
			fclose(f);
		}
		assert_int_equal(
			trust_open(cases[i].path != NULL ? cases[i].path : path, &t, &error),
			TRUST_INVALID);
		assert_null(t);
		if (strstr(buf_text(&error), cases[i].error) == NULL)
			fail_msg("case %zu: got '%s'", i, buf_text(&error));
		buf_release(&error);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundles_are_checked),
		cmocka_unit_test(many_verify_at_once_what_was_just_read),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
