#include "config.h"

#include "common/net/fetcher_curl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/base/cleanup.h"
#include "common/base/text.h"
#include "common/net/cert_verdict.h"
#include "common/net/http_head.h"
#include "common/net/tls_client.h"

enum { MAX_ADDRESSES = 32, HTTPS = 443 };

struct fetcher_curl {
	struct fetcher_curl_options options;
	struct trust *trust;
	const struct clock *clock;
};

/* One get() under way. */
struct transfer {
	struct fetcher_curl *fetcher;
	struct fetch *fetch;
	CURL *easy;
	char *body; /* LIMIT_POLICY_BODY octets in the caller's arena */
	size_t n_body;
	size_t n_headers;
	bool too_large;
	bool flooded;
	bool closed_notify; /* the server ended the TLS connection itself */
	int cert_error;	    /* X509_V_ERR_*, the first */
	char error[CURL_ERROR_SIZE];
};

int fetcher_curl_open(const struct fetcher_curl_options *o, struct trust *trust,
		      const struct clock *clock, struct fetcher_curl **ret)
{
	struct fetcher_curl *f;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	*f = (struct fetcher_curl){ .options = *o, .trust = trust, .clock = clock };
	if (f->options.port == 0)
		f->options.port = HTTPS;
	*ret = f;
	return 0;
}

struct fetcher_curl *fetcher_curl_close(struct fetcher_curl *f)
{
	if (f != NULL)
		curl_global_cleanup();
	free(f);
	return NULL;
}

__attribute__((format(printf, 3, 4))) static void answer(struct fetch *f, enum reason reason,
							 const char *format, ...)
{
	char text[LIMIT_DETAIL * 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	f->reason = reason;
	f->body = span_make(NULL, 0);
	text_printable(span_of(text), f->detail, sizeof(f->detail));
}

static long status_of(const struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Returning less than was offered ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	n *= size;
	if (status_of(t) != 200)
		return 0; /* whatever it says, nobody will read it */
	if (n > LIMIT_POLICY_BODY - t->n_body) {
		t->too_large = true;
		return 0;
	}
	memcpy(t->body + t->n_body, p, n);
	t->n_body += n;
	return n;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	(void)p;

	n *= size;
	t->n_headers += n;
	t->flooded = t->n_headers > FETCH_HEADERS;
	return t->flooded ? 0 : n;
}

static int on_certificate(int ok, X509_STORE_CTX *x)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct transfer *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	/* seen is seen, whatever becomes of it: when it ends is told also of one that is refused */
	t->fetch->not_after = cert_not_after(X509_STORE_CTX_get0_cert(x));
	if (!ok && t->cert_error == X509_V_OK)
		t->cert_error = X509_STORE_CTX_get_error(x);
	return ok;
}

static void on_tls_event(const SSL *ssl, int where, int value)
{
	struct transfer *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (where == SSL_CB_READ_ALERT && (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
		t->closed_notify = true;
}

/* libcurl by itself would also take a certificate without SAN whose CN fits. */
static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
	struct transfer *t = arg;
	X509_STORE *store = trust_store(t->fetcher->trust);
	bool ok = tls_client_secure(ctx, store, TLS1_2_VERSION) &&
		  tls_client_expect(SSL_CTX_get0_param(ctx), t->fetch->host,
				    clock_wall(t->fetcher->clock));
	(void)easy;

	X509_STORE_free(store);
	SSL_CTX_set_app_data((SSL_CTX *)ctx, t);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_certificate);
	SSL_CTX_set_info_callback(ctx, on_tls_event);
	SSL_CTX_set_keylog_callback(ctx, NULL); /* SSLKEYLOGFILE */
	return ok ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

/* What goes into the URL and the header: a name, nothing with a meaning of its own. */
static bool is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t n = strlen(host);

	return n > 0 && n <= LIMIT_DOMAIN && strspn(host, allowed) == n && host[0] != '.';
}

/* "host:port:a,b,[c]": libcurl asks no resolver for what stands here. */
static struct curl_slist *addresses(const struct transfer *t, struct arena *arena)
{
	const struct fetch *f = t->fetch;
	const char *list = arena_printf(arena, "%s:%u:", f->host, t->fetcher->options.port);

