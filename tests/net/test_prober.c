#include "tests/unit/test.h"

#include "tests/net/mail_host.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void silence(struct peer *p)
{
	peer_until_gone(p);
}

static void drip(struct peer *p)
{
	while (peer_say(p, "x") && peer_pause(p, 20))
		;
}

static void endless_lines(struct peer *p)
{
	while (peer_say(p, "250-AGAIN\r\n"))
		;
}

static void endless_line(struct peer *p)
{
	while (peer_say(p, "250-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
		;
}

static void hang_up(struct peer *p)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	shutdown(p->fd, SHUT_RDWR);
}

static void plain_talk(struct peer *p)
{
	peer_say(p, "454 TLS? What TLS?\r\n");
	peer_until_gone(p);
}

static void alert(struct peer *p)
{
	peer_send(p, "\025\003\003\000\002\002\050", 7); /* fatal, handshake_failure */
	peer_until_gone(p);
}

/* clang-format off */
static const struct personality personalities[] = {
	{ "polite", GREET, EHLO, GO, NULL, true, REASON_OK, "" },
	{ "many lines", "220-be\r\n220-patient\r\n220 now\r\n", "250-mx\r\n250-8BITMIME\r\n250-starttls\r\n250 HELP\r\n", "220-a\r\n220 b\r\n", NULL, true, REASON_OK, "" },
	{ "bare LF", "220 hello\n", "250-mx\n250 STARTTLS\n", "220 go\n", NULL, true, REASON_OK, "" },

	{ "not now", "421 too busy\r\n", NULL, NULL, NULL, false, REASON_GREETING_REFUSED, "421 too busy" },
	{ "not you", "554 go away\r\n", NULL, NULL, NULL, false, REASON_GREETING_REFUSED, "554 go away" },
	{ "hostile refusal", "554 \033[2J\"x\"\r\n", NULL, NULL, NULL, false, REASON_GREETING_REFUSED, "554 \\x1b[2J\\x22x\\x22" },
	{ "EHLO later", GREET, "451 later\r\n", NULL, NULL, false, REASON_GREETING_REFUSED, "451 later" },
	{ "EHLO by policy", GREET, "550 blocked\r\n", NULL, NULL, false, REASON_GREETING_REFUSED, "550 blocked" },
	{ "EHLO unknown (RFC 5321 s4.3.2)", GREET, "502 what\r\n", NULL, NULL, false, REASON_STARTTLS_MISSING, "502 what" },
	{ "EHLO unrecognised", GREET, "500 what\r\n", NULL, NULL, false, REASON_STARTTLS_MISSING, "500 what" },
	{ "no STARTTLS", GREET, "250-mx\r\n250 SIZE\r\n", NULL, NULL, false, REASON_STARTTLS_MISSING, "250 mx" },
	{ "STARTTLS as host name only", GREET, "250 STARTTLS\r\n", NULL, NULL, false, REASON_STARTTLS_MISSING, NULL },
	{ "XSTARTTLS", GREET, "250-mx\r\n250 XSTARTTLS\r\n", NULL, NULL, false, REASON_STARTTLS_MISSING, NULL },
	{ "STARTTLS later", GREET, EHLO, "454 not now\r\n", NULL, false, REASON_STARTTLS_REFUSED, "454 not now" },
	{ "STARTTLS never", GREET, EHLO, "502 no\r\n", NULL, false, REASON_STARTTLS_REFUSED, "502 no" },
	{ "STARTTLS 250", GREET, EHLO, "250 fine\r\n", NULL, false, REASON_STARTTLS_REFUSED, "250 fine" },

	{ "plaintext behind the 220 (RFC 3207 s6)", GREET, EHLO, GO "250 smuggled\r\n", NULL, false, REASON_STARTTLS_INJECTED, "" },
	{ "one octet behind the 220", GREET, EHLO, GO "\n", NULL, false, REASON_STARTTLS_INJECTED, "" },
	{ "EHLO answered ahead", GREET EHLO, NULL, NULL, NULL, false, REASON_PROBE_PROTOCOL, NULL },
	{ "STARTTLS answered ahead", GREET, EHLO GO, NULL, NULL, false, REASON_PROBE_PROTOCOL, NULL },

	{ "no SMTP", "SSH-2.0-OpenSSH_9.2\r\n", NULL, NULL, NULL, false, REASON_PROBE_PROTOCOL, NULL },
	{ "TLS from the first octet", "\025\003\001\001\002\002\026", NULL, NULL, endless_line, false, REASON_PROBE_PROTOCOL, NULL },
	{ "greeting without end", "220-a\r\n", NULL, NULL, endless_lines, false, REASON_PROBE_PROTOCOL, NULL },
	{ "lines without end", GREET, "250-mx\r\n", NULL, endless_lines, false, REASON_PROBE_PROTOCOL, NULL },
	{ "a line without end", GREET, "250-mx\r\n250-", NULL, endless_line, false, REASON_PROBE_PROTOCOL, NULL },

	{ "gone at once", NULL, NULL, NULL, hang_up, false, REASON_PROBE_CLOSED, NULL },
	{ "gone after the greeting", GREET, NULL, NULL, hang_up, false, REASON_PROBE_CLOSED, NULL },
	{ "gone in the middle of a reply", GREET, "250-mx\r\n250-", NULL, hang_up, false, REASON_PROBE_CLOSED, NULL },
	{ "gone at the handshake", GREET, EHLO, GO, hang_up, false, REASON_TLS_HANDSHAKE, NULL },
	{ "plaintext for a handshake", GREET, EHLO, GO, plain_talk, false, REASON_TLS_HANDSHAKE, "wrong version number" },
	{ "an alert for a handshake", GREET, EHLO, GO, alert, false, REASON_TLS_HANDSHAKE, "handshake failure" },
};

static const struct personality slow[] = {
	{ "drips", GREET, "250-", NULL, drip, false, REASON_PROBE_TIMEOUT, "waiting for the answer to EHLO" },
	{ "silent at EHLO", GREET, NULL, NULL, silence, false, REASON_PROBE_TIMEOUT, "waiting for the answer to EHLO" },
	{ "silent at STARTTLS", GREET, EHLO, NULL, silence, false, REASON_PROBE_TIMEOUT, "waiting for the answer to STARTTLS" },
	{ "silent at the handshake", GREET, EHLO, GO, silence, false, REASON_PROBE_TIMEOUT, "in the TLS handshake" },
	{ "never greets", NULL, NULL, NULL, silence, false, REASON_PROBE_TIMEOUT, "waiting for the greeting" },
	{ "drips a greeting", "220-", NULL, NULL, drip, false, REASON_PROBE_TIMEOUT, "waiting for the greeting" },
};
/* clang-format on */

static void servers_of_all_kinds(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(personalities); i++) {
		const struct personality *who = &personalities[i];
		struct fact f;

		play(w, who, w->good, 0);
		f = probe(w);
		expect(who->name, &f, who->reason, who->detail);
		if (f.reason != REASON_OK && (f.tls[0] != '\0' || f.not_after != 0))
			fail_msg("%s: has a certificate", who->name);
	}
}

