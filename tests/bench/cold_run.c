#include "config.h"

#include "tests/bench/cold_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "milter/daemon/log.h"
#include "milter/daemon/wire.h"
#include "tests/bench/figure.h"

/* In front of the one that is waited for so many are asked for: what the default queue holds. */
enum { WINDOW = 900, PATIENCE = 120000, COMPLAINTS = 10, TOLD = 16000 };

static const char HURRY[] =
	"dns_timeout = 2s\n"
	"[probe]\nconnect_timeout = 2s\ngreeting_timeout = 2s\nprobe_timeout = 3s\n"
	"[policy]\nfetch_timeout = 2s\n";

struct site {
	FILE *told; /* standard error belongs to the log */
	struct settings *settings;
	struct log *log;
	struct wire *wire;
	struct engine *engine;
	struct clock clock;
};

static int configure(const struct cold_run *run, struct site *s)
{
	AUTO(buf_release) struct buf text = { .max = 4000 }, error = { .max = 2000 };
	int r;

	buf_addf(&text, "[daemon]\ndatabase = %s/cold.db\nworkers = %u\nlog = stderr\n", run->dir,
		 run->workers);
	buf_adds(&text, "[dns]\ndns = 127.0.0.1@53\n");
	if (run->hurried)
		buf_adds(&text, HURRY);
	buf_addf(&text, "[policy]\nca_bundle = %s\nallow_networks = 127.0.0.0/8 ::1\n", run->roots);
	r = settings_parse(buf_span(&text), "cold.conf", &s->settings, &error);
	if (r == 0) {
		s->log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "cold");
		r = s->log == NULL ? -ENOMEM : wire_open(s->settings, s->log, &s->wire, &error);
	}
	if (r != 0)
		fprintf(s->told, "bench_cold: %s\n", buf_text(&error));
	return r > 0 ? -EINVAL : r;
}

static int open_site(const struct cold_run *run, struct site *s)
{
	int r = configure(run, s);

	if (r < 0)
		return r;
	wire_selftest(s->wire);
	wire_env(s->wire)->seed = 0x5eed;
	s->clock = wire_env(s->wire)->clock;
	s->engine = engine_new(wire_env(s->wire), s->settings);
	return s->engine != NULL ? 0 : -ENOMEM;
}

static struct nexthop hop_to(const struct cold_host *host)
{
	struct nexthop hop = { .kind = NEXTHOP_DOMAIN, .port = 25 };

	cold_name(host, hop.domain);
	return hop;
}

/* Asks without waiting: what a recipient does whose deadline is over. */
static void ask(struct site *s, const struct cold_host *host)
{
	struct nexthop hop = hop_to(host);
	struct judgement j;

	engine_check(s->engine, &hop, 0, &j);
	judgement_release(&j);
}

static void check(struct site *s, const struct cold_host *host, struct cold_result *result)
{
	struct nexthop hop = hop_to(host);
	struct judgement j;

	engine_check(s->engine, &hop, clock_mono(&s->clock) + PATIENCE, &j);
	result->answered++;
	if (j.knowledge != cold_knowledge(host->kind) || j.reason != cold_reason(host->kind)) {
		result->wrong++;
		if (result->wrong <= COMPLAINTS)
			fprintf(s->told, "bench_cold: %s: %s (%s), not %s (%s)\n", hop.domain,
				knowledge_name(j.knowledge), reason_name(j.reason),
				knowledge_name(cold_knowledge(host->kind)),
				reason_name(cold_reason(host->kind)));
	}
	judgement_release(&j);
}

static double cpu(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The most that was resident, of this process alone. */
static long memory_kib(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[200];
	long kib = 0;

	while (f != NULL && kib == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

/* All but the slow ones, in the order in which they were asked for; then the slow ones. */
static void judge_all(struct site *s, const struct cold_run *run, struct cold_result *ret)
{
	double begin = figure_now(), cpu_before = cpu();
	unsigned asked = 0;

	for (unsigned i = 0; i < run->asked; i++) {
		struct cold_host host = cold_domain(&run->plan, i);

		for (; asked < run->asked && asked < i + WINDOW; asked++) {
			struct cold_host next = cold_domain(&run->plan, asked);

			ask(s, &next);
		}
		if (cold_is_slow(host.kind))
			continue;
		check(s, &host, ret);
		ret->others++;
	}
	ret->seconds = figure_now() - begin;
	ret->cpu = cpu() - cpu_before;
	for (unsigned i = 0; i < run->asked; i++) {
		struct cold_host host = cold_domain(&run->plan, i);

		if (cold_is_slow(host.kind))
			check(s, &host, ret);
	}
	ret->seconds_all = figure_now() - begin;
	ret->memory_kib = memory_kib();
}

/* What the daemon logs goes to a file. */
static FILE *set_stderr_aside(const char *dir)
{
	char path[300];
	FILE *told = fdopen(dup(STDERR_FILENO), "w");
	int fd;

	(void)snprintf(path, sizeof(path), "%s/cold.log", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (told == NULL || fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(1);
	return told;
}

static int be_it(const struct cold_run *run, struct cold_result *ret)
{
	struct site s = { .told = set_stderr_aside(run->dir) };
	int r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	r = open_site(run, &s);
	if (r == 0)
		judge_all(&s, run, ret);
	(void)fflush(s.told);
	s.engine = engine_free(s.engine);
	s.wire = wire_close(s.wire);
	log_close(s.log);
	settings_free(s.settings);
	return r;
}

static void forget_database(const char *dir)
{
	static const char *const SUFFIX[] = { "", "-wal", "-shm" };
	char path[300];

	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/cold.db%s", dir, SUFFIX[i]);
		(void)unlink(path);
	}
}

/* Why it ended like that stands at the end of what it logged: a sanitizer's report, or what it could not open. */
static void tell_end(const char *dir, int status)
{
	char path[300], text[TOLD];
	FILE *f;
	size_t n = 0;

	if (WIFSIGNALED(status))
		fprintf(stderr, "bench_cold: a run died of signal %d\n", WTERMSIG(status));
	else
		fprintf(stderr, "bench_cold: a run ended with %d\n", WEXITSTATUS(status));
	(void)snprintf(path, sizeof(path), "%s/cold.log", dir);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fseek(f, -(long)sizeof(text), SEEK_END) != 0)
		rewind(f);
	n = fread(text, 1, sizeof(text), f);
	(void)fwrite(text, 1, n, stderr);
	(void)fclose(f);
}

int cold_run(const struct cold_run *run, struct cold_result *ret)
{
	struct cold_result *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED)
		return -errno;
	(void)fflush(NULL);
	forget_database(run->dir);
	pid = fork();
	if (pid == 0)
		_exit(be_it(run, shared) == 0 ? 0 : 1);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (status != 0) {
		tell_end(run->dir, status);
		return -ECHILD;
	}
	*ret = *shared;
	(void)munmap(shared, sizeof(*shared));
	return 0;
}
