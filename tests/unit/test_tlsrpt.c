/* libtlsrpt's datagrams: the byte-exact one, its quirks, its bounds; and the socket that takes them from whom it trusts. */
#include "tests/unit/test.h"

#include "milter/daemon/tlsrpt_datagram.h"
#include "milter/daemon/tlsrpt_socket.h"
#include "tests/unit/control_kit.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD                                                                                       \
	"{\"dpv\": \"1\",\"d\": \"example.com\",\"pr\": \"v=TLSRPTv1;rua=mailto:r@example.com\","
/* As libtlsrpt 0.5 writes it. */
static const char example[] = HEAD
	"\"policies\":[{\"policy-type\":2,\"policy-domain\": \"example.com\","
	"\"policy-string\":[\"version: STSv1\",\"mode: enforce\"],\"mx-host\":[\"*.example.com\"],"
	"\"failure-details\":[{\"c\":204,\"s\": \"192.0.2.1\",\"n\": \"mx1.example.com\","
	"\"r\": \"198.51.100.2\"}],\"t\":1,\"f\":1}]}";

struct parsed {
	struct arena arena;
	struct tlsrpt_datagram d;
	const char *why;
	int r;
};

static struct parsed parse_span(struct span text)
{
	struct parsed p = { .why = "" };

	arena_init(&p.arena, TLSRPT_MEMORY);
	p.r = tlsrpt_datagram_parse(text, &p.arena, &p.d, &p.why);
	return p;
}

static struct parsed parse(const char *text)
{
	return parse_span(span_of(text));
}

static void the_example(void **state)
{
	struct parsed p = parse(example);
	const struct tls_outcome *o = p.d.outcomes;

	(void)state;
	assert_int_equal(p.r, 0);
	assert_string_equal(p.d.hop.domain, "example.com");
	assert_int_equal(p.d.n, 1);
	assert_int_equal(o->source, OUTCOME_OF_SESSION);
	assert_int_equal(o->result, TLS_RESULT_EXPIRED);
	assert_string_equal(o->policy, "type sts\ndomain example.com\nstring version: STSv1\n"
				       "string mode: enforce\nmx *.example.com\n");
	assert_string_equal(o->record, "v=TLSRPTv1;rua=mailto:r@example.com");
	assert_string_equal(o->mx, "mx1.example.com");
	assert_string_equal(o->sending_ip, "192.0.2.1");
	assert_string_equal(o->receiving_ip, "198.51.100.2");
	assert_string_equal(o->helo, "");
	assert_true(o->count == 1 && o->sessions == 1);
	arena_release(&p.arena);
}

#define POLICY(fields) HEAD "\"policies\":[{" fields "}]}"

