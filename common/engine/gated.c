#include "config.h"

#include "common/engine/gated.h"

#include <stdio.h>
#include <string.h>

#include "common/base/moment.h"
#include "common/engine/gate.h"

enum { HTTPS = 443 };

static int64_t end_of_rest(const struct task *t, const struct gate_rest *rest)
{
	return task_wall(t) + (rest->until - task_mono(t) + 999) / 1000;
}

static void tell_rest(const struct task *t, const struct gate_rest *rest, char out[LIMIT_DETAIL])
{
	char until[MOMENT_TEXT];

	snprintf(out, LIMIT_DETAIL, "failed %u times in a row; tried again at %s", rest->failures,
		 moment_format(end_of_rest(t, rest), until));
}

/* An attempt that was given less than half of its time proves nobody dead. */
static bool was_fair(int64_t given, int64_t usual)
{
	return given >= usual / 2;
}

/* Who asks for a look now must not hear that the next one is due later. */
static void knock(struct task *t, const struct netaddr *a, uint16_t port)
{
	if (t->why == WHY_OPERATOR)
		gate_wake(t->gate, a, port);
}

/* The addresses of one fetch that may be used now. */
struct choice {
	struct netaddr addrs[LIMIT_MX_ADDRESSES];
	struct gate_pass passes[LIMIT_MX_ADDRESSES];
	size_t n;
	const struct netaddr *full; /* the first without a free place */
	struct gate_rest rest;	    /* the one that ends first */
};

static void try_address(struct task *t, struct choice *c, const struct netaddr *a, int64_t deadline)
{
	struct gate_rest rest;

	switch (gate_enter(t->gate, a, HTTPS, deadline, &c->passes[c->n], &rest)) {
	case GATE_PASS:
		c->addrs[c->n++] = *a;
		break;
	case GATE_RESTS:
		if (c->rest.failures == 0 || rest.until < c->rest.until)
			c->rest = rest;
		break;
	case GATE_FULL:
		if (c->full == NULL)
			c->full = a;
		break;
	}
}

static void choose(struct task *t, const struct fetch *f, struct choice *c)
{
	int64_t deadline = task_until(t, GATE_PATIENCE);
	const struct netaddr *full;

	do {
		*c = (struct choice){ .n = 0 };
		for (size_t i = 0; i < f->n_addrs && i < LIMIT_MX_ADDRESSES; i++)
			try_address(t, c, &f->addrs[i], 0);
		full = c->full;
		if (c->n > 0 || full == NULL)
			return;
		c->full = NULL;
		try_address(t, c, full, deadline);
	} while (c->n == 0 && c->full == NULL); /* it went to rest meanwhile: the others? */
}

/* Whoever answers is alive, and who has shown a certificate has answered: how slow the rest is made may be the doing of one customer among many. Of several
 * addresses only the fetcher knows which one it was; that none accepted a connection says something only of so few that each had its time: strangers choose
 * what stands beside the address of somebody else. */
static enum gate_end end_of_fetch(const struct fetch *f, size_t i, bool fair)
{
	bool met = f->n_addrs == 1 || f->reached == i + 1;

	switch (f->reason) {
	case REASON_FETCH_CONNECT:
		return fair && f->n_addrs <= 2 ? GATE_DEAD : GATE_UNTOLD;
	case REASON_FETCH_TIMEOUT:
		if (!met || (!fair && f->not_after == 0))
			return GATE_UNTOLD;
		return f->not_after == 0 ? GATE_DEAD : GATE_ALIVE;
	case REASON_FETCH_DNS:
	case REASON_INTERNAL:
		return GATE_UNTOLD;
	default:
		return met ? GATE_ALIVE : GATE_UNTOLD;
	}
}

static void get(struct task *t, struct fetch *f, struct choice *c)
{
	const struct netaddr *all = f->addrs;
	size_t n_all = f->n_addrs;
	int64_t deadline = task_until(t, t->settings->fetch_timeout);
	bool fair = was_fair(deadline - task_mono(t), t->settings->fetch_timeout);

	f->addrs = c->addrs;
	f->n_addrs = c->n;
	t->env->fetcher.get(t->env->fetcher.ctx, f, deadline, &t->arena);
	for (size_t i = 0; i < c->n; i++)
		gate_leave(t->gate, &c->passes[i], end_of_fetch(f, i, fair));
	f->addrs = all;
	f->n_addrs = n_all;
}

void gated_get(struct task *t, struct fetch *f)
{
	struct choice *c = arena_alloc(&t->arena, sizeof(*c));

	if (c == NULL) {
		f->reason = REASON_INTERNAL;
		return;
	}
	for (size_t i = 0; i < f->n_addrs; i++)
		knock(t, &f->addrs[i], HTTPS);
	choose(t, f, c);
	if (c->n > 0) {
		get(t, f, c);
	} else if (c->full != NULL) {
		f->reason = REASON_HOST_BUSY;
		t->crowded = true;
	} else {
		f->reason = REASON_FETCH_CONNECT;
		t->rests_until = end_of_rest(t, &c->rest);
		tell_rest(t, &c->rest, f->detail);
	}
}

