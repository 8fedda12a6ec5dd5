#include "config.h"

#include "common/net/pkix_look.h"

#include "common/net/cert_verdict.h"
#include "common/net/tls_client.h"

/* As the handshake's own: every error is noted and none ends it. */
static int on_certificate(int ok, X509_STORE_CTX *x)
{
	if (!ok)
		cert_verdict_note(X509_STORE_CTX_get_app_data(x), X509_STORE_CTX_get_error(x),
				  X509_STORE_CTX_get_error_depth(x));
	return 1;
}

static bool prepare(X509_STORE_CTX *x, SSL *ssl, const char *host, int64_t wall)
{
	X509_STORE *store = NULL;
	X509_VERIFY_PARAM *param;

	if (SSL_CTX_get0_verify_cert_store(SSL_get_SSL_CTX(ssl), &store) != 1 || store == NULL ||
	    X509_STORE_CTX_init(x, store, SSL_get0_peer_certificate(ssl),
				SSL_get_peer_cert_chain(ssl)) != 1 ||
	    X509_STORE_CTX_set_default(x, "ssl_server") != 1)
		return false;
	param = X509_STORE_CTX_get0_param(x);
	X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
	return tls_client_expect(param, host, wall);
}

enum reason pkix_look(SSL *ssl, const char *host, int64_t wall)
{
	struct cert_verdict verdict = { 0 };
	X509_STORE_CTX *x = X509_STORE_CTX_new();
	enum reason reason = REASON_PENDING;
	char detail[LIMIT_DETAIL];

	if (x != NULL && prepare(x, ssl, host, wall)) {
		X509_STORE_CTX_set_app_data(x, &verdict);
		X509_STORE_CTX_set_verify_cb(x, on_certificate);
		X509_verify_cert(x);
		reason = cert_verdict_reason(&verdict, SSL_get0_peer_certificate(ssl), detail);
		/* OpenSSL's own summary has the last word. */
		if (reason == REASON_OK && X509_STORE_CTX_get_error(x) != X509_V_OK)
			reason = REASON_CERT_INVALID;
	}
	X509_STORE_CTX_free(x);
	return reason;
}
