/* fetcher_curl.h - the HTTPS port by libcurl
 *
 * PURPOSE   RFC 8461 s3.2, s3.3 to the letter: one GET, no redirect followed (the target is never
 *           asked), status 200 only, text/plain, at most LIMIT_POLICY_BODY octets, whole or not at
 *           all, certificate for the policy host by SAN alone, TLS 1.2 or later. No proxy, netrc,
 *           cookies, HTTP cache, Alt-Svc, HSTS, compression, connection or session reuse; no
 *           environment variable matters. The addresses are those that were asked for: no name is
 *           looked up here.
 * OWNERSHIP `trust` and `clock` must outlive the fetcher; fetcher_curl_close() after the last get()
 *           has returned.
 * THREADS   get() from any number of threads; each call is a connection of its own.
 * LIMITS    FETCH_HEADERS octets of header, of 1xx answers and trailers too; the deadline holds
 *           from connect to the last octet.
 * ERRORS    open(): 0; -ENOMEM.
 */
#ifndef COMMON_NET_FETCHER_CURL_H
#define COMMON_NET_FETCHER_CURL_H

#include "common/base/clock.h"
#include "common/net/fetcher.h"
#include "common/net/trust.h"

enum { FETCH_HEADERS = 32 * 1024 };

struct fetcher_curl_options {
	int64_t timeout_ms; /* setting fetch_timeout */
	uint16_t port;	    /* 0: 443. Others are for tests. */
};

struct fetcher_curl;

int fetcher_curl_open(const struct fetcher_curl_options *o, struct trust *trust,
		      const struct clock *clock, struct fetcher_curl **ret);
struct fetcher_curl *fetcher_curl_close(struct fetcher_curl *f); /* NULL in: no-op; returns NULL */
struct fetcher fetcher_curl_port(struct fetcher_curl *f);

#endif
