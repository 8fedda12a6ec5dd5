#include "config.h"

#include "milter/daemon/log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	GATHER_MS = 10,	  /* lines are written at the latest so much later */
	PATIENCE_MS = 100 /* a line waits so long for room */
};

/* A waiting line is its level as one byte, its text, and '\n'. */
struct lines {
	size_t n;
	char *p;
};

struct log {
	enum log_target target;
	enum log_level least;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* the writer has a reason to wake */
	pthread_cond_t room;  /* the writer has taken what waited, or has finished */
	struct lines filling; /* by log_line() */
	struct lines writing; /* by the writer alone */
	bool asleep;	      /* the writer: a first line has to wake it */
	bool busy;	      /* the writer: lines are on their way to the sink */
	bool stuck; /* somebody has waited for room in vain; until the writer moves again nobody else does */
	bool stopping;
	uint64_t dropped, reported;
	pthread_t thread;
};

static int priority_of(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_WARNING:
		return LOG_WARNING;
	case LOG_LEVEL_DEBUG:
		return LOG_DEBUG;
	case LOG_LEVEL_INFO:
		break;
	}
	return LOG_INFO;
}

static void write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDERR_FILENO, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

/* Takes the level bytes out, in place, and writes everything at once. */
static void write_stderr(struct lines *lines)
{
	size_t in = 0, out = 0;

	while (in < lines->n) {
		const char *end = memchr(lines->p + in + 1, '\n', lines->n - in - 1);
		size_t n = (size_t)(end - (lines->p + in));

		memmove(lines->p + out, lines->p + in + 1, n);
		out += n;
		in += n + 1;
	}
	write_all(lines->p, out);
}

static void write_syslog(struct lines *lines)
{
	size_t in = 0;

	while (in < lines->n) {
		char *line = lines->p + in + 1;
		char *end = memchr(line, '\n', lines->n - in - 1);

		*end = '\0';
		syslog(priority_of((enum log_level)lines->p[in]), "%s", line);
		in = (size_t)(end - lines->p) + 1;
	}
}

static void write_lines(struct log *l)
{
	if (l->target == LOG_TARGET_STDERR)
		write_stderr(&l->writing);
	else
		write_syslog(&l->writing);
	l->writing.n = 0;
}

static bool add(struct log *l, enum log_level level, const char *line)
{
	size_t n = strlen(line);

	if (l->filling.n + n + 2 > LOG_BUFFER)
		return false;
	l->filling.p[l->filling.n] = (char)level;
	memcpy(l->filling.p + l->filling.n + 1, line, n);
	l->filling.p[l->filling.n + 1 + n] = '\n';
	l->filling.n += n + 2;
	return true;
}

static void report_dropped(struct log *l)
{
	char line[80];

	if (l->dropped == l->reported)
		return;
	snprintf(line, sizeof(line), "event=log-dropped count=%" PRIu64, l->dropped - l->reported);
	if (add(l, LOG_LEVEL_WARNING, line))
		l->reported = l->dropped;
}

static void later(struct timespec *t, long ms)
{
	clock_gettime(CLOCK_REALTIME, t);
	t->tv_nsec += ms * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_sec++;
		t->tv_nsec -= 1000000000;
	}
}

/* Sleeps until there is a line, then a moment more: under load one wake-up serves hundreds of lines. False when it is time to stop. */
static bool wait_for_lines(struct log *l)
{
	struct timespec until;

	l->asleep = true;
	while (l->filling.n == 0 && !l->stopping)
		pthread_cond_wait(&l->work, &l->lock);
	l->asleep = false;
	later(&until, GATHER_MS);
	while (l->filling.n < LOG_BUFFER / 2 && !l->stopping)
		if (pthread_cond_timedwait(&l->work, &l->lock, &until) != 0)
			break;
	return l->filling.n > 0;
}

static void *writer(void *arg)
{
	struct log *l = arg;

	pthread_mutex_lock(&l->lock);
	while (wait_for_lines(l)) {
		struct lines full = l->filling;

		l->filling = l->writing;
		l->writing = full;
		l->busy = true;
		l->stuck = false;
		report_dropped(l);
		pthread_cond_broadcast(&l->room);
		pthread_mutex_unlock(&l->lock);
		write_lines(l);
		pthread_mutex_lock(&l->lock);
		l->busy = false;
		pthread_cond_broadcast(&l->room);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static struct log *log_free(struct log *l)
{
	pthread_cond_destroy(&l->work);
	pthread_cond_destroy(&l->room);
	pthread_mutex_destroy(&l->lock);
	free(l->filling.p);
	free(l->writing.p);
	free(l);
	return NULL;
}

struct log *log_open(enum log_target target, enum log_level least, const char *ident)
{
	struct log *l = calloc(1, sizeof(*l));
	sigset_t all, old;
	bool started;

	if (l == NULL)
		return NULL;
	l->target = target;
	l->least = least;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->work, NULL);
	pthread_cond_init(&l->room, NULL);
	l->filling.p = malloc(LOG_BUFFER);
	l->writing.p = malloc(LOG_BUFFER);
	if (l->filling.p == NULL || l->writing.p == NULL)
		return log_free(l);
	if (target == LOG_TARGET_SYSLOG)
		openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	started = pthread_create(&l->thread, NULL, writer, l) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started ? l : log_free(l);
}

/* Waits until everything is written. False: the sink is stuck. */
static bool finish(struct log *l, bool stop)
{
	struct timespec until;
	bool idle;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&l->lock);
	l->stopping = stop;
	pthread_cond_broadcast(&l->work);
	while (l->busy || l->filling.n > 0)
		if (pthread_cond_timedwait(&l->room, &l->lock, &until) != 0)
			break;
	idle = !l->busy && l->filling.n == 0;
	pthread_mutex_unlock(&l->lock);
	return idle;
}

void log_flush(struct log *l)
{
	finish(l, false);
}

struct log *log_close(struct log *l)
{
	if (l == NULL || !finish(l, true))
		return NULL; /* the sink is stuck: leave its thread to the end of the process */
	pthread_join(l->thread, NULL);
	return log_free(l);
}

/* A sink that is merely slower than we are gets a moment; one that hangs costs nobody more than the first. */
static bool wait_for_room(struct log *l, size_t n)
{
	struct timespec until;

	later(&until, PATIENCE_MS);
	while (l->filling.n + n > LOG_BUFFER && !l->stuck && !l->stopping)
		if (pthread_cond_timedwait(&l->room, &l->lock, &until) != 0)
			l->stuck = true;
	return l->filling.n + n <= LOG_BUFFER;
}

void log_line(struct log *l, enum log_level level, const char *line)
{
	size_t n = strlen(line) + 2;

	if (level > l->least)
		return;
	pthread_mutex_lock(&l->lock);
	if (l->filling.n + n > LOG_BUFFER && !wait_for_room(l, n))
		l->dropped++;
	else
		add(l, level, line);
	if (l->asleep || l->filling.n >= LOG_BUFFER / 2)
		pthread_cond_signal(&l->work);
	pthread_mutex_unlock(&l->lock);
}

uint64_t log_dropped(struct log *l)
{
	uint64_t n;

	pthread_mutex_lock(&l->lock);
	n = l->dropped;
	pthread_mutex_unlock(&l->lock);
	return n;
}
