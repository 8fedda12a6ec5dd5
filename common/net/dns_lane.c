#include "config.h"

#include "common/net/dns_lane.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/net/dns_answer.h"
#include "common/net/dns_call.h"
#include "common/net/dns_foresight.h"

enum { START_MS = 5000, CLASS_IN = 1 };

struct dns_lane {
	atomic_uint refs;
	struct ub_ctx *ctx;
	struct dns_foresight foresight;
	pthread_t pump;
	int stop; /* eventfd: the pump ends when it is readable */
	bool validates;
	atomic_bool broken; /* the pump has ended by itself */
	struct buf basis;
};

/* libunbound has globals of its own (logging, random seeds, locks) that making and deleting a
 * context touches, unguarded: only one thread of the process may do either at a time. The one
 * static variable here guards nothing of ours. */
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

struct option {
	const char *name, *value;
};

/* What is not named here is libunbound's choice. LANE_UDP and LANE_TCP: its 16 and 2 would let a few dead servers hold up
 * everybody. Delivery agents see MX sets with their own resolver: ours must not be behind for as long as a TTL of days. */
static const struct option always[] = {
	{ "cache-max-ttl:", "300" },
	{ "outgoing-range:", "256" },
	{ "outgoing-num-tcp:", "16" },
	{ NULL, NULL },
};

/* Towards a resolver of somebody else's. libunbound doubles its patience with every question that stays unanswered, and at the top
 * of the scale calls the server down and fails everything at once. But when the resolver ponders over a name whose servers are
 * dead, it is not dead itself, and there is nobody else to ask. Measured: two such names made the next good ones fail, and after an
 * outage of 40 s all failed for 17 s more. With these neither happens: 0.5 + 1 + 2 + 4 s never reach the top, and what was
 * learned in an outage is forgotten after a second. */
static const struct option forwarding[] = {
	{ "infra-cache-min-rtt:", "500" },
	{ "infra-cache-max-rtt:", "10000" },
	{ "outbound-msg-retry:", "4" },
	{ "infra-host-ttl:", "1" },
	{ NULL, NULL },
};

/* Towards the servers of the zones: a dead one costs only its own zone, and is tried again after 10 s. */
static const struct option recursing[] = {
	{ "infra-cache-max-rtt:", "4000" },
	{ "infra-host-ttl:", "10" },
	{ NULL, NULL },
};

static void *pump(void *arg)
{
	struct dns_lane *l = arg;
	struct pollfd fds[2] = { { .fd = ub_fd(l->ctx), .events = POLLIN },
				 { .fd = l->stop, .events = POLLIN } };

	while (fds[1].revents == 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		/* A broken pipe cannot be mended: questions run into their deadlines until the
		 * self-test opens a new lane. */
		if (fds[0].revents != 0 && ub_process(l->ctx) != UB_NOERROR)
			break;
	}
	atomic_store(&l->broken, fds[1].revents == 0);
	return NULL;
}

static int set_options(struct ub_ctx *ctx, const struct option *o)
{
	int r = UB_NOERROR;

	for (; o->name != NULL && r == UB_NOERROR; o++)
		r = ub_ctx_set_option(ctx, o->name, o->value);
	return r;
}

static int configure(struct dns_lane *l, const struct dns_upstream *up)
{
	int r;

	l->ctx = ub_ctx_create();
	if (l->ctx == NULL)
		return UB_NOMEM;
	l->foresight.ctx = l->ctx;
	ub_ctx_debugout(l->ctx, NULL); /* it would write to standard error by itself */
	r = ub_ctx_async(l->ctx, 1);
	if (r == UB_NOERROR)
		r = set_options(l->ctx, always);
	if (r == UB_NOERROR)
		r = set_options(l->ctx, up->n_forwards > 0 ? forwarding : recursing);
	for (size_t i = 0; i < up->n_forwards && r == 0; i++)
		r = ub_ctx_set_fwd(l->ctx, up->forwards[i]);
	for (size_t i = 0; i < up->n_stubs && r == 0; i++)
		r = ub_ctx_set_stub(l->ctx, up->stubs[i].zone, up->stubs[i].address, 0);
	if (l->validates && r == 0)
		r = ub_ctx_add_ta_file(l->ctx, up->anchor_file);
	return r;
}

/* A question that libunbound answers by itself: makes it read the anchors and start its thread here
 * and now, where an error can still be told. */
static int first_question(struct dns_lane *l)
{
	struct dns_call *call = dns_call_new(1);
	struct dns_slot *slot;
	int r;

	if (call == NULL)
		return UB_NOMEM;
	slot = dns_call_slot(call, 0);
	dns_call_expect(slot);
	r = ub_resolve_async(l->ctx, "localhost.", DNS_A, CLASS_IN, slot, dns_call_deliver,
			     &slot->id);
	if (r != UB_NOERROR) {
		dns_call_forget(slot);
	} else {
		dns_call_wait(call, START_MS);
		if (!dns_call_done(slot)) {
			r = UB_PIPE;
			if (ub_cancel(l->ctx, slot->id) == UB_NOERROR)
				dns_call_forget(slot);
		}
	}
	dns_call_unref(call);
	return r;
}

