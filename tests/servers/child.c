#include "config.h"

#include "tests/servers/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/milter/milter_dial.h"

enum { STEP_MS = 5 };

int64_t child_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap(void)
{
	struct timespec t = { 0, STEP_MS * 1000000L };

	(void)nanosleep(&t, NULL);
}

static _Noreturn void become(const char *const *argv, const char *errors)
{
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (errors != NULL) {
		fd = open(errors, O_WRONLY | O_CREAT | O_APPEND, 0644);
		if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
			_exit(127);
		(void)close(fd);
	}
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execv(argv[0], (char *const *)argv);
	_exit(127);
}

int child_start(struct child *c, const char *const *argv, const char *errors)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(argv, errors);
	c->pid = pid;
	return 0;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* True when it has ended; then *ret_status is set, and there is nothing left to wait for. */
static bool ended(struct child *c, int *ret_status)
{
	int status;

	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	*ret_status = status_of(status);
	return true;
}

int child_await(struct child *c, const char *address, int timeout_ms)
{
	int64_t until = child_now() + timeout_ms;
	int status;

	do {
		int fd = milter_dial(address);

		if (fd >= 0) {
			(void)close(fd);
			return 0;
		}
		if (ended(c, &status))
			return -ECHILD;
		nap();
	} while (child_now() < until);
	return -ETIMEDOUT;
}

int child_stop(struct child *c, int signal, int timeout_ms, int64_t *ret_ms)
{
	int64_t from = child_now();
	int status = 0;

	if (c->pid == 0)
		return 0;
	(void)kill(c->pid, signal);
	while (!ended(c, &status)) {
		if (child_now() - from > timeout_ms) {
			(void)kill(c->pid, SIGKILL);
			(void)waitpid(c->pid, &status, 0);
			c->pid = 0;
			status = -ETIMEDOUT;
			break;
		}
		nap();
	}
	if (ret_ms != NULL)
		*ret_ms = child_now() - from;
	return status;
}