	for (size_t i = 0; i < f->n_addrs && i < MAX_ADDRESSES && list != NULL; i++) {
		bool v6 = f->addrs[i].family == ADDR_V6;
		char text[NETADDR_TEXT];

		netaddr_format(&f->addrs[i], text);
		list = arena_printf(arena, "%s%s%s%s%s", list, i > 0 ? "," : "", v6 ? "[" : "",
				    text, v6 ? "]" : "");
	}
	return list != NULL ? curl_slist_append(NULL, list) : NULL;
}

/* Options that say "no": each of these would otherwise follow a default of libcurl's build or the
 * environment. */
static CURLcode forbid(CURL *e)
{
	CURLcode c = CURLE_OK;
#define NO(option, value) c = c == CURLE_OK ? curl_easy_setopt(e, option, value) : c
	NO(CURLOPT_FOLLOWLOCATION, 0L);
	NO(CURLOPT_MAXREDIRS, 0L);
	NO(CURLOPT_PROXY, "");
	NO(CURLOPT_NOPROXY, "*");
	NO(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	NO(CURLOPT_HTTP09_ALLOWED, 0L);
	NO(CURLOPT_HSTS_CTRL, 0L);
	NO(CURLOPT_CAINFO, NULL);
	NO(CURLOPT_CAPATH, NULL);
	NO(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	NO(CURLOPT_FRESH_CONNECT, 1L);
	NO(CURLOPT_FORBID_REUSE, 1L);
	NO(CURLOPT_NOSIGNAL, 1L);
	NO(CURLOPT_NOPROGRESS, 1L);
#undef NO
	return c;
}

static CURLcode demand(struct transfer *t, const char *url, struct curl_slist *resolve,
		       struct curl_slist *headers, int64_t ms)
{
	CURLcode c = CURLE_OK;
#define SET(option, value) c = c == CURLE_OK ? curl_easy_setopt(t->easy, option, value) : c
	SET(CURLOPT_URL, url);
	SET(CURLOPT_RESOLVE, resolve);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_HTTPGET, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "mta-sts-milter/" PACKAGE_VERSION);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
	SET(CURLOPT_SSL_CTX_DATA, t);
	SET(CURLOPT_TIMEOUT_MS, (long)ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)ms);
	SET(CURLOPT_MAXFILESIZE, (long)LIMIT_POLICY_BODY);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_ERRORBUFFER, t->error);
#undef SET
	return c;
}

static const char *header(const struct transfer *t, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
										     : NULL;
}

static bool connected(const struct transfer *t)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &us) == CURLE_OK && us > 0;
}

static const char *explain(const struct transfer *t, CURLcode c)
{
	return t->error[0] != '\0' ? t->error : curl_easy_strerror(c);
}

/* The transfer broke; what it had said until then decides before how it broke. */
static enum reason reason_of(const struct transfer *t, CURLcode c)
{
	switch (c) {
	case CURLE_COULDNT_CONNECT:
		return REASON_FETCH_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return connected(t) ? REASON_FETCH_TIMEOUT : REASON_FETCH_CONNECT;
	case CURLE_PEER_FAILED_VERIFICATION:
		return REASON_FETCH_TLS;
	case CURLE_FILESIZE_EXCEEDED:
		return REASON_FETCH_SIZE;
	case CURLE_PARTIAL_FILE:
		return REASON_FETCH_SHORT;
	case CURLE_RECV_ERROR: /* closed or reset without TLS saying so: an end that anybody can
				  make */
		return status_of(t) == 200 ? REASON_FETCH_SHORT : REASON_FETCH_ERROR;
	default:
		return REASON_FETCH_ERROR;
	}
}

/* The head of the final answer. */
static bool head_is_fine(const struct transfer *t)
{
	struct http_head head = { .content_type = header(t, "Content-Type"),
				  .content_encoding = header(t, "Content-Encoding"),
				  .transfer_encoding = header(t, "Transfer-Encoding"),
				  .content_length = header(t, "Content-Length"),
				  .closed_notify = t->closed_notify };

	t->fetch->reason = http_head_judge(&head, t->fetch->detail);
	return t->fetch->reason == REASON_OK;
}

