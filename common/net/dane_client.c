#include "config.h"

#include "common/net/dane_client.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool dane_client_allow(SSL_CTX *ctx)
{
	return SSL_CTX_dane_enable(ctx) == 1;
}

/* 0: of no use. OpenSSL would take the usages that bring in the trusted roots as well (RFC 7672 s3.1.3). */
static int add(SSL *ssl, const struct tlsa *t)
{
	if (t->usage != TLSA_DANE_TA && t->usage != TLSA_DANE_EE)
		return 0;
	return SSL_dane_tlsa_add(ssl, t->usage, t->selector, t->mtype,
				 (const unsigned char *)t->data.p, t->data.n);
}

/* How many were taken; negative: our own trouble. */
static int add_records(SSL *ssl, const struct tlsa_set *set, bool *ret_anchors)
{
	int n = 0;

	for (size_t i = 0; i < set->n; i++) {
		int r = add(ssl, &set->v[i]);

		if (r < 0)
			return r;
		n += r > 0;
		*ret_anchors |= r > 0 && set->v[i].usage == TLSA_DANE_TA;
	}
	return n;
}

bool dane_client_expect(SSL *ssl, const struct tlsa_set *set, int64_t wall, size_t *ret_n)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	bool anchors = false;
	int n;

	/* the base domain: SNI, and the first name that may be in the certificate */
	if (SSL_dane_enable(ssl, set->base) != 1)
		return false;
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	X509_VERIFY_PARAM_set_time(param, (time_t)wall);
	n = add_records(ssl, set, &anchors);
	if (n < 0)
		return false;
	for (size_t i = 0; anchors && i < 2; i++)
		if (set->also[i] != NULL && SSL_add1_host(ssl, set->also[i]) != 1)
			return false;
	*ret_n = (size_t)n;
	return true;
}

bool dane_client_is_proved(SSL *ssl)
{
	return SSL_get_verify_result(ssl) == X509_V_OK &&
	       SSL_get0_dane_authority(ssl, NULL, NULL) >= 0;
}

bool dane_client_takes(SSL_CTX *ctx, const struct tlsa *t)
{
	SSL *ssl = SSL_new(ctx);
	bool taken = ssl == NULL || SSL_dane_enable(ssl, "example") != 1 || add(ssl, t) != 0;

	SSL_free(ssl);
	ERR_clear_error();
	return taken;
}
