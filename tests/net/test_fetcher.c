#include "tests/unit/test.h"

#include "common/net/fetcher_curl.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/net/peer_server.h"
#include "tests/net/steady_clock.h"

#define HOST	"mta-sts.example"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define POLICY	"version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"

enum { SOON = 5000, BRIEF = 400 };

struct world;

/* What a policy host does after the handshake and the request. */
struct personality {
	const char *name;
	const char *head;	     /* said first */
	const char *body;	     /* said next; NULL: nothing */
	void (*act)(struct peer *p); /* then this */
	bool cut;		     /* no close_notify */
	enum reason reason;
	const char *want_body, *want_detail; /* NULL: any */
};

struct world {
	struct pki *pki;
	struct trust *trust;
	const struct identity *good;
	const struct identity *identity; /* what the server shows */
	int max_version;
	struct personality personality;
	pthread_mutex_t
		lock; /* what stands above and at the end, between the test and the server */
	struct peer_server *server, *elsewhere; /* elsewhere: whom nobody may ask */
	struct fetcher_curl *fetcher;
	struct arena arena;
	char request[4096], sni[256];
};

/* Heard before anything is answered, so a get() that has returned finds it noted. */
static void hear_request(struct world *w, struct peer *p)
{
	char request[sizeof(w->request)] = "";
	size_t used = 0;

	while (peer_hear(p) && p->line[0] != '\0')
		used += (size_t)snprintf(request + used, sizeof(request) - used, "%s\n", p->line);
	pthread_mutex_lock(&w->lock);
	memcpy(w->request, request, sizeof(request));
	memcpy(w->sni, p->sni, sizeof(w->sni));
	pthread_mutex_unlock(&w->lock);
}

static void serve(struct peer *p)
{
	struct world *w = p->ctx;
	struct personality who;
	const struct identity *identity;
	int max_version;

	pthread_mutex_lock(&w->lock);
	who = w->personality;
	identity = w->identity;
	max_version = w->max_version;
	pthread_mutex_unlock(&w->lock);
	if (!peer_tls(p, identity, max_version))
		return;
	hear_request(w, p);
	if (who.head != NULL)
		peer_say(p, who.head);
	if (who.body != NULL)
		peer_say(p, who.body);
	if (who.act != NULL)
		who.act(p);
	if (!who.cut)
		peer_close_notify(p);
}

static void play(struct world *w, const struct personality *who)
{
	pthread_mutex_lock(&w->lock);
	w->personality = *who;
	pthread_mutex_unlock(&w->lock);
}

static void show(struct world *w, const struct identity *identity, int max_version)
{
	pthread_mutex_lock(&w->lock);
	w->identity = identity;
	w->max_version = max_version;
	pthread_mutex_unlock(&w->lock);
}

static void nobody(struct peer *p)
{
	peer_until_gone(p);
}

static void drip(struct peer *p)
{
	while (peer_say(p, "a") && peer_pause(p, 20))
		;
}

static void drip_chunks(struct peer *p)
{
	while (peer_say(p, "1\r\na\r\n") && peer_pause(p, 20))
		;
}