static void tolerant(void **state)
{
	static const struct {
		const char *name, *text;
		unsigned n, sessions; /* outcomes, failed sessions */
		const char *domain, *reason;
	} cases[] = {
		{ "no dpv", "{\"d\":\"example.com\",\"policies\":[{\"policy-type\":9,\"f\":0}]}", 1,
		  0, "example.com", "" },
		{ "capitals and a dot",
		  "{\"d\":\"Example.COM.\",\"policies\":[{\"policy-type\":9,\"f\":0}]}", 1, 0,
		  "example.com", "" },
		{ "no UTF-8",
		  POLICY("\"policy-type\":1,\"failure-details\":[{\"c\":205,\"f\": "
			 "\"a\xff\xc3z\"}],"
			 "\"t\":1,\"f\":1"),
		  1, 1, "example.com", "a??z" },
		{ "control characters",
		  POLICY("\"policy-type\":1,\"failure-details\":[{\"c\":205,\"f\": \"a\\u000ab\"}],"
			 "\"t\":1,\"f\":1"),
		  1, 1, "example.com", "a\\x0ab" },
		{ "failed without saying how", POLICY("\"policy-type\":2,\"t\":0,\"f\":1"), 1, 1,
		  "example.com", "" },
		{ "came right in the end",
		  POLICY("\"policy-type\":2,\"failure-details\":[{\"c\":201},{\"c\":203}],\"f\":0"),
		  3, 0, "example.com", "" },
		{ "failed in two ways",
		  POLICY("\"policy-type\":2,\"failure-details\":[{\"c\":201},{\"c\":203}],\"f\":1"),
		  2, 1, "example.com", "" },
		{ "two policies",
		  HEAD "\"policies\":[{\"policy-type\":1,\"f\":1},{\"policy-type\":2,\"f\":0}]}", 2,
		  1, "example.com", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p = parse(cases[i].text);
		unsigned sessions = 0;

		if (p.r != 0 || p.d.n != cases[i].n)
			fail_msg("%s: %s", cases[i].name, p.why);
		for (size_t j = 0; j < p.d.n; j++)
			sessions += (unsigned)p.d.outcomes[j].sessions;
		if (sessions != cases[i].sessions ||
		    strcmp(p.d.outcomes[0].reason, cases[i].reason) != 0)
			fail_msg("%s: %u %s", cases[i].name, sessions, p.d.outcomes[0].reason);
		assert_string_equal(p.d.hop.domain, cases[i].domain);
		assert_int_equal(p.d.outcomes[0].sessions, sessions > 0); /* the first one */
		arena_release(&p.arena);
	}
}

static void strict(void **state)
{
	static const char *const cases[] = {
		"",
		"[]",
		"{}",
		"{\"d\":\"example.com\"}",
		"{\"d\":\"example.com\",\"policies\":[]}",
		"{\"d\":\"example.com\",\"policies\":{}}",
		"{\"policies\":[{\"policy-type\":9,\"f\":0}]}",
		"{\"d\":\"[192.0.2.1]\",\"policies\":[{\"policy-type\":9,\"f\":0}]}",
		"{\"d\":\"a b\",\"policies\":[{\"policy-type\":9,\"f\":0}]}",
		"{\"d\":7,\"policies\":[{\"policy-type\":9,\"f\":0}]}",
		POLICY("\"policy-type\":9"),
		POLICY("\"policy-type\":9,\"f\":2"),
		POLICY("\"policy-type\":9,\"f\":\"1\""),
		POLICY("\"policy-type\":3,\"f\":0"),
		POLICY("\"policy-type\":0,\"f\":0"),
		POLICY("\"f\":0"),
		POLICY("\"policy-type\":2,\"f\":0,\"policy-string\":\"x\""),
		POLICY("\"policy-type\":2,\"f\":0,\"mx-host\":[1]"),
		POLICY("\"policy-type\":2,\"f\":1,\"failure-details\":[{\"c\":901}]"),
		POLICY("\"policy-type\":2,\"f\":1,\"failure-details\":[{\"c\":0}]"),
		POLICY("\"policy-type\":2,\"f\":1,\"failure-details\":[{}]"),
		POLICY("\"policy-type\":2,\"f\":1,\"failure-details\":[{\"c\":204,\"n\":1}]"),
		POLICY("\"policy-type\":2,\"f\":1") " ",
		POLICY("\"policy-type\":2,\"f\":1") "x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p = parse(cases[i]);

		if (i == ARRAY_LEN(cases) - 2) /* a blank at the end is still one object */
			assert_int_equal(p.r, 0);
		else if (p.r != TLSRPT_MALFORMED || p.why[0] == '\0')
			fail_msg("%s", cases[i]);
		arena_release(&p.arena);
	}
}

/* So many, and one more. */
static int with_many(const char *before, const char *each, size_t n, const char *after)
{
	struct buf text;
	struct parsed p;

	buf_init(&text, 1 << 20);
	assert_int_equal(buf_adds(&text, before), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_addf(&text, "%s%s", i > 0 ? "," : "", each), 0);
	assert_int_equal(buf_adds(&text, after), 0);
	p = parse_span(buf_span(&text));
	arena_release(&p.arena);
	buf_release(&text);
	return p.r;
}

static void bounds(void **state)
{
	static const struct {
		const char *before, *each, *after;
		size_t most;
	} cases[] = {
		{ "{\"d\":\"e.example\",\"policies\":[", "{\"policy-type\":9,\"f\":0}", "]}",
		  TLSRPT_POLICIES },
		{ "{\"d\":\"e.example\",\"policies\":[{\"policy-type\":9,\"f\":1,"
		  "\"failure-details\":[",
		  "{\"c\":201}", "]}]}", TLSRPT_FAILURES },
		{ "{\"d\":\"e.example\",\"policies\":[{\"policy-type\":9,\"f\":1,\"policy-string\":"
		  "[",
		  "\"x\"", "]}]}", TLSRPT_STRINGS },
		{ "{\"d\":\"e.example\",\"policies\":[{\"policy-type\":9,\"f\":1,\"mx-host\":[",
		  "\"x\"", "]}]}", TLSRPT_STRINGS },
	};
	static char long_one[LIMIT_OUTCOME + 1];
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
			with_many(cases[i].before, cases[i].each, cases[i].most, cases[i].after),
			0);
		assert_int_equal(with_many(cases[i].before, cases[i].each, cases[i].most + 1,
					   cases[i].after),
				 TLSRPT_MALFORMED);
	}
	memset(long_one, ' ', sizeof(long_one));
	memcpy(long_one, example, sizeof(example) - 1);
	p = parse_span(span_make(long_one, LIMIT_OUTCOME));
	assert_int_equal(p.r, 0);
	arena_release(&p.arena);
	p = parse_span(span_make(long_one, LIMIT_OUTCOME + 1));
	assert_int_equal(p.r, TLSRPT_MALFORMED);
	arena_release(&p.arena);
}

