#include "config.h"

#include "tests/bench/map_pests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/milter/milter_dial.h"

enum { TICK_MS = 10, OFTEN = 100, CHUNK = 65536 };

static const char REQUEST[] = "25:postfix company-1.example,";

enum habit { IDLE, SILENT, SLOW, HUGE_LENGTH, NEVER_READS };

struct pest {
	enum habit habit;
	int fd;	   /* -1: thrown out */
	size_t at; /* octets of REQUEST that were sent */
};

struct pests {
	const char *address;
	unsigned n;
	struct pest pest[PESTS_IDLE + PESTS_SLOW + PESTS_SILENT + 2];
};

static int arrive(struct pests *all, struct pest *p)
{
	static const char huge[] = "1073741824:postfix ";
	int fd = milter_dial(all->address);

	if (fd < 0)
		return fd;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	p->fd = fd;
	p->at = 0;
	if (p->habit == HUGE_LENGTH)
		(void)send(fd, huge, sizeof(huge) - 1, MSG_NOSIGNAL);
	if (p->habit == SILENT)
		(void)send(fd, REQUEST, sizeof(REQUEST) / 2, MSG_NOSIGNAL);
	return 0;
}

/* False: the server has closed. */
static bool push(struct pest *p, const char *what, size_t n)
{
	return send(p->fd, what, n, MSG_NOSIGNAL) > 0 || errno == EAGAIN;
}

static void misbehave(struct pests *all, struct pest *p, bool second)
{
	static char chunk[CHUNK];
	bool alive = true;

	if (p->fd < 0) {
		(void)arrive(all, p);
		return;
	}
	switch (p->habit) {
	case IDLE:
	case SILENT:
		break;
	case SLOW:
		alive = !second || push(p, &REQUEST[p->at++ % (sizeof(REQUEST) - 1)], 1);
		break;
	case HUGE_LENGTH:
		memset(chunk, 'x', sizeof(chunk));
		alive = push(p, chunk, sizeof(chunk));
		break;
	case NEVER_READS:
		for (int i = 0; alive && i < OFTEN; i++)
			alive = push(p, REQUEST, sizeof(REQUEST) - 1);
		break;
	}
	if (!alive) {
		(void)close(p->fd);
		p->fd = -1;
	}
}

static void add(struct pests *all, enum habit habit, unsigned n)
{
	for (; n > 0; n--)
		all->pest[all->n++] = (struct pest){ habit, -1, 0 };
}

static void live(struct pests *all, int ready)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	for (unsigned i = 0; i < all->n; i++)
		if (arrive(all, &all->pest[i]) < 0)
			_exit(1);
	(void)!write(ready, "", 1);
	for (unsigned t = 0;; t++) {
		/* The idle ones stand first and do nothing: looking at them would be our cost. */
		for (unsigned i = 0; i < all->n; i++)
			if (all->pest[i].habit != IDLE)
				misbehave(all, &all->pest[i], t % (1000 / TICK_MS) == 0);
		(void)nanosleep(&tick, NULL);
	}
}

int pests_start(const char *address, unsigned idle, pid_t *ret)
{
	struct pests all = { .address = address };
	int ready[2];
	char c;
	pid_t pid;
	ssize_t n;

	add(&all, IDLE, idle < PESTS_IDLE ? idle : PESTS_IDLE);
	add(&all, SILENT, PESTS_SILENT);
	add(&all, SLOW, PESTS_SLOW);
	add(&all, HUGE_LENGTH, 1);
	add(&all, NEVER_READS, 1);
	if (pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		live(&all, ready[1]);
	}
	(void)close(ready[1]);
	n = pid > 0 ? read(ready[0], &c, 1) : 0;
	(void)close(ready[0]);
	if (n != 1) {
		pests_stop(pid);
		return -ECONNREFUSED;
	}
	*ret = pid;
	return 0;
}

void pests_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}
