#include "tests/unit/test.h"

#include "tests/net/policy_host.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>

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
	assert_true(f->not_after > 0); /* the handshake was done, whatever came after */
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
	play(w, &polite_host);
	assert_int_equal(get(w, in(-1)).reason, REASON_FETCH_TIMEOUT);
	assert_int_equal(get(w, in(-1)).not_after, 0);
}

static void the_request_is_what_it_should_be(void **state)
{
	struct world *w = *state;
	char want_host[64];

	play(w, &polite_host);
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

static void addresses_are_tried_until_one_answers(void **state)
{
	struct world *w = *state;
	struct netaddr dead_then_good[] = { address("::1"), address("127.0.0.2"),
					    address("127.0.0.1") };
	struct netaddr dead[] = { address("127.0.0.2"), address("::1") };
	struct peer_server *v6;
	struct fetch f;

	play(w, &polite_host);
	f = get_from(w, dead_then_good, 3, in(SOON));
	assert_int_equal(f.reason, REASON_OK);
	assert_int_equal(f.reached, 3);
	f = get_from(w, dead, 2, in(SOON));
	assert_int_equal(f.reason, REASON_FETCH_CONNECT);
	assert_int_equal(f.not_after, 0);
	assert_int_equal(f.reached, 0);
	assert_true(f.detail[0] != '\0');
	assert_int_equal(get_from(w, dead, 0, in(SOON)).reason, REASON_FETCH_DNS);

	v6 = peer_server_start("::1", policy_host_serve, w);
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

static void memory_runs_out(void **state)
{
	struct world *w = *state;
	struct netaddr a = address("127.0.0.1");
	struct fetch f = { .host = HOST, .addrs = &a, .n_addrs = 1 };
	struct fetcher port = fetcher_curl_port(w->fetcher);
	struct arena small;

	play(w, &polite_host);
	arena_init(&small, 1000);
	port.get(port.ctx, &f, in(SOON), &small);
	assert_int_equal(f.reason, REASON_INTERNAL);
	arena_release(&small);
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
#define T(f) cmocka_unit_test_setup_teardown(f, policy_host_set_up, policy_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(policy_hosts_of_all_kinds),
		T(the_deadline_holds),
		T(the_request_is_what_it_should_be),
		T(a_redirect_is_not_followed),
		T(addresses_are_tried_until_one_answers),
		T(what_is_no_host_is_not_asked),
		T(memory_runs_out),
		T(many_at_once),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("fetcher", tests, NULL, NULL);
}