struct listening {
	struct stage *stage;
	char dir[64], path[100];
	struct identity id;
	struct event_base *base;
	struct tlsrpt_socket *t;
	unsigned lines;
	char line[LIMIT_LOG_LINE + 1];
};

static void hear(void *arg, enum log_level level, const char *line)
{
	struct listening *l = arg;

	(void)level;
	if (strncmp(line, "event=tlsrpt", 12) == 0)
		l->lines++;
	snprintf(l->line, sizeof(l->line), "%s", line);
}

static int open_socket(void **state)
{
	struct listening *l = calloc(1, sizeof(*l));
	struct buf error = { .max = 1000 };
	void *stage;

	if (l == NULL || control_kit_set_up(&stage) != 0)
		return -1;
	l->stage = stage;
	snprintf(l->dir, sizeof(l->dir), "/tmp/test_tlsrpt.XXXXXX");
	assert_non_null(mkdtemp(l->dir));
	assert_int_equal(chmod(l->dir, 0755), 0);
	snprintf(l->path, sizeof(l->path), "%s/s", l->dir);
	l->stage->settings->tlsrpt_socket = l->path;
	l->stage->settings->socketmap_mode = 0666;
	l->stage->env.notice = hear;
	l->stage->env.notice_arg = l;
	l->id = (struct identity){ .uid = geteuid(), .gid = getegid(), .socketmap_gid = getegid() };
	l->t = tlsrpt_socket_open(l->stage->settings, &l->id, &error);
	if (l->t == NULL)
		fail_msg("%s", buf_text(&error));
	l->base = event_base_new();
	tlsrpt_socket_tell(l->t, &l->stage->env, l->stage->outcomes);
	assert_int_equal(tlsrpt_socket_attach(l->t, l->base), 0);
	*state = l;
	return 0;
}

static int close_socket(void **state)
{
	struct listening *l = *state;
	void *stage = l->stage;

	tlsrpt_socket_detach(l->t);
	tlsrpt_socket_close(l->t);
	event_base_free(l->base);
	assert_int_equal(access(l->path, F_OK), -1);
	assert_int_equal(rmdir(l->dir), 0);
	free(l);
	return control_kit_tear_down(&stage);
}

/* As libtlsrpt does: unbound, never waiting. */
static int send_one(const struct listening *l, const char *text, size_t n)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t sent;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", l->path);
	sent = sendto(fd, text, n, MSG_DONTWAIT, (struct sockaddr *)&un, sizeof(un));
	close(fd);
	return sent == (ssize_t)n ? 0 : -1;
}

static struct tlsrpt_status turn(struct listening *l)
{
	assert_true(event_base_loop(l->base, EVLOOP_NONBLOCK) >= 0);
	return tlsrpt_socket_status(l->t);
}

static void count_failures(void *arg, const struct tls_outcome *o)
{
	uint64_t *failures = arg;

	if (o->result == TLS_RESULT_EXPIRED)
		*failures += o->count;
}

static void taken(void **state)
{
	struct listening *l = *state;
	const struct store *s = &l->stage->env.store;
	struct tlsrpt_status st;
	uint64_t failures = 0;

	for (int i = 0; i < 3; i++)
		assert_int_equal(send_one(l, example, sizeof(example) - 1), 0);
	st = turn(l);
	assert_true(st.datagrams == 3 && st.refused == 0 && st.malformed == 0);
	assert_int_equal(outcomes_status(l->stage->outcomes).failures, 3);
	assert_int_equal(outcomes_status(l->stage->outcomes).waiting, 1); /* counted together */
	assert_non_null(strstr(l->line, "event=outcome domain=example.com mx=mx1.example.com "
					"addr=198.51.100.2 result=certificate-expired "
					"source=session policy=sts"));
	outcomes_flush(l->stage->outcomes);
	assert_int_equal(s->outcomes(s->ctx, l->stage->world.wall / 86400, "example.com", "", 0, 10,
				     count_failures, &failures),
			 0);
	assert_int_equal(failures, 3);
}

