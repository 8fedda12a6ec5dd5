/* The operator overrides a policy with the real command; the real daemon follows, also after a restart. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "tests/daemon/map_client.h"
#include "tests/daemon/mta.h"
#include "tests/daemon/village.h"

enum { WORDS = 20, OUTPUT = 65536 };

/* What the command has printed, both streams, and how it ended. */
struct said {
	int status;
	char text[OUTPUT];
};

static void read_all(int fd, struct said *ret)
{
	size_t n = 0;
	ssize_t got = 1;

	while (n < sizeof(ret->text) - 1 && (got != 0)) {
		got = read(fd, ret->text + n, sizeof(ret->text) - 1 - n);
		if (got < 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	ret->text[n] = '\0';
}

/* words: as on a command line, NULL ends them. */
static void command(const struct stage *s, const char *const *words, struct said *ret)
{
	const char *program = getenv("MTA_STS");
	const char *argv[WORDS + 4] = { program != NULL ? program : "./mta-sts", "-c",
					s->daemon.config };
	posix_spawn_file_actions_t actions;
	int out[2], status;
	pid_t pid;

	for (size_t i = 0; words[i] != NULL; i++) {
		assert_true(i < WORDS);
		argv[3 + i] = words[i];
	}
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, NULL), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	read_all(out[0], ret);
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Runs it and demands its status and each of the texts. */
static void expect(void **state, const char *const *words, int status, const char *const *texts)
{
	static struct said said;

	command(*state, words, &said);
	if (said.status != status)
		fail_msg("%s %s: status %d: %s", words[0], words[1], said.status, said.text);
	for (; *texts != NULL; texts++)
		if (strstr(said.text, *texts) == NULL)
			fail_msg("%s %s: no %s in %s", words[0], words[1], *texts, said.text);
}

#define RUN(...)   ((const char *const[]){ __VA_ARGS__, NULL })
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SILENT	   ((const char *const[]){ NULL })

/* "" is continue. */
static void expect_rcpt(void **state, const char *to, const char *want, const char *and)
{
	struct stage *s = *state;
	struct milter_client *c = mta_open(s->daemon.address, MTA_POSTFIX, "192.0.2.1");
	struct milter_reply reply;
	bool as_wanted;

	mta_mail(c, NULL);
	reply = mta_simple_rcpt(c, to);
	as_wanted = want[0] == '\0' ? reply.code == SMFIR_CONTINUE
				    : reply.code == SMFIR_REPLYCODE &&
					      strncmp(reply.text, want, strlen(want)) == 0;
	if (!as_wanted || (and != NULL && strstr(reply.text, and) == NULL))
		fail_msg("%s: got %c %s", to, reply.code, reply.text);
	milter_free(c);
}

static void restart(void **state)
{
	const struct daemon_options options = { .dns = "127.0.0.1@53" };
	struct stage *s = *state;

	assert_int_equal(daemon_stop(&s->daemon, NULL), 0);
	assert_int_equal(daemon_start(&s->daemon, &options), 0);
}

static void a_broken_receiver_gets_its_mail(void **state)
{
	struct stage *s = *state;
	char uid[32];

	(void)snprintf(uid, sizeof(uid), "\"uid\":%u", (unsigned)getuid());
	expect(state, RUN("override", "list"), 1, SILENT);
	expect_rcpt(state, "a@bare.example", "451 4.7.4", "MTA-STS enforce policy of bare.example");
	expect(state,
	       RUN("--json", "override", "add", "Bare.Example", "--mode", "none", "--until", "+2d",
		   "--reason", "their TLS is broken, ticket 4711", "--owner", "joe"),
	       0,
	       TEXTS("\"domain\":\"bare.example\"", "\"mode\":\"none\"", "\"warnings\":[]", uid));
	expect_rcpt(state, "a@bare.example", "", NULL);
	expect_rcpt(state, "a@forged.example", "451 4.7.5", NULL);
	assert_int_equal(daemon_await_logged(
				 &s->daemon,
				 TEXTS("event=override-added domain=bare.example mode=none",
				       "owner=joe", "reason=\"their TLS is broken, ticket 4711\"")),
			 1);
	assert_int_equal(daemon_await_logged(&s->daemon, TEXTS("event=rcpt", "rcpt=a@bare.example",
							       "reason=override-none",
							       "by=override", "answer=accept")),
			 1);
	expect(state, RUN("query", "bare.example"), 0,
	       TEXTS("override", "mode: none", "reason: override-none", "mode: enforce",
		     "ticket 4711"));
	expect(state, RUN("override", "list"), 0, TEXTS("domain=bare.example", "owner=joe"));

	restart(state);
	expect(state, RUN("override", "list", "bare.example"), 0,
	       TEXTS("domain=bare.example", "owner=joe"));
	expect_rcpt(state, "a@bare.example", "", NULL);

	expect(state, RUN("override", "remove", "bare.example"), 0, TEXTS("domain: bare.example"));
	expect_rcpt(state, "a@bare.example", "451 4.7.4", "MTA-STS enforce policy of bare.example");
	expect(state, RUN("override", "remove", "bare.example"), 1,
	       TEXTS("there is no override for bare.example"));
	expect(state, RUN("override", "list"), 1, SILENT);
	expect(state, RUN("--json", "override", "list", "--all"), 0,
	       TEXTS("\"ended\":\"removed\"", "\"ended_uid\":"));
	expect_rcpt(state, "a@bare.example", "451 4.7.4", NULL);
}

static void a_partner_without_a_policy_is_held_to_ours(void **state)
{
	expect_rcpt(state, "a@plain.example", "", NULL);
	expect(state,
	       RUN("override", "add", "plain.example", "--mode", "enforce", "--until", "+2d",
		   "--reason", "contract", "--mx", "mx.other.example", "--mx", "*.another.example"),
	       0, TEXTS("mx.other.example", "*.another.example"));
	expect_rcpt(state, "a@plain.example", "451 4.7.5",
		    "the operator of this server has set for plain.example");
	/* the next one takes its place */
	expect(state,
	       RUN("override", "add", "plain.example", "--mode", "enforce", "--until", "+2d",
		   "--reason", "contract", "--mx", "*.good.example"),
	       0, TEXTS("*.good.example"));
	expect_rcpt(state, "a@plain.example", "", NULL);
	expect(state, RUN("override", "list", "plain.example", "--all"), 0,
	       TEXTS("ended=replaced"));
	expect(state, RUN("override", "remove", "plain.example"), 0, SILENT);
}

/* To the second, by the daemon's own housekeeping. */
static void it_ends_by_itself(void **state)
{
	static const char *const ended[] = { "event=override-expired domain=bare.example", NULL };
	struct stage *s = *state;

	expect(state,
	       RUN("override", "add", "bare.example", "--mode", "none", "--until", "2s", "--reason",
		   "short"),
	       0, SILENT);
	expect_rcpt(state, "a@bare.example", "", NULL);
	for (int i = 0; i < 5 && daemon_await_logged(&s->daemon, ended) == 0; i++)
		;
	assert_int_equal(daemon_logged(&s->daemon, ended), 1);
	expect_rcpt(state, "a@bare.example", "451 4.7.4", NULL);
	expect(state, RUN("override", "list", "bare.example", "--all"), 0, TEXTS("ended=expired"));
}

static void refusals_say_what_to_do(void **state)
{
	expect(state, RUN("override", "add", "bare.example"), 64, TEXTS("expected --mode"));
	expect(state, RUN("override", "add", "bare.example", "--mode", "none"), 64,
	       TEXTS("--until 2026-12-31"));
	expect(state, RUN("override", "add", "bare.example", "--mode", "none", "--until", "+2d"),
	       64, TEXTS("--reason"));
	expect(state,
	       RUN("override", "add", "[mx.bare.example]:25", "--mode", "none", "--until", "+2d",
		   "--reason", "r"),
	       64, TEXTS("without brackets and port"));
	expect(state,
	       RUN("override", "add", "plain.example", "--mode", "enforce", "--until", "+2d",
		   "--reason", "r"),
	       64, TEXTS("name them with --mx"));
	expect(state, RUN("override", "list", "--all", "nobody.example"), 1, SILENT);
}

/* The delivery agent hears it at once, and the log says what has changed since the recipient was accepted. */
static void a_delivery_tells_the_change(void **state)
{
	static const char *const CHANGED[] = { "event=delivery",
					       "nexthop=good.example",
					       "demand=nothing",
					       " id=",
					       "changed=\"enforce id=1 -> override none\"",
					       NULL };
	struct stage *s = *state;
	AUTO(map_close) int fd = map_open(&s->daemon, "policy.sock");
	char got[MAP_ANSWER];

	expect_rcpt(state, "user@good.example", "", NULL);
	assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
	expect(state,
	       RUN("override", "add", "good.example", "--mode", "none", "--until", "+2d",
		   "--reason", "a test", "--owner", "joe"),
	       0, SILENT);
	assert_string_equal(map_ask(fd, "postfix good.example", got), "NOTFOUND ");
	assert_true(daemon_await_logged(&s->daemon, CHANGED) > 0);
	expect(state, RUN("override", "remove", "good.example"), 0, SILENT);
	assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_receiver_gets_its_mail),
		cmocka_unit_test(a_partner_without_a_policy_is_held_to_ours),
		cmocka_unit_test(a_delivery_tells_the_change),
		cmocka_unit_test(it_ends_by_itself),
		cmocka_unit_test(refusals_say_what_to_do),
	};
	int status = village_enter();

	return status != 0 ? status
			   : cmocka_run_group_tests(tests, village_setup, village_teardown);
}
