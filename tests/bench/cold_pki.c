#include "config.h"

#include "tests/bench/cold_pki.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/servers/test_ca.h"

enum { THREADS = 2, BATCH = 100, LIFETIME = 90 * 86400 };

struct identity {
	X509 *cert;
	EVP_PKEY *key;
};

struct cold_pki {
	const struct cold_plan *plan;
	struct test_ca *ca;
	struct identity *identity; /* policy host and MX host of each number */
	unsigned n;		   /* numbers */
	atomic_uint next;
	atomic_bool failed;
};

static bool issue(struct cold_pki *p, enum cold_role role, unsigned i)
{
	struct cold_host host = { role, cold_kind_of(p->plan, i), i };
	struct identity *id = &p->identity[2 * i + (role == COLD_MX_HOST)];
	char name[COLD_NAME];

	cold_name(&host, name);
	return test_ca_issue(p->ca, name, LIFETIME, &id->cert, &id->key) == 0;
}

static void tell(const struct cold_pki *p, unsigned from)
{
	unsigned before = from * 5 / p->n, after = (from + BATCH) * 5 / p->n;

	if (after > before)
		fprintf(stderr, "bench_cold: certificates: %u%%\n", after > 5 ? 100 : after * 20);
}

static void *work(void *arg)
{
	struct cold_pki *p = arg;
	unsigned from;

	while ((from = atomic_fetch_add(&p->next, BATCH)) < p->n && !atomic_load(&p->failed)) {
		for (unsigned i = from; i < from + BATCH && i < p->n; i++)
			if (!issue(p, COLD_POLICY_HOST, i) || !issue(p, COLD_MX_HOST, i))
				atomic_store(&p->failed, true);
		tell(p, from);
	}
	return NULL;
}

static int make_all(struct cold_pki *p)
{
	pthread_t thread[THREADS];
	unsigned n = 0;

	while (n < THREADS && pthread_create(&thread[n], NULL, work, p) == 0)
		n++;
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	return n > 0 && !atomic_load(&p->failed) ? 0 : -EIO;
}

int cold_pki_make(const struct cold_plan *plan, const char *path, struct cold_pki **ret)
{
	struct cold_pki *p = calloc(1, sizeof(*p));
	int r = -ENOMEM;

	if (p == NULL)
		return r;
	p->plan = plan;
	p->n = cold_numbers(plan);
	p->identity = calloc(p->n, 2 * sizeof(*p->identity));
	p->ca = test_ca_new();
	if (p->identity != NULL && p->ca != NULL)
		r = test_ca_write(p->ca, path);
	if (r == 0)
		r = make_all(p);
	*ret = p;
	return r;
}

bool cold_pki_show(const struct cold_pki *p, const struct cold_host *h, SSL *ssl)
{
	bool mx = h->role == COLD_MX_HOST;
	const struct identity *id;

	if (h->i >= p->n)
		return false;
	/* the wrong name is that of the other host of the same domain */
	if (h->kind == (mx ? COLD_MX_WRONG_NAME : COLD_HTTPS_WRONG_NAME))
		mx = !mx;
	id = &p->identity[2 * h->i + mx];
	return SSL_use_certificate(ssl, id->cert) == 1 && SSL_use_PrivateKey(ssl, id->key) == 1;
}
