#include "config.h"

#include "common/net/tls_client.h"

#include <openssl/x509v3.h>

bool tls_client_secure(SSL_CTX *ctx, X509_STORE *store, int min_version)
{
	SSL_CTX_set_security_level(ctx, 1);
	/* A second handshake would be judged by callbacks whose owner has gone: a probe ends before its connection does. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	/* The verify store, not the cert store: libcurl adds flags and files to the latter, and
	 * this one is shared. */
	return SSL_CTX_set1_verify_cert_store(ctx, store) == 1 &&
	       SSL_CTX_set_min_proto_version(ctx, min_version) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, 0) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, "DEFAULT") == 1;
}

bool tls_client_expect(X509_VERIFY_PARAM *param, const char *host, int64_t wall)
{
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
						       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	X509_VERIFY_PARAM_set_time(param, (time_t)wall);
	return host[0] != '\0' && host[0] != '.' &&
	       X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}