/* EHLO with our name, SNI = MX host (RFC 8461 s7.1), QUIT at the end, and nothing else: no mail is ever begun. */
static void what_a_probe_says(void **state)
{
	struct world *w = *state;
	struct fact f = probe(w);

	assert_int_equal(f.reason, REASON_OK);
	assert_int_equal(f.outcome, OUTCOME_PASSED);
	assert_string_equal(f.tls, "TLSv1.3");
	assert_in_range(f.not_after - clock_wall(&steady_clock), 29 * 86400, 30 * 86400);
	expect_heard(w, "good", "EHLO probe.example\nSTARTTLS\ntls QUIT\n");
	pthread_mutex_lock(&w->lock);
	assert_string_equal(w->sni, HOST);
	pthread_mutex_unlock(&w->lock);

	play(w, &(struct personality){ .greeting = "554 no\r\n" }, w->good, 0);
	probe(w);
	expect_heard(w, "refused", "QUIT\n");
	play(w, &(struct personality){ .greeting = GREET, .ehlo = "250 mx\r\n" }, w->good, 0);
	probe(w);
	expect_heard(w, "no STARTTLS", "EHLO probe.example\nQUIT\n");
}

static void deadlines_hold(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		struct prober_tls_options o = probe_defaults;
		bool greets = slow[i].detail == NULL ||
			      strcmp(slow[i].detail, "waiting for the greeting") != 0;
		int64_t before, took;
		struct fact f;

		play(w, &slow[i], w->good, 0);
		if (!greets)
			o.greeting_timeout_ms = BRIEF;
		else if (i % 2 == 0)
			o.probe_timeout_ms = BRIEF;
		open_prober(w, o);
		before = clock_mono(&steady_clock);
		f = probe_host(w, HOST, "127.0.0.1", peer_server_port(w->server),
			       greets && i % 2 == 1 ? in(BRIEF) : in(SOON));
		took = clock_mono(&steady_clock) - before;
		expect(slow[i].name, &f, slow[i].reason, slow[i].detail);
		assert_int_equal(f.outcome, OUTCOME_INCONCLUSIVE);
		if (took < BRIEF - 5 || took > BRIEF + 1000)
			fail_msg("%s: took %lld ms", slow[i].name, (long long)took);
	}
}

