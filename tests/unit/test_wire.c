/* From the configuration to the drivers: does a setting reach what it is about? */
#include "tests/unit/test.h"

#include "milter/daemon/wire.h"
#include "tests/net/mail_host.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct site {
	struct settings *settings;
	struct log *log;
	struct wire *wire;
	char database[64];
};

static void open_site(struct site *s, const struct world *w, const char *probe_settings)
{
	struct buf config, error;

	snprintf(s->database, sizeof(s->database), "/tmp/mta-sts-wire.%d", (int)getpid());
	buf_init(&config, 4000);
	buf_init(&error, 1000);
	buf_addf(&config, "[daemon]\ndatabase = %s\nworkers = 1\n", s->database);
	buf_addf(&config, "[dns]\ndns = 127.0.0.1@1\ndns_timeout = 100ms\n");
	buf_addf(&config, "[policy]\nca_bundle = %s\n", pki_bundle(w->pki));
	buf_addf(&config, "[probe]\n%s", probe_settings);
	if (settings_parse(buf_span(&config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	s->log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "test");
	if (wire_open(s->settings, s->log, &s->wire, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&config);
	buf_release(&error);
}

static void close_site(struct site *s)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char name[80];

	wire_close(s->wire);
	log_close(s->log);
	settings_free(s->settings);
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", s->database, suffixes[i]);
		(void)unlink(name);
	}
}

static struct fact probe_with(struct world *w, const char *probe_settings, const char *addr,
			      int64_t *ret_took)
{
	struct probe p = { .mx_host = HOST,
			   .port = peer_server_port(w->server),
			   .addr = address(addr) };
	int64_t began;
	struct prober prober;
	struct site s;

	open_site(&s, w, probe_settings);
	prober = wire_env(s.wire)->prober;
	began = clock_mono(&steady_clock);
	prober.probe(prober.ctx, &p, 1, in(60000));
	*ret_took = clock_mono(&steady_clock) - began;
	close_site(&s);
	return p.fact;
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

static void what_others_see_of_us(void **state)
{
	struct personality who = polite_host;
	struct world *w = *state;
	char want[400], name[256] = "";
	struct fact f;
	int64_t took;

	who.act = tell_peer;
	play(w, &who, w->good, 0);
	f = probe_with(w, "probe_helo = probe.own.example\nsource_address = 127.0.0.7\n",
		       "127.0.0.1", &took);
	expect("helo and source", &f, REASON_OK, "");
	expect_heard(w, "helo and source",
		     "EHLO probe.own.example\nSTARTTLS\nfrom 127.0.0.7\ntls QUIT\n");
	/* by default the host's own name, and the system's choice */
	play(w, &who, w->good, 0);
	f = probe_with(w, "", "127.0.0.1", &took);
	expect("defaults", &f, REASON_OK, "");
	assert_int_equal(gethostname(name, sizeof(name) - 1), 0);
	snprintf(want, sizeof(want), "EHLO %s\nSTARTTLS\nfrom 127.0.0.1\ntls QUIT\n", name);
	expect_heard(w, "defaults", want);
}

/* Each family has a source of its own; one that is not ours shows that it was tried. */
static void sources_of_both_families(void **state)
{
	struct world *w = *state;
	struct peer_server *v6;
	struct fact f;
	int64_t took;

	f = probe_with(w, "source_address6 = 2001:db8::1\n", "127.0.0.1", &took);
	expect("IPv6 source, IPv4 host", &f, REASON_OK, "");
	f = probe_with(w, "source_address = 192.0.2.1\n", "127.0.0.1", &took);
	expect("IPv4 source", &f, REASON_CONNECT_FAILED, "assign");
	v6 = peer_server_start("::1", mail_host_serve, w);
	if (v6 == NULL)
		skip(); /* no IPv6 here */
	peer_server_stop(v6);
	f = probe_with(w, "source_address6 = 2001:db8::1\n", "::1", &took);
	expect("IPv6 source", &f, REASON_CONNECT_FAILED, "assign");
}

static void tls_versions(void **state)
{
	struct world *w = *state;
	struct fact f;
	int64_t took;

	play(w, &polite_host, w->good, TLS1_2_VERSION);
	f = probe_with(w, "", "127.0.0.1", &took);
	expect("1.2 by default", &f, REASON_OK, "");
	assert_string_equal(f.tls, "TLSv1.2");
	f = probe_with(w, "probe_min_tls = 1.3\n", "127.0.0.1", &took);
	expect("1.3 at least", &f, REASON_TLS_VERSION, NULL);
	play(w, &polite_host, w->good, 0);
	f = probe_with(w, "probe_min_tls = 1.3\n", "127.0.0.1", &took);
	expect("1.3", &f, REASON_OK, "");
}

static void silence(struct peer *p)
{
	peer_until_gone(p);
}

static void time_limits(void **state)
{
	static const struct personality never_greets = { .act = silence };
	static const struct personality silent_at_ehlo = { .greeting = GREET, .act = silence };
	struct world *w = *state;
	struct fact f;
	int64_t took;

	play(w, &never_greets, w->good, 0);
	f = probe_with(w, "greeting_timeout = 1s\n", "127.0.0.1", &took);
	expect("greeting_timeout", &f, REASON_PROBE_TIMEOUT, "greeting");
	assert_in_range(took, 950, 3000);
	play(w, &silent_at_ehlo, w->good, 0);
	f = probe_with(w, "connect_timeout = 1s\ngreeting_timeout = 1s\nprobe_timeout = 1500ms\n",
		       "127.0.0.1", &took);
	expect("probe_timeout", &f, REASON_PROBE_TIMEOUT, "EHLO");
	assert_in_range(took, 1450, 4000);
}

/* A listener whose queue is full does not answer a SYN. */
static void nobody_answers(void **state)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), filler[4];
	socklen_t n = sizeof(sa);
	struct world *w = *state;
	struct prober prober;
	struct probe p = { .mx_host = HOST, .addr = address("127.0.0.1") };
	struct site s;
	int64_t began;

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(listen(fd, 0), 0);
	getsockname(fd, (struct sockaddr *)&sa, &n);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(filler[i], (struct sockaddr *)&sa, n);
	}
	p.port = ntohs(sa.sin_port);
	open_site(&s, w, "connect_timeout = 300ms\n");
	prober = wire_env(s.wire)->prober;
	began = clock_mono(&steady_clock);
	prober.probe(prober.ctx, &p, 1, in(60000));
	assert_in_range(clock_mono(&steady_clock) - began, 290, 2000);
	expect("connect_timeout", &p.fact, REASON_CONNECT_TIMEOUT, NULL);
	close_site(&s);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++)
		close(filler[i]);
	close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, mail_host_set_up, mail_host_tear_down)
	const struct CMUnitTest tests[] = {
		T(what_others_see_of_us), T(sources_of_both_families), T(tls_versions),
		T(time_limits),		  T(nobody_answers),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