static bool status_is_fine(const struct transfer *t, long status)
{
	t->fetch->reason = http_status_judge(status, t->fetch->detail);
	return t->fetch->reason == REASON_OK;
}

/* Which of the addresses libcurl ended up with. */
static void note_address(const struct transfer *t)
{
	struct fetch *f = t->fetch;
	const char *text = NULL;
	struct netaddr a;

	if (!connected(t) || curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &text) != CURLE_OK ||
	    text == NULL || !netaddr_parse(span_of(text), &a))
		return;
	for (size_t i = 0; i < f->n_addrs && f->reached == 0; i++)
		if (netaddr_eq(&f->addrs[i], &a))
			f->reached = i + 1;
}

static void judge(struct transfer *t, CURLcode c)
{
	struct fetch *f = t->fetch;
	long status = status_of(t);

	note_address(t);
	if (t->flooded)
		answer(f, REASON_FETCH_ERROR, "more than %d octets of header", FETCH_HEADERS);
	else if (t->cert_error != X509_V_OK)
		answer(f, REASON_FETCH_TLS, "%s", X509_verify_cert_error_string(t->cert_error));
	else if (status >= 200 && !status_is_fine(t, status))
		return;
	else if (t->too_large)
		answer(f, REASON_FETCH_SIZE, "more than %d octets", LIMIT_POLICY_BODY);
	else if (c != CURLE_OK)
		answer(f, reason_of(t, c), "%s", explain(t, c));
	else if (status != 200)
		answer(f, REASON_FETCH_ERROR, "no final answer");
	else if (head_is_fine(t))
		f->body = span_make(t->body, t->n_body);
}

static void perform(struct transfer *t, int64_t ms, struct arena *arena)
{
	const char *url = arena_printf(arena, "https://%s:%u/.well-known/mta-sts.txt",
				       t->fetch->host, t->fetcher->options.port);
	struct curl_slist *resolve = addresses(t, arena), *headers = NULL, *more;
	CURLcode c = CURLE_OUT_OF_MEMORY;

	headers = curl_slist_append(NULL, "Accept: text/plain");
	more = headers != NULL ? curl_slist_append(headers, "Accept-Encoding: identity") : NULL;
	if (url != NULL && resolve != NULL && more != NULL && t->body != NULL)
		c = forbid(t->easy);
	if (c == CURLE_OK)
		c = demand(t, url, resolve, headers, ms);
	if (c == CURLE_OK)
		judge(t, curl_easy_perform(t->easy));
	else
		answer(t->fetch, REASON_INTERNAL, "%s", curl_easy_strerror(c));
	curl_slist_free_all(resolve);
	curl_slist_free_all(headers);
}

static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct fetcher_curl *fetcher = ctx;
	int64_t ms = deadline - clock_mono(fetcher->clock);
	struct transfer t = { .fetcher = fetcher, .fetch = f };

	f->not_after = 0;
	f->reached = 0;
	f->body = span_make(NULL, 0);
	if (ms > fetcher->options.timeout_ms)
		ms = fetcher->options.timeout_ms;
	if (!is_host(f->host)) {
		answer(f, REASON_FETCH_ERROR, "\"%s\" is no host name", f->host);
	} else if (f->n_addrs == 0) {
		answer(f, REASON_FETCH_DNS, "%s", "");
	} else if (ms <= 0) {
		answer(f, REASON_FETCH_TIMEOUT, "no time left to ask");
	} else {
		/* A handle of its own each time: nothing of one policy host can reach another. It
		 * costs 20 us. */
		t.easy = curl_easy_init();
		t.body = arena_alloc(arena, LIMIT_POLICY_BODY);
		if (t.easy != NULL)
			perform(&t, ms, arena);
		else
			answer(f, REASON_INTERNAL, "out of memory");
		curl_easy_cleanup(t.easy);
	}
}

struct fetcher fetcher_curl_port(struct fetcher_curl *f)
{
	return (struct fetcher){ .get = get, .ctx = f };
}