static void nobody_there(void **state)
{
	struct world *w = *state;
	uint16_t port = peer_server_port(w->server);
	struct fact f = probe_host(w, HOST, "127.0.0.2", port, in(SOON));

	expect("refused", &f, REASON_CONNECT_FAILED, "refused");
	f = probe_host(w, HOST, "::1", port, in(SOON));
	expect("refused or no IPv6", &f, REASON_CONNECT_FAILED, NULL);
	f = probe_host(w, HOST, "127.0.0.1", port, in(-1));
	assert_int_equal(f.outcome, OUTCOME_INCONCLUSIVE);
}

/* A listener whose queue is full does not answer a SYN. */
static void no_answer_at_all(void **state)
{
	struct prober_tls_options o = probe_defaults;
	struct world *w = *state;
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0), filler[4];
	int64_t before;
	struct fact f;

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(listen(fd, 0), 0);
	getsockname(fd, (struct sockaddr *)&sa, &n);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(filler[i], (struct sockaddr *)&sa, n);
	}
	o.connect_timeout_ms = BRIEF;
	open_prober(w, o);
	before = clock_mono(&steady_clock);
	f = probe_host(w, HOST, "127.0.0.1", ntohs(sa.sin_port), in(SOON));
	expect("no answer", &f, REASON_CONNECT_TIMEOUT, NULL);
	assert_true(clock_mono(&steady_clock) - before < BRIEF + 1000);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++)
		close(filler[i]);
	close(fd);
}

static void tell_peer(struct peer *p)
{
	struct world *w = p->ctx;
	struct sockaddr_in sa;
	socklen_t n = sizeof(sa);

	getpeername(p->fd, (struct sockaddr *)&sa, &n);
	inet_ntop(AF_INET, &sa.sin_addr, p->line, sizeof(p->line));
	note(w, p, "from ");
}

static void source_addresses(void **state)
{
	struct prober_tls_options o = probe_defaults;
	struct personality who = polite_host;
	struct world *w = *state;
	struct fact f;

	who.act = tell_peer;
	play(w, &who, w->good, 0);
	o.source_address = "127.0.0.7";
	open_prober(w, o);
	f = probe(w);
	expect("source", &f, REASON_OK, "");
	expect_heard(w, "source", "EHLO probe.example\nSTARTTLS\nfrom 127.0.0.7\ntls QUIT\n");
	o.source_address = "192.0.2.1"; /* not ours */
	open_prober(w, o);
	f = probe(w);
	expect("not ours", &f, REASON_CONNECT_FAILED, "assign");
}

