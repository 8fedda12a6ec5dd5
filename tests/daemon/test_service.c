/* The policy service's life: start over what a crash has left, a full room, a bad disk, stop in the middle of questions. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "tests/daemon/map_client.h"
#include "tests/daemon/village.h"

static const char EXTRA[] = "[delivery]\nsocketmap_deadline = 60s\n";

static const struct daemon_options OPTIONS = { .dns = "127.0.0.1@53", .extra = EXTRA };

/* With so few files there is room for a quarter as many connections: idle ones make place for those that come. */
enum { FILES = 320, ROOM = FILES / 4 };

static void a_full_room(void **state)
{
	enum { CLIENTS = 2 * ROOM };
	struct stage *s = *state;
	int fds[CLIENTS], busy = map_open(&s->daemon, "policy.sock");
	char got[MAP_ANSWER];

	for (size_t i = 0; i < CLIENTS; i++) {
		fds[i] = map_open(&s->daemon, "policy.sock");
		assert_memory_equal(map_ask(fds[i], "postfix good.example", got), "OK secure", 9);
		assert_memory_equal(map_ask(busy, "postfix good.example", got), "OK secure", 9);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		bool stayed = i > CLIENTS - ROOM;

		if (stayed)
			map_send_request(fds[i], "postfix good.example");
		assert_string_equal(map_answer(fds[i], got),
				    stayed ? "OK secure match=mx.good.example servername=hostname"
					   : "");
		map_close(&fds[i]);
	}
	map_close(&busy);
}

static void a_client_that_reads_nothing(void **state)
{
	enum { REQUESTS = 4000 };
	struct stage *s = *state;
	AUTO(map_close) int fd = map_open(&s->daemon, "policy.sock");
	AUTO(map_close) int other = map_open(&s->daemon, "policy.sock");
	static const char request[] = "20:postfix good.example,";
	char got[MAP_ANSWER];
	size_t sent = 0;

	/* Until neither side takes any more. */
	while (sent < 100 * REQUESTS &&
	       send(fd, request, sizeof(request) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) ==
		       (ssize_t)sizeof(request) - 1)
		sent++;
	assert_true(sent > 0 && sent < 100 * REQUESTS);
	for (size_t i = 0; i < 100; i++)
		assert_memory_equal(map_ask(other, "postfix good.example", got), "OK secure", 9);
	/* And when it reads again, nothing is missing. */
	for (size_t i = 0; i < sent; i++)
		assert_memory_equal(map_answer(fd, got), "OK secure", 9);
}

static void stale_sockets_are_replaced(void **state)
{
	struct stage *s = *state;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char got[MAP_ANSWER];
	int fd;

	assert_int_equal(daemon_stop(&s->daemon, NULL), 0);
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/policy.sock", s->daemon.dir);
	assert_int_equal(access(un.sun_path, F_OK), -1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	(void)close(fd);
	assert_int_equal(access(un.sun_path, F_OK), 0);
	assert_int_equal(daemon_start(&s->daemon, &OPTIONS), 0);
	fd = map_open(&s->daemon, "policy.sock");
	assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
	map_close(&fd);
}

/* What good.example demands is known from the database alone: without it the answer would be NOTFOUND. */
static void expect_held(const struct daemon *d)
{
	AUTO(map_close) int fd = map_open(d, "policy.sock");
	char got[MAP_ANSWER];

	assert_string_equal(map_ask(fd, "postfix good.example", got),
			    "OK secure match=mx.good.example servername=hostname");
	assert_memory_equal(map_ask(fd, "sts bare.example", got), "OK secure", 9);
	assert_memory_equal(line_ask(d, "policy good.example\n", false, got), "secure ", 7);
}

static void make_noise(const char *path, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t at = 0; at < n; at += sizeof("noise"))
		assert_int_equal(pwrite(fd, "noise", sizeof("noise"), (off_t)at), sizeof("noise"));
	(void)close(fd);
}

/* Damage that is found at the start is salvaged; a database that nobody may write to is read. */
static void a_bad_disk_at_the_start(void **state)
{
	static const char *const salvaged[] = { "was damaged", NULL };
	struct stage *s = *state;

	assert_int_equal(daemon_stop(&s->daemon, NULL), 0);
	make_noise(s->daemon.database, 1000);
	assert_int_equal(daemon_start(&s->daemon, &OPTIONS), 0);
	expect_held(&s->daemon);
	assert_int_equal(daemon_await_logged(&s->daemon, salvaged), 1);

	(void)child_stop(&s->daemon.child, SIGKILL, 1000, NULL);
	if (geteuid() == 0)
		assert_int_equal(chown(s->daemon.database, 0, 0), 0);
	assert_int_equal(chmod(s->daemon.database, 0444), 0);
	assert_int_equal(daemon_start(&s->daemon, &OPTIONS), 0);
	expect_held(&s->daemon);
}

/* Damage while it runs costs nothing of what memory knows. */
static void a_bad_disk_meanwhile(void **state)
{
	struct stage *s = *state;
	struct stat st;

	expect_held(&s->daemon);
	assert_int_equal(chmod(s->daemon.database, 0600), 0);
	assert_int_equal(stat(s->daemon.database, &st), 0);
	make_noise(s->daemon.database, (size_t)st.st_size);
	(void)usleep(1100000); /* the answer is not one of a second ago */
	expect_held(&s->daemon);
}

/* Who still waits when the daemon stops is told what is known. */
static void stop_while_they_wait(void **state)
{
	struct stage *s = *state;
	int waiting[3];
	int64_t ms = 0;
	char got[MAP_ANSWER];

	for (size_t i = 0; i < 3; i++) {
		waiting[i] = map_open(&s->daemon, i < 2 ? "policy.sock" : "exim.sock");
		if (i < 2)
			map_send_request(waiting[i], "postfix a.silent.example");
		else
			map_send(waiting[i], "policy b.silent.example\n", 24);
	}
	(void)usleep(300000);
	assert_int_equal(daemon_stop(&s->daemon, &ms), 0);
	assert_true(ms < 10000);
	assert_memory_equal(map_answer(waiting[0], got), "TEMP ", 5);
	assert_memory_equal(map_answer(waiting[1], got), "TEMP ", 5);
	assert_int_equal(recv(waiting[2], got, 6, MSG_WAITALL), 6);
	assert_memory_equal(got, "defer ", 6);
	for (size_t i = 0; i < 3; i++)
		map_close(&waiting[i]);
	(void)snprintf(got, sizeof(got), "%s/policy.sock", s->daemon.dir);
	assert_int_equal(access(got, F_OK), -1);
	(void)snprintf(got, sizeof(got), "%s/exim.sock", s->daemon.dir);
	assert_int_equal(access(got, F_OK), -1);
}

static int set_up(void **state)
{
	static struct stage stage;
	const struct rlimit few = { FILES, FILES };

	*state = &stage;
	if (setrlimit(RLIMIT_NOFILE, &few) != 0)
		return -1;
	return village_open(&stage, EXTRA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_room),
		cmocka_unit_test(a_client_that_reads_nothing),
		cmocka_unit_test(stale_sockets_are_replaced),
		cmocka_unit_test(a_bad_disk_at_the_start),
		cmocka_unit_test(a_bad_disk_meanwhile),
		cmocka_unit_test(stop_while_they_wait), /* the last */
	};
	int r = village_enter();

	return r != 0 ? r : cmocka_run_group_tests(tests, set_up, village_teardown);
}