/* Probes that run side by side. */
struct batch {
	size_t n;
	size_t index[LIMIT_PROBES_AT_ONCE]; /* into what was asked */
	struct gate_pass passes[LIMIT_PROBES_AT_ONCE];
	struct probe probes[LIMIT_PROBES_AT_ONCE];
};

struct queue {
	struct probe *probes;
	bool *done;
	size_t n, left;
	const struct probe *full; /* the first without a free place */
};

static void set_unprobed(struct probe *p, enum reason reason, int64_t now, int64_t expires_at)
{
	p->fact = (struct fact){ .addr = p->addr,
				 .outcome = outcome_of_reason(reason),
				 .reason = reason,
				 .proof = p->tlsa != NULL ? PROOF_DANE : PROOF_PKIX,
				 .pkix = REASON_PENDING,
				 .probed_at = now,
				 .expires_at = expires_at };
}

static void finish(struct queue *q, size_t i)
{
	q->done[i] = true;
	q->left--;
}

static void admit(struct task *t, struct queue *q, size_t i, int64_t deadline, struct batch *b)
{
	struct probe *p = &q->probes[i];
	int64_t now = task_wall(t);
	struct gate_rest rest;

	switch (gate_enter(t->gate, &p->addr, p->port, deadline, &b->passes[b->n], &rest)) {
	case GATE_PASS:
		b->index[b->n] = i;
		b->probes[b->n++] = *p;
		finish(q, i);
		break;
	case GATE_RESTS:
		set_unprobed(p, REASON_CONNECT_FAILED, now, end_of_rest(t, &rest));
		tell_rest(t, &rest, p->fact.detail);
		finish(q, i);
		break;
	case GATE_FULL:
		if (q->full == NULL)
			q->full = p;
		break;
	}
}

static bool host_is_full(const struct task *t, const struct batch *b, const char *mx_host)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += strcmp(b->probes[i].mx_host, mx_host) == 0;
	return n >= (size_t)t->settings->host_connections;
}

static void admit_all(struct task *t, struct queue *q, struct batch *b)
{
	q->full = NULL;
	for (size_t i = 0; i < q->n && b->n < LIMIT_PROBES_AT_ONCE; i++)
		if (!q->done[i] && !host_is_full(t, b, q->probes[i].mx_host))
			admit(t, q, i, 0, b);
}

static enum gate_end end_of_probe(const struct probe *p, bool fair)
{
	switch (p->fact.reason) {
	case REASON_CONNECT_FAILED:
		return GATE_DEAD;
	case REASON_CONNECT_TIMEOUT:
		return fair ? GATE_DEAD : GATE_UNTOLD;
	case REASON_PROBE_TIMEOUT:
		return p->answered ? GATE_ALIVE : fair ? GATE_DEAD : GATE_UNTOLD;
	case REASON_PROBE_LOCAL:
		return GATE_UNTOLD;
	default:
		return GATE_ALIVE;
	}
}

static void run(struct task *t, struct queue *q, struct batch *b)
{
	int64_t deadline = task_until(t, t->settings->probe_timeout);
	bool fair = was_fair(deadline - task_mono(t), t->settings->probe_timeout);

	t->env->prober.probe(t->env->prober.ctx, b->probes, b->n, deadline);
	for (size_t i = 0; i < b->n; i++) {
		gate_leave(t->gate, &b->passes[i], end_of_probe(&b->probes[i], fair));
		q->probes[b->index[i]] = b->probes[i];
	}
}

/* Our own trouble: asked again as soon as somebody wants to know. */
static void give_up(struct task *t, struct queue *q)
{
	int64_t now = task_wall(t);

	for (size_t i = 0; i < q->n; i++)
		if (!q->done[i]) {
			set_unprobed(&q->probes[i], REASON_HOST_BUSY, now, now + 1);
			t->crowded = true;
			finish(q, i);
		}
}

void gated_probe(struct task *t, struct probe *probes, size_t n)
{
	struct batch *b = arena_alloc(&t->arena, sizeof(*b));
	struct queue q = { .probes = probes, .n = n, .left = n };

	q.done = arena_array(&t->arena, n, sizeof(*q.done));
	if (q.done == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		knock(t, &probes[i].addr, probes[i].port);
	while (b != NULL && q.left > 0 && task_mono(t) < t->deadline) {
		size_t before = q.left;

		b->n = 0;
		admit_all(t, &q, b);
		if (q.left == before && q.full != NULL)
			admit(t, &q, (size_t)(q.full - probes), task_until(t, GATE_PATIENCE), b);
		if (q.left == before)
			break;
		if (b->n > 0)
			run(t, &q, b);
	}
	give_up(t, &q);
}