/* Threads born here leave all signals to the daemon's own. */
static int start(struct dns_lane *l)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&l->pump, NULL, pump, l) == 0 ? UB_NOERROR : UB_NOMEM;
	if (r == UB_NOERROR) {
		r = first_question(l);
		if (r != UB_NOERROR) {
			eventfd_write(l->stop, 1);
			pthread_join(l->pump, NULL);
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static void lane_release(struct dns_lane *l)
{
	pthread_mutex_lock(&library);
	ub_ctx_delete(l->ctx);
	pthread_mutex_unlock(&library);
	if (l->stop >= 0)
		close(l->stop);
	buf_release(&l->basis);
	free(l);
}

static int refused(const struct dns_lane *l, int r, struct buf *error)
{
	if (r == UB_NOMEM)
		return -ENOMEM;
	if (l->validates && r == UB_INITFAIL)
		buf_adds(error, "dns_trust_anchor: a DS or DNSKEY record in the file is malformed");
	else
		buf_addf(error, "dns: the resolver cannot be started: %s", ub_strerror(r));
	return DNS_UPSTREAM_INVALID;
}

int lane_open(const struct dns_upstream *up, bool validate, struct dns_lane **ret,
	      struct buf *error)
{
	struct dns_lane *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	atomic_init(&l->refs, 1);
	atomic_init(&l->broken, false);
	atomic_init(&l->foresight.under_way, 0);
	l->validates = validate && up->anchor_file != NULL;
	l->stop = eventfd(0, EFD_CLOEXEC);
	buf_init(&l->basis, up->basis.max);
	if (l->stop < 0 || buf_add(&l->basis, up->basis.p, up->basis.n) < 0) {
		lane_release(l);
		return -ENOMEM;
	}
	pthread_mutex_lock(&library);
	r = configure(l, up);
	if (r == UB_NOERROR)
		r = start(l);
	pthread_mutex_unlock(&library);
	if (r != UB_NOERROR) {
		r = refused(l, r, error);
		lane_release(l);
		return r;
	}
	*ret = l;
	return 0;
}

struct dns_lane *lane_ref(struct dns_lane *l)
{
	atomic_fetch_add(&l->refs, 1);
	return l;
}

void lane_unref(struct dns_lane *l)
{
	if (l == NULL || atomic_fetch_sub(&l->refs, 1) > 1)
		return;
	eventfd_write(l->stop, 1);
	pthread_join(l->pump, NULL);
	lane_release(l);
}

bool lane_validates(const struct dns_lane *l)
{
	return l->validates;
}

bool lane_is_current(const struct dns_lane *l, const struct dns_upstream *up)
{
	return !atomic_load(&l->broken) && l->basis.n == up->basis.n &&
	       memcmp(buf_text(&l->basis), buf_text(&up->basis), l->basis.n) == 0;
}

static void submit(struct dns_lane *l, const struct dns_query *q, struct dns_slot *s)
{
	int r;

	dns_call_expect(s);
	r = ub_resolve_async(l->ctx, q->name, (int)q->type, CLASS_IN, s, dns_call_deliver, &s->id);
	s->flying = r == UB_NOERROR;
	if (!s->flying) {
		dns_call_forget(s);
		s->error = r;
	}
}

/* What is not here by now is given up. When ub_cancel() no longer knows the question, its answer is
 * on its way through the pump and gives the reference back itself. */
static void give_up(struct dns_lane *l, struct dns_slot *s)
{
	if (ub_cancel(l->ctx, s->id) == UB_NOERROR)
		dns_call_forget(s);
}

void lane_ask(struct dns_lane *l, struct dns_query *q, size_t n, int64_t wait_ms,
	      struct arena *arena, bool *ret_signed)
{
	struct dns_call *call = n > 0 ? dns_call_new(n) : NULL;

	if (call == NULL) {
		for (size_t i = 0; i < n; i++)
			dns_answer_failed(&q[i], "out of memory");
		return;
	}
	for (size_t i = 0; i < n; i++)
		submit(l, &q[i], dns_call_slot(call, i));
	dns_call_wait(call, wait_ms);
	for (size_t i = 0; i < n; i++) {
		struct dns_slot *s = dns_call_slot(call, i);

		if (!s->flying) {
			dns_answer_failed(&q[i], ub_strerror(s->error));
		} else if (dns_call_done(s)) {
			dns_answer_take(&q[i], s->error, s->result, arena);
			if (ret_signed != NULL)
				ret_signed[i] = dns_answer_signed(s->result);
		} else {
			dns_answer_failed(&q[i], "no answer within the deadline");
			give_up(l, s);
		}
	}
	dns_call_unref(call);
}

void lane_foresee(struct dns_lane *l, const char *domain)
{
	dns_foresee(&l->foresight, domain);
}