static void endless_headers(struct peer *p)
{
	while (peer_say(
		p, "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
		;
}

static void endless_header_line(struct peer *p)
{
	peer_say(p, "X-Flood: ");
	while (peer_say(p, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
		;
}

static void endless_1xx(struct peer *p)
{
	while (peer_say(p, "HTTP/1.1 102 Processing\r\n\r\n"))
		;
}

static void endless_trailers(struct peer *p)
{
	peer_say(p, "3\r\nabc\r\n0\r\n");
	endless_headers(p);
}

static void endless_chunks(struct peer *p)
{
	static char chunk[4096 + 8];

	memcpy(chunk, "1000\r\n", 6);
	memset(chunk + 6, 'a', 4096);
	memcpy(chunk + 6 + 4096, "\r\n", 2);
	while (peer_send(p, chunk, sizeof(chunk)))
		;
}

static void endless_body(struct peer *p)
{
	static char block[4096];

	memset(block, 'a', sizeof(block));
	while (peer_send(p, block, sizeof(block)))
		;
}

static void exactly_64k(struct peer *p)
{
	static char body[LIMIT_POLICY_BODY];

	memset(body, 'a', sizeof(body));
	peer_say(p, "Content-Length: 65536\r\n\r\n");
	peer_send(p, body, sizeof(body));
}

static void one_more(struct peer *p)
{
	static char body[LIMIT_POLICY_BODY + 1];

	memset(body, 'a', sizeof(body));
	peer_say(p, "Transfer-Encoding: chunked\r\n\r\n10001\r\n");
	peer_send(p, body, sizeof(body));
	peer_say(p, "\r\n0\r\n\r\n");
}

static void silence(struct peer *p)
{
	peer_until_gone(p);
}

static int64_t in(int64_t ms)
{
	return clock_mono(&steady_clock) + ms;
}

static struct netaddr address(const char *text)
{
	struct netaddr a;

	assert_true(netaddr_parse(span_of(text), &a));
	return a;
}

static void open_fetcher(struct world *w, uint16_t port, int64_t timeout_ms)
{
	struct fetcher_curl_options o = { .timeout_ms = timeout_ms, .port = port };

	w->fetcher = fetcher_curl_close(w->fetcher);
	assert_int_equal(fetcher_curl_open(&o, w->trust, &steady_clock, &w->fetcher), 0);
}

static struct fetch get_from(struct world *w, const struct netaddr *addrs, size_t n,
			     int64_t deadline)
{
	struct fetch f = { .host = HOST, .addrs = addrs, .n_addrs = n, .reason = REASON_COUNT };
	struct fetcher port = fetcher_curl_port(w->fetcher);

	pthread_mutex_lock(&w->lock);
	w->request[0] = w->sni[0] = '\0';
	pthread_mutex_unlock(&w->lock);
	arena_reset(&w->arena);
	port.get(port.ctx, &f, deadline, &w->arena);
	return f;
}

static struct fetch get(struct world *w, int64_t deadline)
{
	struct netaddr a = address("127.0.0.1");

	return get_from(w, &a, 1, deadline);
}

/* Served in one place, trusted in one place, forbidden in another. */
static int set_up(void **state)
{
	static const struct leaf good = { .san = "DNS:" HOST };
	struct world *w = calloc(1, sizeof(*w));
	struct buf error;

	buf_init(&error, 1024);
	pthread_mutex_init(&w->lock, NULL);
	w->pki = pki_new();
	if (trust_open(pki_bundle(w->pki), &w->trust, &error) != 0)
		fail_msg("%s", buf_text(&error));
	w->good = w->identity = pki_leaf(w->pki, &good);
	w->server = peer_server_start("127.0.0.1", serve, w);
	w->elsewhere = peer_server_start("127.0.0.1", nobody, w);
	arena_init(&w->arena, 1 << 20);
	open_fetcher(w, peer_server_port(w->server), 20000);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fetcher_curl_close(w->fetcher);
	peer_server_stop(w->server);
	peer_server_stop(w->elsewhere);
	trust_close(w->trust);
	pki_free(w->pki);
	arena_release(&w->arena);
	free(w);
	return 0;
}

/* clang-format off */
static const struct personality personalities[] = {
	{ "good", OK_HEAD "Content-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_OK, POLICY, "" },
	{ "chunked", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "5\r\nversi\r\n3\r\non:\r\n0\r\n\r\n", NULL, false, REASON_OK, "version:", "" },
	{ "ends with the connection", OK_HEAD "\r\n", POLICY, NULL, false, REASON_OK, POLICY, "" },
	{ "empty", OK_HEAD "Content-Length: 0\r\n\r\n", NULL, NULL, false, REASON_OK, "", "" },
	{ "interim answers first", "HTTP/1.1 103 Early Hints\r\n\r\n" OK_HEAD "Content-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_OK, POLICY, "" },
	{ "exactly 64 KiB", OK_HEAD, NULL, exactly_64k, false, REASON_OK, NULL, "" },
	{ "charset (RFC 8461 s3.2)", "HTTP/1.1 200 OK\r\nContent-Type: Text/Plain ; charset=\"utf-8\";x=y\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_OK, POLICY, "" },
	{ "coding identity", OK_HEAD "Content-Encoding: Identity\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_OK, POLICY, "" },

	{ "404", "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_STATUS, NULL, "status 404" },
	{ "404 without end", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, endless_chunks, false, REASON_FETCH_STATUS, NULL, "status 404" },
	{ "404 of a size", "HTTP/1.1 404 Not Found\r\nContent-Length: 9999999\r\n\r\n", NULL, endless_body, false, REASON_FETCH_STATUS, NULL, "status 404" },
	{ "500", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", NULL, NULL, false, REASON_FETCH_STATUS, NULL, "status 500" },
	{ "203 is not 200", "HTTP/1.1 203 Hm\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_STATUS, NULL, "status 203" },
	{ "206 is not 200", "HTTP/1.1 206 Part\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_STATUS, NULL, "status 206" },
	{ "304 to a question without condition", "HTTP/1.1 304 Same\r\n\r\n", NULL, NULL, false, REASON_FETCH_STATUS, NULL, "status 304" },
	{ "401", "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", NULL, NULL, false, REASON_FETCH_STATUS, NULL, "status 401" },

	{ "text/html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_TYPE, NULL, "Content-Type: text/html" },
	{ "text/plainer", "HTTP/1.1 200 OK\r\nContent-Type: text/plainer\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_TYPE, NULL, NULL },
	{ "no type", "HTTP/1.1 200 OK\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_TYPE, NULL, "no Content-Type" },
	{ "gzip nobody asked for", OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n", "\037\213\010\001\001\001\001\001\001\003\003\003\001\001\001\001\001\001\001\001", NULL, false, REASON_FETCH_TYPE, NULL, NULL },
	{ "hostile type", "HTTP/1.1 200 OK\r\nContent-Type: \033[2J\"\r\nContent-Length: 59\r\n\r\n", POLICY, NULL, false, REASON_FETCH_TYPE, NULL, "Content-Type: \\x1b[2J\\x22" },

	{ "announced too large", OK_HEAD "Content-Length: 65537\r\n\r\n", NULL, endless_body, false, REASON_FETCH_SIZE, NULL, NULL },
	{ "one octet too many, chunked", OK_HEAD, NULL, one_more, false, REASON_FETCH_SIZE, NULL, NULL },
	{ "chunks without end", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", NULL, endless_chunks, false, REASON_FETCH_SIZE, NULL, NULL },
	{ "body without end", OK_HEAD "\r\n", NULL, endless_body, false, REASON_FETCH_SIZE, NULL, NULL },
	{ "absurd length", OK_HEAD "Content-Length: 99999999999999999999999\r\n\r\n", POLICY, NULL, false, REASON_FETCH_SIZE, NULL, NULL },

	{ "shorter than announced", OK_HEAD "Content-Length: 60\r\n\r\n", POLICY, NULL, false, REASON_FETCH_SHORT, NULL, NULL },
	{ "shorter than announced, cut", OK_HEAD "Content-Length: 60\r\n\r\n", POLICY, NULL, true, REASON_FETCH_SHORT, NULL, NULL },
	{ "chunks cut off", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "5\r\nversi\r\n", NULL, false, REASON_FETCH_SHORT, NULL, NULL },
	{ "connection cut where it could be the end", OK_HEAD "\r\n", POLICY, NULL, true, REASON_FETCH_SHORT, NULL, NULL },

	{ "headers without end", OK_HEAD, NULL, endless_headers, false, REASON_FETCH_ERROR, NULL, "more than 32768 octets of header" },
	{ "one header without end", OK_HEAD, NULL, endless_header_line, false, REASON_FETCH_ERROR, NULL, NULL },
	{ "interim answers without end", NULL, NULL, endless_1xx, false, REASON_FETCH_ERROR, NULL, "more than 32768 octets of header" },
	{ "trailers without end", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", NULL, endless_trailers, false, REASON_FETCH_ERROR, NULL, NULL },
	{ "HTTP/0.9", POLICY, NULL, NULL, false, REASON_FETCH_ERROR, NULL, NULL },
	{ "nothing", NULL, NULL, NULL, false, REASON_FETCH_ERROR, NULL, NULL },
	{ "nothing, cut", NULL, NULL, NULL, true, REASON_FETCH_ERROR, NULL, NULL },
};

/* These take until the deadline. */
static const struct personality slow[] = {
	{ "drips the body", OK_HEAD "Content-Length: 60000\r\n\r\n", NULL, drip, false, REASON_FETCH_TIMEOUT, NULL, NULL },
	{ "drips chunks", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", NULL, drip_chunks, false, REASON_FETCH_TIMEOUT, NULL, NULL },
	{ "drips a header", OK_HEAD "X-Slow: ", NULL, drip, false, REASON_FETCH_TIMEOUT, NULL, NULL },
	{ "says nothing", NULL, NULL, silence, false, REASON_FETCH_TIMEOUT, NULL, NULL },
};
/* clang-format on */

static void expect(const struct personality *who, const struct fetch *f)
{
	if (f->reason != who->reason)
		fail_msg("%s: got %s (%s), want %s", who->name, reason_name(f->reason), f->detail,
			 reason_name(who->reason));
	if (who->want_detail != NULL && strcmp(f->detail, who->want_detail) != 0)
		fail_msg("%s: got detail '%s'", who->name, f->detail);
	if (who->want_body != NULL && !span_eq(f->body, who->want_body))
		fail_msg("%s: got body '%.*s'", who->name, (int)f->body.n, f->body.p);
	if (f->reason != REASON_OK)
		assert_int_equal(f->body.n, 0);
}

static void policy_hosts_of_all_kinds(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(personalities); i++) {
		struct fetch f;

		play(w, &personalities[i]);
		f = get(w, in(SOON));
		expect(&personalities[i], &f);
	}
}

static void the_deadline_holds(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		int64_t before = clock_mono(&steady_clock), took;
		struct fetch f;

		play(w, &slow[i]);
		open_fetcher(w, peer_server_port(w->server), i % 2 == 0 ? BRIEF : 20000);
		f = get(w, in(i % 2 == 0 ? SOON : BRIEF)); /* the shorter of the two counts */
		took = clock_mono(&steady_clock) - before;
		expect(&slow[i], &f);
		assert_in_range(took, BRIEF - 10, BRIEF + 1500);
	}
	play(w, &personalities[0]);
	assert_int_equal(get(w, in(-1)).reason, REASON_FETCH_TIMEOUT);
}

static void the_request_is_what_it_should_be(void **state)
{
	struct world *w = *state;
	char want_host[64];

	play(w, &personalities[0]);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);
	snprintf(want_host, sizeof(want_host), "Host: " HOST ":%u\n", peer_server_port(w->server));
	assert_true(strncmp(w->request, "GET /.well-known/mta-sts.txt HTTP/1.1\n", 38) == 0);
	assert_non_null(strstr(w->request, want_host));
	assert_non_null(strstr(w->request, "Accept-Encoding: identity\n"));
	assert_null(strstr(w->request, "Cookie"));
	assert_null(strstr(w->request, "Authorization"));
	assert_null(strstr(w->request, "If-"));
	assert_null(strstr(w->request, "Upgrade"));
	assert_string_equal(w->sni, HOST); /* RFC 8461 s7.1 */
}

/* RFC 8461 s3.3: redirects MUST NOT be followed. */
static void a_redirect_is_not_followed(void **state)
{
	static const int codes[] = { 301, 302, 303, 307, 308, 300 };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		char head[256], detail[40];
		struct personality who = { .name = "redirect",
					   .head = head,
					   .reason = REASON_FETCH_REDIRECT,
					   .want_detail = detail };
		struct fetch f;

		snprintf(head, sizeof(head),
			 "HTTP/1.1 %d Moved\r\nLocation: https://127.0.0.1:%u/\r\nRefresh: 0; "
			 "url=http://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n",
			 codes[i], peer_server_port(w->elsewhere), peer_server_port(w->elsewhere));
		snprintf(detail, sizeof(detail), "status %d, not followed", codes[i]);
		play(w, &who);
		f = get(w, in(SOON));
		expect(&who, &f);
	}
	assert_int_equal(peer_server_connections(w->server), ARRAY_LEN(codes));
	assert_int_equal(peer_server_connections(w->elsewhere), 0);
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

	play(w, &personalities[0]);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fetch f;

		show(w, pki_leaf(w->pki, &cases[i].leaf), 0);
		f = get(w, in(SOON));
		if (f.reason != cases[i].reason || strstr(f.detail, cases[i].detail) == NULL)
			fail_msg("%s: got %s (%s)", cases[i].name, reason_name(f.reason), f.detail);
		if (f.reason != REASON_OK && w->request[0] != '\0')
			fail_msg("%s: the question was asked all the same", cases[i].name);
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

	play(w, &personalities[0]);
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

	play(w, &personalities[0]);
	show(w, w->good, TLS1_2_VERSION);
	assert_int_equal(get(w, in(SOON)).reason, REASON_OK);
	show(w, w->good, TLS1_1_VERSION);
	assert_int_equal(get(w, in(SOON)).reason, REASON_FETCH_ERROR);
}

static void addresses_are_tried_until_one_answers(void **state)
{
	struct world *w = *state;
	struct netaddr dead_then_good[] = { address("::1"), address("127.0.0.2"),
					    address("127.0.0.1") };
	struct netaddr dead[] = { address("127.0.0.2"), address("::1") };
	struct peer_server *v6;
	struct fetch f;

	play(w, &personalities[0]);
	assert_int_equal(get_from(w, dead_then_good, 3, in(SOON)).reason, REASON_OK);
	f = get_from(w, dead, 2, in(SOON));
	assert_int_equal(f.reason, REASON_FETCH_CONNECT);
	assert_true(f.detail[0] != '\0');
	assert_int_equal(get_from(w, dead, 0, in(SOON)).reason, REASON_FETCH_DNS);

	v6 = peer_server_start("::1", serve, w);
	if (v6 == NULL)
		return; /* no IPv6 here */
	open_fetcher(w, peer_server_port(v6), 20000);
	assert_int_equal(get_from(w, dead_then_good, 1, in(SOON)).reason, REASON_OK);
	peer_server_stop(v6);
}

static void what_is_no_host_is_not_asked(void **state)
{
	static const char *const bad[] = { "",	".",   "a/b", "a:b@c", "a b", "a\r\nX: y",
					   "A", "a?b", "a#b", "[::1]", "a%41" };
	struct world *w = *state;
	struct fetcher port = fetcher_curl_port(w->fetcher);
	struct netaddr a = address("127.0.0.1");

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct fetch f = { .host = bad[i], .addrs = &a, .n_addrs = 1 };

		port.get(port.ctx, &f, in(SOON), &w->arena);
		if (f.reason != REASON_FETCH_ERROR)
			fail_msg("'%s': got %s", bad[i], reason_name(f.reason));
	}
	assert_int_equal(peer_server_connections(w->server), 0);
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

	play(w, &personalities[0]);
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

static void memory_runs_out(void **state)
{
	struct world *w = *state;
	struct netaddr a = address("127.0.0.1");
	struct fetch f = { .host = HOST, .addrs = &a, .n_addrs = 1 };
	struct fetcher port = fetcher_curl_port(w->fetcher);
	struct arena small;

	play(w, &personalities[0]);
	arena_init(&small, 1000);
	port.get(port.ctx, &f, in(SOON), &small);
	assert_int_equal(f.reason, REASON_INTERNAL);
	arena_release(&small);
}

static void a_new_bundle_counts_from_the_next_fetch_on(void **state)
{
	struct world *w = *state;
	struct pki *other = pki_new();
	struct buf error;
	FILE *f;

	buf_init(&error, 1024);
	play(w, &personalities[0]);
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

static void *fetch_many(void *arg)
{
	struct world *w = arg;
	struct fetcher port = fetcher_curl_port(w->fetcher);
	struct netaddr a = address("127.0.0.1");
	struct arena arena;
	intptr_t good = 0;

	arena_init(&arena, 1 << 20);
	for (int i = 0; i < 10; i++) {
		struct fetch f = { .host = HOST, .addrs = &a, .n_addrs = 1 };

		port.get(port.ctx, &f, in(SOON), &arena);
		good += f.reason == REASON_OK && span_eq(f.body, POLICY);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return (void *)good;
}

static void serve_quietly(struct peer *p)
{
	struct world *w = p->ctx;

	if (!peer_tls(p, w->good, 0))
		return;
	while (peer_hear(p) && p->line[0] != '\0')
		;
	peer_say(p, OK_HEAD "Content-Length: 59\r\n\r\n" POLICY);
	peer_close_notify(p);
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void many_at_once(void **state)
{
	struct world *w = *state;
	struct peer_server *quiet = peer_server_start("127.0.0.1", serve_quietly, w);
	pthread_t threads[8];
	int before;

	open_fetcher(w, peer_server_port(quiet), 20000);
	fetch_many(w);
	before = count_fds() - peer_server_connections(quiet); /* the server keeps one of each */
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fetch_many, w), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *good;

		pthread_join(threads[i], &good);
		assert_int_equal((intptr_t)good, 10);
	}
	assert_int_equal(peer_server_connections(quiet), 90);
	assert_true(count_fds() - 90 <= before + 8);
	peer_server_stop(quiet);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(policy_hosts_of_all_kinds),
		T(the_deadline_holds),
		T(the_request_is_what_it_should_be),
		T(a_redirect_is_not_followed),
		T(certificates),
		T(wildcards),
		T(tls_1_2_at_least),
		T(addresses_are_tried_until_one_answers),
		T(what_is_no_host_is_not_asked),
		T(memory_runs_out),
		T(a_new_bundle_counts_from_the_next_fetch_on),
		cmocka_unit_test(bundles_are_checked),
		T(many_at_once),
		T(the_environment_does_not_matter),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("fetcher", tests, NULL, NULL);
}
