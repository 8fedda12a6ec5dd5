/* bench_postfix - messages per second through a real Postfix, with our milter, with one that takes every step, with none
 *
 * smtp-source delivers to one of three smtpd of the same Postfix, which delivers to smtp-sink; a run
 * ends when the last message has arrived there. The recipient's domain has an enforce policy, known
 * before anything is timed: our milter adds its header field to every message. Runs in the namespaces of
 * with_postfix.sh. Everything logs to a /dev/log of our own.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tests/bench/figure.h"
#include "tests/bench/town.h"
#include "tests/servers/syslog_sink.h"

enum {
	MESSAGES = 1000,
	WARM_MESSAGES = 100,
	QUICK_MESSAGES = 100,
	SESSIONS = 10,
	PAIRS = 11,
	PORT = 2501,
	WAIT_MS = 60000
};
enum who { OURS, EVERY_STEP, NONE, N_WHO };

static const char *const NAME[] = { "ours", "null_milter", "no_milter" };

struct world {
	struct stage stage;
	struct syslog_sink *log;
	struct child null_milter;
	pid_t sink;
	int counter; /* what smtp-sink says */
	unsigned long arrived;
};

static int fail(const char *what, int r)
{
	fprintf(stderr, "bench_postfix: %s: %s\n", what, strerror(r < 0 ? -r : 0));
	return -1;
}

/* Runs a program to its end. */
static int command(const char *const *argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int start_sink(struct world *w)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	w->sink = fork();
	if (w->sink == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(p[1], STDOUT_FILENO);
		execlp("smtp-sink", "smtp-sink", "-c", "-u", "nobody", "127.0.0.10:2525", "256",
		       NULL);
		_exit(127);
	}
	(void)close(p[1]);
	w->counter = p[0];
	return w->sink < 0 ? -errno : 0;
}

/* smtp-sink writes "sess=1 quit=2 mesg=3" over and over. The last number may be cut: then the next read has it. */
static int await_arrival(struct world *w, unsigned long total)
{
	char text[65536 + 1];
	size_t kept = 0;

	while (w->arrived < total) {
		struct pollfd p = { w->counter, POLLIN, 0 };
		ssize_t n = poll(&p, 1, WAIT_MS) == 1
				    ? read(w->counter, text + kept, sizeof(text) - 1 - kept)
				    : -1;
		char *last, *end;

		if (n <= 0)
			return -ETIMEDOUT;
		kept += (size_t)n;
		text[kept] = '\0';
		end = strrchr(text, '\r');
		if (end == NULL)
			end = strrchr(text, '\n');
		if (end == NULL)
			continue;
		*end = '\0';
		last = strrchr(text, '=');
		if (last != NULL)
			w->arrived = strtoul(last + 1, NULL, 10);
		kept = strlen(end + 1);
		memmove(text, end + 1, kept + 1);
	}
	return 0;
}

/* One run: seconds until the last message is there, or negative. */
static double run(struct world *w, enum who who, unsigned messages)
{
	char port[32], count[16], sessions[16], to[LOAD_NAME + 8], domain[LOAD_NAME];
	/* clang-format off */
	const char *const argv[] = { "smtp-source", "-s", sessions, "-m", count, "-l", "4096", "-f", "sender@bench.sender.example", "-t", to, port, NULL };
	/* clang-format on */
	double from = figure_now();
	int r;

	(void)snprintf(port, sizeof(port), "127.0.0.1:%d", PORT + (int)who);
	(void)snprintf(count, sizeof(count), "%u", messages);
	(void)snprintf(sessions, sizeof(sessions), "%d", SESSIONS);
	town_enforce_name(0, domain);
	(void)snprintf(to, sizeof(to), "user@%s", domain);
	r = command(argv);
	if (r == 0)
		r = await_arrival(w, w->arrived + messages);
	if (r < 0)
		return fail(NAME[who], r);
	return figure_now() - from;
}