static void ipv6(void **state)
{
	struct world *w = *state;
	struct peer_server *v6 = peer_server_start("::1", mail_host_serve, w);
	struct prober_tls_options o = probe_defaults;
	struct fact f;

	if (v6 == NULL)
		skip();
	o.source_address = "192.0.2.1"; /* of the other family: no matter */
	o.source_address6 = "::1";
	open_prober(w, o);
	f = probe_host(w, HOST, "::1", peer_server_port(v6), in(SOON));
	expect("::1", &f, REASON_OK, "");
	peer_server_stop(v6);
}

static void settings_are_checked(void **state)
{
	static const struct {
		const char *helo, *source, *source6, *error;
	} cases[] = {
		{ "", "", "", "probe_helo: \"\" is no host name" },
		{ "a b", "", "", "probe_helo: \"a b\" is no host name" },
		{ "a\r\nRSET", "", "", "probe_helo: \"a\\x0d\\x0aRSET\" is no host name" },
		{ "h", "::1", "", "source_address: \"::1\" is no IPv4 address" },
		{ "h", "127.0.0.256", "", "source_address: \"127.0.0.256\" is no IPv4 address" },
		{ "h", "", "127.0.0.1", "source_address6: \"127.0.0.1\" is no IPv6 address" },
		{ "h", "", "::1", NULL },
		{ "[192.0.2.1]", NULL, NULL, NULL },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct prober_tls_options o = probe_defaults;
		struct prober_tls *p = NULL;
		struct buf error;
		int r;

		buf_init(&error, 1024);
		o.helo = cases[i].helo;
		o.source_address = cases[i].source;
		o.source_address6 = cases[i].source6;
		r = prober_tls_open(&o, w->trust, &steady_clock, &p, &error);
		assert_int_equal(r, cases[i].error != NULL ? PROBER_INVALID : 0);
		assert_string_equal(buf_text(&error), cases[i].error != NULL ? cases[i].error : "");
		prober_tls_close(p);
		buf_release(&error);
	}
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

/* All of one call side by side: together they take as long as the slowest. */
static void side_by_side(void **state)
{
	static const struct personality slow_greeting = { .act = silence };
	struct prober_tls_options o = probe_defaults;
	struct prober driver;
	struct world *w = *state;
	struct peer_server *sleepy = peer_server_start("127.0.0.1", mail_host_serve, w);
	struct probe p[24];
	int64_t before;
	int fds;

	o.greeting_timeout_ms = BRIEF;
	open_prober(w, o);
	driver = prober_tls_port(w->prober);
	play(w, &slow_greeting, w->good, 0);
	fds = count_fds();
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		p[i] = (struct probe){ .mx_host = HOST,
				       .port = peer_server_port(i % 2 ? w->server : sleepy),
				       .addr = address(i % 3 == 2 ? "127.0.0.9" : "127.0.0.1") };
	before = clock_mono(&steady_clock);
	driver.probe(driver.ctx, p, ARRAY_LEN(p), in(SOON));
	assert_true(clock_mono(&steady_clock) - before < 2 * BRIEF);
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		assert_int_equal(p[i].fact.reason,
				 i % 3 == 2 ? REASON_CONNECT_FAILED : REASON_PROBE_TIMEOUT);
	/* 16 connections: the servers keep two descriptors of each until they see the end, and one after */
	assert_true(count_fds() <= fds + 2 * 16);
	driver.probe(driver.ctx, p, 0, in(SOON));
	peer_server_stop(sleepy);
	assert_true(count_fds() <= fds + 2 * 8);
}

struct thinker {
	atomic_bool probe_is_back, still_there;
};

static void think_about_quit(struct peer *p)
{
	struct thinker *t = p->ctx;
	char c;

	peer_say(p, "554 no\r\n");
	peer_hear(p);
	while (!atomic_load(&t->probe_is_back) && peer_pause(p, 1))
		;
	atomic_store(&t->still_there,
		     recv(p->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN);
	peer_say(p, "221 bye\r\n");
	peer_until_gone(p);
}

/* RFC 5321 s4.1.1.10: who says QUIT waits for the answer. The one who has asked for the probe does not. */
static void the_answer_to_quit(void **state)
{
	struct thinker t = { 0 };
	struct world *w = *state;
	struct peer_server *host = peer_server_start("127.0.0.1", think_about_quit, &t);
	struct probe p = { .mx_host = HOST,
			   .port = peer_server_port(host),
			   .addr = address("127.0.0.1") };
	struct prober driver;

	open_prober(w, probe_defaults);
	driver = prober_tls_port(w->prober);
	driver.probe(driver.ctx, &p, 1, in(SOON));
	assert_int_equal(p.fact.reason, REASON_GREETING_REFUSED);
	atomic_store(&t.probe_is_back, true);
	peer_server_settle(host);
	assert_true(atomic_load(&t.still_there));
	peer_server_stop(host);
}

struct changer {
	const struct identity *id;
	atomic_bool probe_is_back, has_quit, shaken_again;
};

/* TLS 1.2 lets a server ask for a new handshake, also of somebody who has said QUIT. */
static void change_the_keys(struct peer *p)
{
	unsigned char before[SSL3_RANDOM_SIZE], after[SSL3_RANDOM_SIZE];
	struct changer *c = p->ctx;
	char answer;

	peer_say(p, GREET);
	peer_hear(p);
	peer_say(p, EHLO);
	peer_hear(p);
	peer_say(p, GO);
	if (!peer_tls(p, c->id, TLS1_2_VERSION))
		return;
	atomic_store(&c->has_quit, peer_hear(p));
	while (!atomic_load(&c->probe_is_back) && peer_pause(p, 1))
		;
	SSL_get_client_random(p->ssl, before, sizeof(before));
	SSL_renegotiate(p->ssl);
	SSL_do_handshake(p->ssl);
	SSL_read(p->ssl, &answer, 1);
	SSL_get_client_random(p->ssl, after, sizeof(after));
	atomic_store(&c->shaken_again, memcmp(before, after, sizeof(before)) != 0);
}

/* Its certificates would be looked at by a probe that is over. */
static void no_second_handshake(void **state)
{
	struct world *w = *state;
	struct changer c = { .id = w->good };
	struct peer_server *host = peer_server_start("127.0.0.1", change_the_keys, &c);
	struct fact f = probe_host(w, HOST, "127.0.0.1", peer_server_port(host), in(SOON));

	expect("TLS 1.2", &f, REASON_OK, "");
	atomic_store(&c.probe_is_back, true);
	peer_server_settle(host);
	peer_server_stop(host);
	assert_true(atomic_load(&c.has_quit));
	assert_false(atomic_load(&c.shaken_again));
}

/* No descriptors left: that says nothing about the MX host. */
static void our_own_trouble(void **state)
{
	struct world *w = *state;
	struct rlimit before, tight;
	struct fact f;

	probe(w); /* everything that opens files on first use has done so */
	getrlimit(RLIMIT_NOFILE, &before);
	tight = before;
	tight.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &tight);
	f = probe(w);
	setrlimit(RLIMIT_NOFILE, &before);
	expect("no descriptors", &f, REASON_PROBE_LOCAL, "open files");
	assert_int_equal(f.outcome, OUTCOME_INCONCLUSIVE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, mail_host_set_up, mail_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(servers_of_all_kinds),
		T(what_a_probe_says),
		T(deadlines_hold),
		T(nobody_there),
		T(no_answer_at_all),
		T(source_addresses),
		T(ipv6),
		T(settings_are_checked),
		T(side_by_side),
		T(the_answer_to_quit),
		T(no_second_handshake),
		T(our_own_trouble),
	};

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	return cmocka_run_group_tests_name("prober", tests, NULL, NULL);
}
