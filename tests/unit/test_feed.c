/* `mta-sts feed` as systemd runs it, against a daemon that is told: what is sent, what waits while the daemon is away, how it ends. */
#include "tests/unit/test.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMTP "Nov 22 02:26:53 host postfix/smtp[4711]: "
#define DEFERRED                                                                                   \
	", relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=4.7.5, "               \
	"status=deferred (Server certificate not verified)\n"

struct scene {
	char dir[32], log[64], socket[64], cursor[64];
	FILE *said; /* its stderr */
	int listener;
	pid_t pid;
	unsigned n; /* messages */
};

static int set_up(void **state)
{
	static struct scene s;

	s = (struct scene){ .dir = "/tmp/test_feed.XXXXXX", .listener = -1 };
	if (mkdtemp(s.dir) == NULL)
		return -1;
	snprintf(s.log, sizeof(s.log), "%s/mail.log", s.dir);
	snprintf(s.socket, sizeof(s.socket), "%s/socket", s.dir);
	snprintf(s.cursor, sizeof(s.cursor), "%s/cursor", s.dir);
	signal(SIGPIPE, SIG_IGN);
	alarm(120);
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	if (s->listener >= 0)
		close(s->listener);
	unlink(s->log);
	unlink(s->socket);
	unlink(s->cursor);
	return rmdir(s->dir);
}

/* In one piece. */
static void add_many(struct scene *s, const char *to, int n)
{
	static char room[64 << 10];
	FILE *file = fopen(s->log, "a");

	assert_non_null(file);
	setvbuf(file, room, _IOFBF, sizeof(room));
	for (int i = 0; i < n; i++)
		fprintf(file, SMTP "4F2B8%X: to=<%s>" DEFERRED, s->n++, to);
	assert_int_equal(fclose(file), 0);
}

static void add(struct scene *s, const char *to)
{
	add_many(s, to, 1);
}

/* Until it says so. */
static void hear(struct scene *s, const char *words)
{
	char line[1000];

	do {
		if (fgets(line, sizeof(line), s->said) == NULL)
			fail_msg("it ended before it said \"%s\"", words);
	} while (strstr(line, words) == NULL);
}

static void start(struct scene *s, const char *option, const char *value)
{
	int both[2];

	assert_int_equal(pipe(both), 0);
	s->pid = fork();
	if (s->pid == 0) {
		dup2(both[1], STDERR_FILENO);
		close(both[0]);
		close(both[1]);
		freopen("/dev/null", "w", stdout);
		execl("./mta-sts", "mta-sts", "feed", "--socket", s->socket, s->log, option, value,
		      (char *)NULL);
		_exit(99);
	}
	close(both[1]);
	s->said = fdopen(both[0], "r");
	hear(s, "following ");
}

static int end(struct scene *s)
{
	int status = 0;

	while (waitpid(s->pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	fclose(s->said);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void begin_to_listen(struct scene *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", s->socket);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(s->listener, 5), 0);
}

static void go_away(struct scene *s)
{
	close(s->listener);
	s->listener = -1;
	unlink(s->socket);
}

/* The next request; the connection ends with it, as when the daemon restarts. */
static json_t *take_request(struct scene *s, const char *answer)
{
	static char text[300 << 10];
	int fd = accept(s->listener, NULL, NULL);
	size_t n = 0;
	ssize_t more;
	json_t *root;

	assert_true(fd >= 0);
	while (memchr(text, '\n', n) == NULL && (more = read(fd, text + n, sizeof(text) - n)) > 0)
		n += (size_t)more;
	assert_int_equal(write(fd, answer, strlen(answer)), strlen(answer));
	close(fd);
	root = json_loadb(text, n, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "verb")), "outcome");
	return root;
}

#define OK "{\"ok\":true,\"result\":{\"outcomes\":[{\"kept\":true,\"doubted\":false}]}}\n"

static void expect_domains(struct scene *s, const char *answer, const char *domains)
{
	json_t *root = take_request(s, answer), *one;
	char got[1000] = "";
	size_t i, at = 0;

	json_array_foreach(json_object_get(root, "outcomes"), i, one) at +=
		(size_t)snprintf(got + at, sizeof(got) - at, "%s ",
				 json_string_value(json_object_get(one, "nexthop")));
	assert_string_equal(got, domains);
	json_decref(root);
}

static void is_told(void **state)
{
	struct scene *s = *state;
	json_t *root, *wanted;

	begin_to_listen(s);
	add(s, "u@before.example");
	start(s, NULL, NULL);
	add(s, "u@example.com");
	root = take_request(s, OK);
	wanted = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s}]", "nexthop", "example.com", "mx",
			   "mx.example.com", "address", "192.0.2.1", "result", "validation-failure",
			   "source", "feed", "detail", "Server certificate not verified");
	assert_true(json_equal(json_object_get(root, "outcomes"), wanted));
	json_decref(wanted);
	json_decref(root);
	/* What was written before the signal is told still. */
	add(s, "u@last.example");
	kill(s->pid, SIGTERM);
	expect_domains(s, OK, "last.example ");
	assert_int_equal(end(s), 0);
}

