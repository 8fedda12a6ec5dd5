#include "config.h"

#include "tests/bench/map_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/figure.h"
#include "tests/milter/milter_dial.h"

enum {
	TIMEOUT_MS = 25000,
	EVENTS = 64,
	LATENCIES_MAX = 1 << 23,
	REQUEST = LOAD_NAME + 16,
	ANSWER = 1024
};

struct client {
	int fd;
	int64_t asked_at;
	size_t n; /* bytes of the answer */
	char answer[ANSWER];
};

struct request {
	unsigned n;
	char text[REQUEST];
};

struct run {
	const struct map_load *load;
	struct client *client;
	struct request *request; /* one for each domain, made before the clock starts */
	unsigned busy;		 /* clients that wait for an answer */
	unsigned next, left;
	int64_t until;
	size_t size; /* of result.latency */
	struct map_result result;
};

static int64_t nanoseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int make_requests(struct run *run)
{
	run->request = calloc(run->load->domains, sizeof(*run->request));
	if (run->request == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < run->load->domains; i++) {
		char domain[LOAD_NAME];
		struct request *q = &run->request[i];

		run->load->name(i, domain);
		q->n = (unsigned)snprintf(q->text, sizeof(q->text), "%zu:postfix %s,",
					  strlen("postfix ") + strlen(domain), domain);
	}
	return 0;
}

/* 1: an answer will come; 0: there is no more to ask. */
static int ask(struct run *run, struct client *c, int64_t now)
{
	const struct request *q = &run->request[run->next];

	if (run->load->seconds <= 0 ? run->left == 0 : now >= run->until)
		return 0;
	run->left--;
	run->next = run->next + 1 < run->load->domains ? run->next + 1 : 0;
	c->n = 0;
	c->asked_at = now;
	return send(c->fd, q->text, q->n, MSG_NOSIGNAL) == (ssize_t)q->n ? 1 : -EIO;
}

static int note(struct run *run, const struct client *c, int64_t now)
{
	struct map_result *to = &run->result;
	int64_t nanos = now - c->asked_at;
	const char *text = memchr(c->answer, ':', c->n);

	if (to->queries == run->size) {
		size_t size = run->size == 0 ? 1 << 18 : run->size * 2;
		uint32_t *p =
			size <= LATENCIES_MAX ? realloc(to->latency, size * sizeof(*p)) : NULL;

		if (p == NULL)
			return -ENOMEM;
		to->latency = p;
		run->size = size;
	}
	to->latency[to->queries++] = nanos < UINT32_MAX ? (uint32_t)nanos : UINT32_MAX;
	to->secure += text[1] == 'O';
	to->temporary += text[1] == 'T';
	return 0;
}

/* 1: the answer is whole; 0: the rest will come. */
static int receive(struct client *c)
{
	ssize_t n = recv(c->fd, c->answer + c->n, sizeof(c->answer) - c->n, 0);
	size_t length = 0, i = 0;

	if (n <= 0)
		return n == 0 ? -ECONNRESET : -errno;
	c->n += (size_t)n;
	for (; i < c->n && c->answer[i] >= '0' && c->answer[i] <= '9'; i++)
		length = length * 10 + (size_t)(c->answer[i] - '0');
	if (i == c->n || c->n < i + length + 2)
		return c->n < sizeof(c->answer) ? 0 : -EPROTO;
	return c->answer[i] == ':' && length > 1 && c->n == i + length + 2 &&
			       c->answer[c->n - 1] == ','
		       ? 1
		       : -EPROTO;
}

static int step(struct run *run, struct client *c)
{
	int r = receive(c);
	int64_t now;

	if (r <= 0)
		return r;
	now = nanoseconds();
	r = note(run, c, now);
	if (r == 0)
		r = ask(run, c, now);
	if (r == 0)
		run->busy--;
	return r < 0 ? r : 0;
}

static int open_all(struct run *run, int epoll)
{
	for (unsigned i = 0; i < run->load->clients; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
		int fd = milter_dial(run->load->address);

		if (fd < 0)
			return fd;
		run->client[i].fd = fd;
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
			return -errno;
	}
	return 0;
}

static int drive(struct run *run, int epoll)
{
	struct epoll_event event[EVENTS] = { 0 };
	int r = 0;

	for (unsigned i = 0; i < run->load->clients; i++) {
		r = ask(run, &run->client[i], nanoseconds());
		if (r < 0)
			return r;
		run->busy += r > 0;
	}
	while (run->busy > 0) {
		/* A single client needs no poll: that would be our cost, not the server's. */
		int n = 1;

		if (run->load->clients > 1)
			n = epoll_wait(epoll, event, EVENTS, TIMEOUT_MS);
		if (n <= 0)
			return n == 0 ? -ETIMEDOUT : -errno;
		for (int i = 0; i < n; i++) {
			r = step(run, &run->client[event[i].data.u32]);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int prepare(struct run *run)
{
	run->client = calloc(run->load->clients, sizeof(*run->client));
	if (run->client == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < run->load->clients; i++)
		run->client[i].fd = -1;
	run->next = run->load->first % run->load->domains;
	run->left = run->load->domains;
	return make_requests(run);
}

int map_load_run(const struct map_load *load, struct map_result *ret)
{
	struct run run = { .load = load };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int r = epoll < 0 ? -errno : prepare(&run);
	double from = 0, cpu = 0;

	if (r == 0)
		r = open_all(&run, epoll);
	from = figure_now();
	cpu = figure_cpu();
	run.until = nanoseconds() + (int64_t)(load->seconds * 1e9);
	if (r == 0)
		r = drive(&run, epoll);
	run.result.seconds = figure_now() - from;
	run.result.busy = (figure_cpu() - cpu) / run.result.seconds;
	for (unsigned i = 0; run.client != NULL && i < load->clients; i++)
		if (run.client[i].fd >= 0)
			(void)close(run.client[i].fd);
	free(run.client);
	free(run.request);
	if (epoll >= 0)
		(void)close(epoll);
	if (r < 0) {
		map_load_release(&run.result);
		return r;
	}
	figure_sort(run.result.latency, run.result.queries);
	*ret = run.result;
	return 0;
}

void map_load_release(struct map_result *r)
{
	free(r->latency);
	*r = (struct map_result){ 0 };
}
