#include "config.h"

#include "common/net/trust.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/net/file_text.h"

enum { MAX_BUNDLE = 4 << 20 };

struct trust {
	char *path;
	pthread_mutex_t lock; /* store and count; a leaf */
	X509_STORE *store;
	size_t count;
};

static int invalid(const struct trust *t, struct buf *error, const char *what)
{
	char shown[LIMIT_DETAIL];

	buf_addf(error, "ca_bundle: \"%s\" %s",
		 text_printable(span_of(t->path), shown, sizeof(shown)), what);
	return TRUST_INVALID;
}

/* The end of the file looks like an error too: no further BEGIN line. */
static bool at_end(void)
{
	unsigned long e = ERR_peek_last_error();

	return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

/* The number of certificates, or -1 when one of them is malformed. */
static int add_certificates(X509_STORE *store, BIO *pem)
{
	int n = 0;

	for (;;) {
		X509 *x = PEM_read_bio_X509_AUX(pem, NULL, NULL, NULL);
		bool added;

		if (x == NULL)
			return at_end() ? n : -1;
		/* decodes the extensions; left to the first to verify, while others look on */
		(void)X509_check_purpose(x, -1, 0);
		added = X509_STORE_add_cert(store, x) == 1;
		X509_free(x);
		if (!added)
			return -1;
		n++;
	}
}

static int fill(const struct trust *t, X509_STORE *store, struct span pem, size_t *ret_count,
		struct buf *error)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	int n;

	if (bio == NULL)
		return -ENOMEM;
	ERR_clear_error();
	n = add_certificates(store, bio);
	ERR_clear_error();
	BIO_free(bio);
	if (n < 0)
		return invalid(t, error, "holds a malformed certificate");
	if (n == 0)
		return invalid(t, error, "holds no certificate");
	*ret_count = (size_t)n;
	return 0;
}

static int load(const struct trust *t, X509_STORE **ret, size_t *ret_count, struct buf *error)
{
	AUTO(buf_release) struct buf pem = { .max = MAX_BUNDLE };
	X509_STORE *store;
	int r = file_text(t->path, &pem);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return invalid(t, error,
			       r == -ENOENT   ? "does not exist"
			       : r == -EACCES ? "may not be read by this user"
					      : "cannot be read");
	if (pem.n == 0)
		return invalid(t, error, "is empty");
	store = X509_STORE_new();
	if (store == NULL)
		return -ENOMEM;
	r = fill(t, store, buf_span(&pem), ret_count, error);
	if (r == 0)
		*ret = store;
	else
		X509_STORE_free(store);
	return r;
}

int trust_open(const char *ca_bundle, struct trust **ret, struct buf *error)
{
	struct trust *t = calloc(1, sizeof(*t));
	int r = -ENOMEM;

	if (t == NULL)
		return r;
	pthread_mutex_init(&t->lock, NULL);
	t->path = strdup(ca_bundle);
	if (t->path != NULL)
		r = load(t, &t->store, &t->count, error);
	if (r != 0)
		trust_close(t);
	else
		*ret = t;
	return r;
}

struct trust *trust_close(struct trust *t)
{
	if (t == NULL)
		return NULL;
	X509_STORE_free(t->store);
	pthread_mutex_destroy(&t->lock);
	free(t->path);
	free(t);
	return NULL;
}

int trust_reload(struct trust *t, struct buf *error)
{
	X509_STORE *fresh, *old;
	size_t count;
	int r = load(t, &fresh, &count, error);

	if (r != 0)
		return r;
	pthread_mutex_lock(&t->lock);
	old = t->store;
	t->store = fresh;
	t->count = count;
	pthread_mutex_unlock(&t->lock);
	X509_STORE_free(old);
	return 0;
}

X509_STORE *trust_store(struct trust *t)
{
	X509_STORE *store;

	pthread_mutex_lock(&t->lock);
	store = t->store;
	X509_STORE_up_ref(store);
	pthread_mutex_unlock(&t->lock);
	return store;
}

size_t trust_count(struct trust *t)
{
	size_t n;

	pthread_mutex_lock(&t->lock);
	n = t->count;
	pthread_mutex_unlock(&t->lock);
	return n;
}