static void malformed(void **state)
{
	struct listening *l = *state;
	char *long_one = calloc(1, LIMIT_OUTCOME + 500);

	assert_int_equal(send_one(l, "", 0), 0);
	assert_int_equal(send_one(l, "{}", 2), 0);
	memset(long_one, ' ', LIMIT_OUTCOME + 500);
	memcpy(long_one, example, sizeof(example) - 1);
	assert_int_equal(send_one(l, long_one, LIMIT_OUTCOME + 500), 0);
	assert_int_equal(turn(l).malformed, 3);
	assert_int_equal(l->lines, 1); /* the others within the hour are counted */
	fake_world_pass(&l->stage->world, 3601);
	assert_int_equal(send_one(l, "x", 1), 0);
	assert_int_equal(turn(l).malformed, 4);
	assert_int_equal(l->lines, 2);
	assert_non_null(strstr(l->line, "unsaid=2"));
	assert_int_equal(tlsrpt_socket_status(l->t).datagrams, 0);
	free(long_one);
}

static void from_a_stranger(void **state)
{
	struct listening *l = *state;
	struct tlsrpt_status st;
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		print_message("not root: nobody else to be\n");
		skip();
	}
	pid = fork();
	if (pid == 0)
		_exit(setgid(65534) != 0 || setuid(65534) != 0 ||
		      send_one(l, example, sizeof(example) - 1) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	st = turn(l);
	assert_true(st.refused == 1 && st.datagrams == 0);
	assert_int_equal(outcomes_status(l->stage->outcomes).failures, 0);
	assert_int_equal(l->lines, 1);
	assert_non_null(strstr(l->line, "uid=65534"));
}

/* More than the queue holds: the sender is told at once, what was taken counts, and we come back for the rest. */
static void a_flood(void **state)
{
	struct listening *l = *state;
	unsigned sent = 0;

	while (sent < 100000 && send_one(l, example, sizeof(example) - 1) == 0)
		sent++;
	assert_true(sent > 0);
	for (unsigned i = 0; i <= sent / 16; i++)
		turn(l);
	assert_int_equal(tlsrpt_socket_status(l->t).datagrams, sent);
	assert_int_equal(outcomes_status(l->stage->outcomes).waiting, 1);
}

/* A user that this host does not have is nobody; that none of them exists is worth a line. */
static void users(void **state)
{
	struct listening *l = *state;
	const char *nobody[] = { "no-such-user-here", "neither-this-one" };
	struct settings *s = l->stage->settings;
	struct buf error = { .max = 1000 };

	assert_int_equal(l->lines, 0); /* root is there */
	tlsrpt_socket_detach(l->t);
	l->t = tlsrpt_socket_close(l->t);
	s->tlsrpt_users = (struct string_list){ .v = (void *)nobody, .n = 2 };
	l->t = tlsrpt_socket_open(s, &l->id, &error);
	assert_non_null(l->t);
	tlsrpt_socket_tell(l->t, &l->stage->env, l->stage->outcomes);
	assert_int_equal(l->lines, 1);
	assert_int_equal(tlsrpt_socket_attach(l->t, l->base), 0);
	assert_int_equal(send_one(l, example, sizeof(example) - 1), 0); /* our own user */
	assert_int_equal(turn(l).datagrams, 1);
}

static void is_not_taken_from_a_daemon_that_runs(void **state)
{
	struct listening *l = *state;
	struct buf error = { .max = 1000 };

	assert_null(tlsrpt_socket_open(l->stage->settings, &l->id, &error));
	assert_non_null(strstr(buf_text(&error), "tlsrpt_socket: another process"));
	buf_release(&error);
	assert_int_equal(send_one(l, example, sizeof(example) - 1), 0);
	assert_int_equal(turn(l).datagrams, 1);
}

int main(void)
{
#define WITH_SOCKET(test) cmocka_unit_test_setup_teardown(test, open_socket, close_socket)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example),
		cmocka_unit_test(tolerant),
		cmocka_unit_test(strict),
		cmocka_unit_test(bounds),
		WITH_SOCKET(taken),
		WITH_SOCKET(malformed),
		WITH_SOCKET(from_a_stranger),
		WITH_SOCKET(a_flood),
		WITH_SOCKET(users),
		WITH_SOCKET(is_not_taken_from_a_daemon_that_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