static int start_milters(struct world *w)
{
	const struct daemon_options options = { .to_syslog = true, .dns = "127.0.0.1@53" };
	static const char *const null_milter[] = { "tests/bench/null_milter", "-A", "17",
						   "unix:/tmp/null.sock", NULL };
	int r = daemon_start(&w->stage.daemon, &options);

	if (r == 0)
		r = chmod(w->stage.daemon.dir, 0755) < 0 ? -errno : 0;
	if (r == 0 && symlink(w->stage.daemon.address + strlen("unix:"), "/tmp/ours.sock") < 0)
		r = -errno;
	if (r == 0 && chmod(w->stage.daemon.address + strlen("unix:"), 0666) < 0)
		r = -errno;
	if (r == 0)
		r = child_start(&w->null_milter, null_milter, NULL);
	if (r == 0)
		r = child_await(&w->null_milter, "unix:/tmp/null.sock", 5000);
	if (r == 0 && chmod("/tmp/null.sock", 0666) < 0)
		r = -errno;
	return r;
}

static int build(struct world *w)
{
	static const char *const start[] = { "postfix", "start", NULL };
	int r = town_open(&w->stage);

	if (r == 0)
		r = town_store(&w->stage, 16);
	if (r == 0)
		r = start_milters(w);
	if (r == 0)
		r = start_sink(w);
	if (r == 0)
		r = command(start);
	return r;
}

static void print(enum who against, double target, double *rate, double *ratio, int n)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "postfix_messages_vs_%s", NAME[against]);
	figure_print(&(struct figure){ .name = name,
				       .value = figure_median(rate, n),
				       .unit = "messages/s",
				       .against = NAME[against],
				       .ratio = figure_median(ratio, n),
				       .kind = TARGET_AT_LEAST,
				       .target = target });
}

static int measure(struct world *w, int pairs, unsigned messages)
{
	double rate[N_WHO][PAIRS], ratio[N_WHO][PAIRS], lines;

	for (int i = -1; i < pairs; i++) {
		double seconds[N_WHO];

		for (int turn = 0; turn < N_WHO; turn++) {
			enum who who = (enum who)((i + 1 + turn) % N_WHO);

			seconds[who] = run(w, who, i < 0 ? WARM_MESSAGES : messages);
			if (seconds[who] < 0)
				return -1;
		}
		for (int who = 0; i >= 0 && who < N_WHO; who++) {
			rate[who][i] = messages / seconds[who];
			ratio[who][i] = seconds[who] / seconds[OURS];
		}
	}
	print(EVERY_STEP, 1.0, rate[OURS], ratio[EVERY_STEP], pairs);
	print(NONE, 0.70, rate[OURS], ratio[NONE], pairs);
	/* What makes the figures honest: each message was judged, and logged. */
	(void)usleep(200000);
	lines = (double)syslog_sink_counts(w->log).lines;
	figure_print(&(struct figure){ .name = "postfix_log_lines",
				       .value = lines,
				       .unit = "lines",
				       .against = "messages",
				       .ratio = lines / (WARM_MESSAGES + (double)pairs * messages),
				       .kind = TARGET_AT_LEAST,
				       .target = 1 });
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const stop[] = { "postfix", "stop", NULL };
	struct world w = { .counter = -1 };
	int r = syslog_sink_start("/mnt", "mta-sts-milter", "event=rcpt", &w.log);

	if (r == 0)
		r = build(&w);
	if (r < 0)
		fail("the world", r);
	else if (argc > 1 && strcmp(argv[1], "--quick") == 0)
		r = measure(&w, 1, QUICK_MESSAGES);
	else
		r = measure(&w, PAIRS, MESSAGES);
	(void)command(stop);
	if (w.sink > 0)
		(void)kill(w.sink, SIGKILL);
	(void)child_stop(&w.null_milter, SIGKILL, 1000, NULL);
	stage_close(&w.stage);
	syslog_sink_stop(w.log);
	return r == 0 ? 0 : 1;
}
