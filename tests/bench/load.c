#include "config.h"

#include "tests/bench/load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/figure.h"
#include "tests/milter/milter_client.h"

enum { TIMEOUT_MS = 20000, EVENTS = 64, LATENCIES_MAX = 1 << 23 };

struct session {
	struct milter_client *client;
	unsigned left; /* recipients of this message */
	bool in_rcpt;  /* what the answer will be to: RCPT, or MAIL */
	int64_t asked_at;
};

struct run {
	const struct load *load;
	struct session *session;
	unsigned busy;	 /* sessions that wait for an answer */
	unsigned next;	 /* domain, in order */
	uint64_t random; /* xorshift */
	double from, until;
	size_t size; /* of result.latency */
	struct load_result result;
};

static int64_t nanoseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool next_domain(struct run *run, int64_t now, unsigned *ret)
{
	if (run->load->seconds <= 0) {
		*ret = run->next++;
		return *ret < run->load->domains;
	}
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	*ret = (unsigned)(run->random % run->load->domains);
	return (double)now / 1e9 < run->until;
}

static int ask_rcpt(struct session *s, const char *domain)
{
	char addr[LOAD_NAME + 8], rcpt[LOAD_NAME + 10];
	int n, r;

	(void)snprintf(addr, sizeof(addr), "user@%s", domain);
	n = snprintf(rcpt, sizeof(rcpt), "<%s>", addr);
	r = milter_macros(s->client, SMFIC_RCPT,
			  (const char *const[]){ "{rcpt_mailer}", "smtp", "{rcpt_host}", domain,
						 "{rcpt_addr}", addr, NULL });
	s->asked_at = nanoseconds();
	return r < 0 ? r : milter_post(s->client, SMFIC_RCPT, rcpt, (size_t)n + 1);
}

/* Sends what comes next. 1: an answer will come; 0: there is no more to ask. */
static int proceed(struct run *run, struct session *s)
{
	static const char from[] = "<sender@bench.example>";
	char domain[LOAD_NAME];
	unsigned i;
	int r;

	if (s->left == 0) {
		r = milter_abort(s->client);
		if (r < 0)
			return r;
		s->left = LOAD_RECIPIENTS;
		s->in_rcpt = false;
		r = milter_post(s->client, SMFIC_MAIL, from, sizeof(from));
		if (r != 0)
			return r;
	}
	if (!next_domain(run, nanoseconds(), &i))
		return 0;
	run->load->name(i, domain);
	s->left--;
	s->in_rcpt = true;
	r = ask_rcpt(s, domain);
	return r == 0 ? -EPROTO : r; /* a milter that does not answer RCPT is none of ours */
}

static int note(struct run *run, int64_t nanos)
{
	if (run->result.recipients == run->size) {
		size_t size = run->size == 0 ? 1 << 16 : run->size * 2;
		uint32_t *p = size <= LATENCIES_MAX
				      ? realloc(run->result.latency, size * sizeof(*p))
				      : NULL;

		if (p == NULL)
			return -ENOMEM;
		run->result.latency = p;
		run->size = size;
	}
	run->result.latency[run->result.recipients++] =
		nanos < UINT32_MAX ? (uint32_t)nanos : UINT32_MAX;
	return 0;
}

static int answered(struct run *run, struct session *s)
{
	struct milter_reply reply;
	int r = milter_await(s->client, &reply);

	if (r < 0)
		return r;
	if (!s->in_rcpt)
		return reply.code == SMFIR_CONTINUE ? 0 : -EPROTO;
	run->result.refused += reply.code != SMFIR_CONTINUE;
	return note(run, nanoseconds() - s->asked_at);
}

static int open_session(const struct load *load, struct session *s)
{
	int r = milter_open(load->address, TIMEOUT_MS, &s->client);

	if (r == 0)
		r = milter_negotiate(s->client, MILTER_OFFER_ALL);
	if (r == 0)
		r = milter_connection(s->client, "client.example", "192.0.2.1", 25, NULL);
	return r == 0 ? milter_helo(s->client, "client.example", NULL) : r;
}

static int open_all(struct run *run, int epoll)
{
	for (unsigned i = 0; i < run->load->connections; i++) {
		struct session *s = &run->session[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
		int r = open_session(run->load, s);

		if (r < 0)
			return r;
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, milter_fd(s->client), &event) < 0)
			return -errno;
	}
	return 0;
}

static int start_all(struct run *run)
{
	run->from = figure_now();
	run->until = run->from + run->load->seconds;
	for (unsigned i = 0; i < run->load->connections; i++) {
		int r = proceed(run, &run->session[i]);

		if (r < 0)
			return r;
		run->busy += r > 0;
	}
	return 0;
}

static int step(struct run *run, struct session *s)
{
	int r = answered(run, s);

	if (r == 0)
		r = proceed(run, s);
	if (r == 0)
		run->busy--;
	return r < 0 ? r : 0;
}

static int drive(struct run *run, int epoll)
{
	struct epoll_event event[EVENTS];
	int r = 0;

	while (run->busy > 0) {
		/* A single session needs no poll: that would be our cost, not the milter's. */
		int n = 1;

		if (run->load->connections > 1)
			n = epoll_wait(epoll, event, EVENTS, TIMEOUT_MS);
		else
			event[0].data.ptr = &run->session[0];
		if (n <= 0)
			return n == 0 ? -ETIMEDOUT : -errno;
		for (int i = 0; i < n; i++) {
			r = step(run, event[i].data.ptr);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int load_run(const struct load *load, struct load_result *ret)
{
	struct run run = { .load = load, .random = load->seed | 1 };
	int epoll = epoll_create1(EPOLL_CLOEXEC), r = 0;

	run.session = calloc(load->connections, sizeof(*run.session));
	if (run.session == NULL || epoll < 0)
		r = run.session == NULL ? -ENOMEM : -errno;
	if (r == 0)
		r = open_all(&run, epoll);
	if (r == 0)
		r = start_all(&run);
	if (r == 0)
		r = drive(&run, epoll);
	run.result.seconds = figure_now() - run.from;
	for (unsigned i = 0; run.session != NULL && i < load->connections; i++)
		milter_free(run.session[i].client);
	free(run.session);
	if (epoll >= 0)
		(void)close(epoll);
	if (r < 0) {
		load_release(&run.result);
		return r;
	}
	figure_sort(run.result.latency, run.result.recipients);
	*ret = run.result;
	return 0;
}

void load_release(struct load_result *r)
{
	free(r->latency);
	*r = (struct load_result){ 0 };
}