static void daemon_is_away(void **state)
{
	struct scene *s = *state;

	start(s, NULL, NULL);
	add(s, "u@a.example");
	hear(s, "1 outcomes wait");
	begin_to_listen(s);
	expect_domains(s, OK, "a.example ");
	hear(s, "answers again");
	go_away(s);
	add(s, "u@b.example");
	hear(s, "1 outcomes wait");
	begin_to_listen(s);
	/* It is shutting down. */
	expect_domains(s, "{\"ok\":false,\"error\":\"stopping\",\"status\":75}\n", "b.example ");
	hear(s, "1 outcomes wait");
	expect_domains(s, OK, "b.example ");
	kill(s->pid, SIGINT);
	assert_int_equal(end(s), 0);
}

static void daemon_refuses(void **state)
{
	struct scene *s = *state;

	begin_to_listen(s);
	start(s, NULL, NULL);
	add(s, "u@a.example");
	expect_domains(s, "{\"ok\":false,\"error\":\"never\",\"status\":64}\n", "a.example ");
	hear(s, "never");
	add(s, "u@b.example");
	expect_domains(s, OK, "b.example ");
	kill(s->pid, SIGTERM);
	assert_int_equal(end(s), 0);
}

/* Neither repeats nor loses; what the daemon has not heard is read again. */
static void goes_on(void **state)
{
	struct scene *s = *state;

	begin_to_listen(s);
	add(s, "u@before.example");
	start(s, "--cursor", s->cursor);
	add(s, "u@a.example");
	kill(s->pid, SIGTERM);
	expect_domains(s, OK, "a.example ");
	assert_int_equal(end(s), 0);
	add(s, "u@b.example");
	go_away(s);
	start(s, "--cursor", s->cursor);
	hear(s, "1 outcomes wait");
	kill(s->pid, SIGTERM);
	hear(s, "were not told");
	assert_int_equal(end(s), 0);
	add(s, "u@c.example");
	begin_to_listen(s);
	start(s, "--cursor", s->cursor);
	expect_domains(s, OK, "b.example c.example ");
	kill(s->pid, SIGTERM);
	assert_int_equal(end(s), 0);
}

/* More than one request holds. */
static void many(void **state)
{
	struct scene *s = *state;
	json_t *root;

	begin_to_listen(s);
	start(s, NULL, NULL);
	add_many(s, "u@example.com", 150);
	kill(s->pid, SIGTERM);
	root = take_request(s, OK);
	assert_int_equal(json_array_size(json_object_get(root, "outcomes")), 100);
	json_decref(root);
	root = take_request(s, OK);
	assert_int_equal(json_array_size(json_object_get(root, "outcomes")), 50);
	json_decref(root);
	assert_int_equal(end(s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(daemon_is_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(daemon_refuses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
