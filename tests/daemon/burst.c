#include "config.h"

#include "tests/daemon/burst.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/base/num.h"
#include "tests/milter/milter_client.h"
#include "tests/servers/child.h"

enum { SETTLED = 4, SETTLE_MS = 50 };

struct crowd {
	struct milter_client **session;
	struct pollfd *poll;
	size_t n;
};

static bool is_slow(const struct burst *b, size_t i)
{
	return i % b->slow_each == 0;
}

static void crowd_release(struct crowd *crowd)
{
	for (size_t i = 0; crowd->session != NULL && i < crowd->n; i++)
		milter_free(crowd->session[i]);
	free(crowd->session);
	free(crowd->poll);
}

/* One session, up to the point where RCPT comes next. */
static int arrive(const struct burst *b, struct milter_client **ret)
{
	struct milter_client *c;
	int r = milter_open(b->address, b->timeout_ms, &c);

	if (r < 0)
		return r;
	r = milter_negotiate(c, MILTER_OFFER_ALL);
	if (r == 0)
		r = milter_connection(c, "client.example", "192.0.2.1", 25, NULL);
	if (r == 0)
		r = milter_helo(c, "client.example", NULL);
	if (r == 0)
		r = milter_mail(c, "<a@client.example>", NULL);
	if (r < 0)
		milter_free(c);
	else
		*ret = c;
	return r;
}

static bool handicap_thread(pid_t thread)
{
	const struct sched_param none = { 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return sched_setaffinity(thread, sizeof(one), &one) == 0 &&
	       sched_setscheduler(thread, SCHED_BATCH, &none) == 0;
}

/* The milter gets one CPU, and no thread of it pushes another one off on waking up: so libmilter's
 * controller hands out the whole burst before the first worker runs. On a busy machine that happens
 * by itself; a test must not depend on luck. Threads inherit it. Returns the number of threads, 0:
 * it cannot be done. */
static size_t handicap(pid_t pid)
{
	char name[64];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	(void)snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	dir = opendir(name);
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		uint64_t thread;

		if (num_u64(span_of(entry->d_name), INT32_MAX, &thread) &&
		    handicap_thread((pid_t)thread))
			n++;
	}
	(void)closedir(dir);
	return n;
}

/* Workers that the arrivals started must have left, or they would hide the stall. */
static void settle(pid_t pid)
{
	size_t last = 0;

	for (int same = 0; same < SETTLED;) {
		size_t now = handicap(pid);

		same = now == last ? same + 1 : 0;
		last = now;
		(void)poll(NULL, 0, SETTLE_MS);
	}
}

static int crowd_init(const struct burst *b, struct crowd *crowd)
{
	*crowd = (struct crowd){ .session = calloc(b->sessions, sizeof(struct milter_client *)),
				 .poll = calloc(b->sessions, sizeof(struct pollfd)) };
	if (crowd->session == NULL || crowd->poll == NULL)
		return -ENOMEM;
	while (crowd->n < b->sessions) {
		int r = arrive(b, &crowd->session[crowd->n]);

		if (r < 0)
			return r;
		crowd->poll[crowd->n] = (struct pollfd){
			.fd = milter_fd(crowd->session[crowd->n]),
			.events = POLLIN,
		};
		crowd->n++;
	}
	return 0;
}

static int post_rcpt(const struct burst *b, struct milter_client *c, size_t i)
{
	char domain[300], rcpt[320];
	int n, r;

	if (is_slow(b, i))
		(void)snprintf(domain, sizeof(domain), "s%zu.%s", i, b->slow_zone);
	else
		(void)snprintf(domain, sizeof(domain), "%s", b->fast_domain);
	n = snprintf(rcpt, sizeof(rcpt), "<%s@%s>", is_slow(b, i) ? "slow" : "fast", domain);
	r = milter_macros(
		c, SMFIC_RCPT,
		(const char *const[]){ "{rcpt_mailer}", "smtp", "{rcpt_host}", domain, NULL });
	return r < 0 ? r : milter_post(c, SMFIC_RCPT, rcpt, (size_t)n + 1);
}

/* All at once, as far as the milter can tell: it stands still meanwhile. */
static int post_all(const struct burst *b, struct crowd *crowd)
{
	int r = 0, status;

	if (kill(b->pid, SIGSTOP) < 0 || waitpid(b->pid, &status, WUNTRACED) != b->pid ||
	    !WIFSTOPPED(status))
		return -ECHILD;
	for (size_t i = 0; r >= 0 && i < crowd->n; i++)
		r = post_rcpt(b, crowd->session[i], i);
	if (kill(b->pid, SIGCONT) < 0)
		return -errno;
	return r == 0  ? -EPROTO
	       : r < 0 ? r
		       : 0; /* a milter that does not answer RCPT proves nothing */
}

static int take(const struct burst *b, struct crowd *crowd, size_t i, int64_t now,
		struct burst_result *result)
{
	struct milter_reply reply;
	int r = milter_await(crowd->session[i], &reply);

	if (r < 0)
		return r;
	crowd->poll[i].fd = -1;
	if (is_slow(b, i)) {
		if (result->first_slow < 0)
			result->first_slow = now;
		result->last_slow = now;
		result->let_through += reply.code == SMFIR_CONTINUE;
	} else {
		result->worst_fast = now;
		result->refused += reply.code != SMFIR_CONTINUE;
	}
	return 0;
}

/* What is ready at the same time counts as answered in the order that is best for the milter. */
static int take_ready(const struct burst *b, struct crowd *crowd, int64_t now, bool slow,
		      struct burst_result *result, size_t *ret_left)
{
	*ret_left = 0;
	for (size_t i = 0; i < crowd->n; i++) {
		if (is_slow(b, i) != slow || crowd->poll[i].fd < 0)
			continue;
		if (crowd->poll[i].revents != 0) {
			int r = take(b, crowd, i, now, result);

			if (r < 0)
				return r;
		} else {
			++*ret_left;
		}
	}
	return 0;
}

static int collect(const struct burst *b, struct crowd *crowd, int64_t from,
		   struct burst_result *result)
{
	size_t fast_left = result->fast, slow_left = result->slow;
	bool seen = false;

	while (fast_left + slow_left > 0) {
		int64_t now = child_now() - from;
		int r;

		if (now >= b->timeout_ms)
			return -ETIMEDOUT;
		if (poll(crowd->poll, crowd->n, (int)(b->timeout_ms - now)) < 0)
			return -errno;
		now = child_now() - from;
		r = take_ready(b, crowd, now, false, result, &fast_left);
		if (r == 0)
			r = take_ready(b, crowd, now, true, result, &slow_left);
		if (r < 0)
			return r;
		if (result->first_slow >= 0 && !seen)
			result->late = fast_left;
		seen = result->first_slow >= 0;
		if (seen && !b->to_the_end)
			return 0;
	}
	return 0;
}

int burst_run(const struct burst *b, struct burst_result *ret)
{
	struct burst_result result = { .worst_fast = -1, .first_slow = -1, .last_slow = -1 };
	struct crowd crowd;
	int64_t from;
	int r = crowd_init(b, &crowd);

	for (size_t i = 0; i < b->sessions; i++)
		++*(is_slow(b, i) ? &result.slow : &result.fast);
	if (r == 0) {
		settle(b->pid);
		from = child_now();
		r = post_all(b, &crowd);
	}
	if (r == 0)
		r = collect(b, &crowd, from, &result);
	crowd_release(&crowd);
	if (r == 0)
		*ret = result;
	return r;
}
