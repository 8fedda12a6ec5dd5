/* The control socket as clients of every kind use it: one who asks on, one who asks all at once, one who asks half, too much, or nothing. */
#include "tests/unit/test.h"

#include "common/base/buf.h"
#include "milter/daemon/control.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define STATUS "{\"verb\":\"status\"}\n"

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	struct log *log;
	struct control *control;
	char dir[32];
	char path[64];
};

static void dns(void *arg, struct dns_state *ret)
{
	(void)arg;
	*ret = (struct dns_state){ .dnssec = "validates" };
}

static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct identity id = { .uid = geteuid(), .gid = getegid(), .control_gid = getegid() };
	struct buf error;
	char text[128];

	buf_init(&error, 500);
	fake_world_init(&s->world);
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.store = fake_store_port(s->store);
	s->log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "test");
	snprintf(s->dir, sizeof(s->dir), "/tmp/control-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/socket", s->dir);
	snprintf(text, sizeof(text), "[daemon]\ncontrol_socket = %s\n", s->path);
	assert_int_equal(settings_parse(span_of(text), "test", &s->settings, &error), 0);
	s->settings->workers = 0;
	s->engine = engine_new(&s->env, s->settings);
	s->control = control_open(s->settings, &id, &error);
	if (s->control == NULL)
		fail_msg("%s", buf_text(&error));
	struct sources sources = { .engine = s->engine,
				   .env = &s->env,
				   .settings = s->settings,
				   .log = s->log,
				   .dns = dns };
	assert_int_equal(control_start(s->control, &sources), 0);
	buf_release(&error);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	control_close(s->control);
	rmdir(s->dir);
	engine_free(s->engine);
	log_close(s->log);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	free(s);
	return 0;
}

static int dial(struct stage *s)
{
	static const struct timeval patience = { 20, 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(un.sun_path, s->path, strlen(s->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* A whole answer; NULL: the daemon has hung up. */
static json_t *hear(int fd)
{
	struct buf line;
	json_t *answer = NULL;
	char c;

	buf_init(&line, 1 << 20);
	while (recv(fd, &c, 1, 0) == 1 && c != '\n')
		buf_addc(&line, c);
	if (line.n > 0) {
		answer = json_loadb(line.p, line.n, 0, NULL);
		assert_true(json_is_object(answer));
	}
	buf_release(&line);
	return answer;
}

static void expect_ok(int fd)
{
	json_t *answer = hear(fd);

	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
}

static void expect_refusal(int fd, const char *error)
{
	json_t *answer = hear(fd);

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), error);
	json_decref(answer);
}

static void expect_end(int fd)
{
	assert_null(hear(fd));
	close(fd);
}

static void several_requests_on_one_connection(void **state)
{
	int fd = dial(*state);

	for (int i = 0; i < 5; i++) {
		say(fd, STATUS);
		expect_ok(fd);
	}
	say(fd, "nonsense\n");
	expect_refusal(fd, "a request is one JSON object on one line");
	say(fd, STATUS);
	expect_ok(fd);
	shutdown(fd, SHUT_WR);
	expect_end(fd);
}

static void requests_that_come_together(void **state)
{
	int fd = dial(*state);

	say(fd, STATUS STATUS "\n" STATUS);
	shutdown(fd, SHUT_WR);
	expect_ok(fd);
	expect_ok(fd);
	expect_refusal(fd, "a request is one JSON object on one line");
	expect_ok(fd);
	expect_end(fd);
}

static void a_request_in_pieces(void **state)
{
	int fd = dial(*state);

	for (const char *p = STATUS; *p != '\0'; p++)
		assert_int_equal(send(fd, p, 1, MSG_NOSIGNAL), 1);
	expect_ok(fd);
	close(fd);
}

static void a_line_without_an_end(void **state)
{
	int fd = dial(*state);

	say(fd, "{\"verb\":");
	shutdown(fd, SHUT_WR);
	expect_refusal(fd, "the request ends in the middle of its line");
	expect_end(fd);
}

/* The longest that is taken, and one octet more. */
static void a_line_that_is_too_long(void **state)
{
	size_t n = LIMIT_CONTROL_LINE;
	char *line = malloc(n + 3);
	int fd = dial(*state);

	memset(line, ' ', n);
	memcpy(line, STATUS, strlen(STATUS) - 1);
	line[n] = '\n';
	line[n + 1] = '\0';
	say(fd, line);
	expect_ok(fd);
	line[n] = ' ';
	line[n + 1] = '\n';
	line[n + 2] = '\0';
	/* May be cut off while it still talks. */
	send(fd, line, n + 2, MSG_NOSIGNAL);
	expect_refusal(fd, "a request of more than 256 KiB");
	expect_end(fd);
	free(line);
}

/* Many clients, more than are served at once: those who go make room. */
static void more_clients_than_places(void **state)
{
	int fds[CONTROL_CLIENTS + 10];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = dial(*state);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		say(fds[i], STATUS);
		expect_ok(fds[i]);
		close(fds[i]);
	}
}

/* One that says nothing and one that dawdles lose their places at the same time; one that asks on keeps its. */
static void the_patience_for_a_request(void **state)
{
	struct timespec tick = { 0, 100000000 };
	int silent = dial(*state), slow = dial(*state), busy = dial(*state);
	struct pollfd over = { .fd = slow, .events = POLLIN };
	unsigned ticks = 0;

	while (poll(&over, 1, 0) == 0 && ticks++ < 150) {
		send(slow, " ", 1, MSG_NOSIGNAL);
		say(busy, STATUS);
		expect_ok(busy);
		nanosleep(&tick, NULL);
	}
	assert_true(ticks < 150);
	expect_end(silent);
	close(slow);
	say(busy, STATUS);
	expect_ok(busy);
	close(busy);
}

/* Its thread may not have got as far as its loop when the daemon is told to stop. */
static void an_end_right_after_the_beginning(void **state)
{
	const struct stage *s = *state;
	const struct identity id = { .uid = geteuid(), .gid = getegid(), .control_gid = getegid() };
	const struct sources sources = { .engine = s->engine,
					 .env = &s->env,
					 .settings = s->settings };
	char text[128];
	struct settings *settings;
	struct buf error;

	buf_init(&error, 500);
	snprintf(text, sizeof(text), "[daemon]\ncontrol_socket = %s/other\n", s->dir);
	assert_int_equal(settings_parse(span_of(text), "test", &settings, &error), 0);
	alarm(60);
	for (unsigned i = 0; i < 200; i++) {
		struct control *c = control_open(settings, &id, &error);

		assert_non_null(c);
		assert_int_equal(control_start(c, &sources), 0);
		control_close(c);
	}
	alarm(0);
	settings_free(settings);
	buf_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_requests_on_one_connection),
		cmocka_unit_test(requests_that_come_together),
		cmocka_unit_test(a_request_in_pieces),
		cmocka_unit_test(a_line_without_an_end),
		cmocka_unit_test(a_line_that_is_too_long),
		cmocka_unit_test(more_clients_than_places),
		cmocka_unit_test(the_patience_for_a_request),
		cmocka_unit_test(an_end_right_after_the_beginning),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
