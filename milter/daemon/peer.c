#include "config.h"

#include "milter/daemon/peer.h"

#include "milter/daemon/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SMALL = 1024 }; /* octets: nearly every request is shorter */

struct peer {
	struct peer *next, *prev;
	struct room *room;
	const struct protocol *protocol;
	struct event reads, writes;
	int fd;
	enum peer_state state;
	int64_t since; /* in that state; monotonic */
	bool ended;    /* the client has half-closed */
	struct engine_question *pending;
	atomic_bool rung;
	struct question question;
	char *out; /* what the client has not taken yet */
	size_t n_out, taken;
	size_t n_in, in_size;
	char *in; /* small, or allocated */
	char small[SMALL];
};

static int64_t now(const struct room *room)
{
	return clock_mono(&room->desk.door->env->clock);
}

static void enlist(struct peer *p, enum peer_state state)
{
	struct peer_list *list = &p->room->lists[state];

	p->state = state;
	p->since = now(p->room);
	p->next = NULL;
	p->prev = list->last;
	if (list->last != NULL)
		list->last->next = p;
	else
		list->first = p;
	list->last = p;
}

static void delist(struct peer *p)
{
	struct peer_list *list = &p->room->lists[p->state];

	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		list->first = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	else
		list->last = p->prev;
}

/* A request is counted from its first octet, so a part that grows stays where it is. */
static void become(struct peer *p, enum peer_state state)
{
	if (p->state == state && state == PEER_READING)
		return;
	delist(p);
	enlist(p, state);
}

void peer_close(struct peer *p)
{
	struct desk *desk = &p->room->desk;

	if (p->pending != NULL) {
		struct judgement j;

		engine_conclude(desk->door->engine, p->pending, &j);
		judgement_release(&j);
		atomic_fetch_sub_explicit(&desk->stats.waiting, 1, memory_order_relaxed);
	}
	delist(p);
	event_del(&p->reads);
	event_del(&p->writes);
	close(p->fd);
	if (p->in != p->small)
		free(p->in);
	free(p->out);
	p->room->n_peers--;
	atomic_fetch_sub_explicit(&desk->stats.connections, 1, memory_order_relaxed);
	free(p);
}

static void drop(struct peer *p)
{
	atomic_fetch_add_explicit(&p->room->desk.stats.dropped, 1, memory_order_relaxed);
	peer_close(p);
}

static void ring(void *arg)
{
	struct peer *p = arg;

	atomic_store(&p->rung, true);
	p->room->ring(p->room->ring_arg);
}

/* What the socket does not take at once waits. False: the peer is gone. */
static bool send_answer(struct peer *p, struct span answer)
{
	ssize_t n = send(p->fd, answer.p, answer.n, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		peer_close(p);
		return false;
	}
	n = n > 0 ? n : 0;
	if ((size_t)n == answer.n)
		return true;
	p->n_out = answer.n - (size_t)n;
	p->taken = 0;
	p->out = malloc(p->n_out);
	if (p->out == NULL) {
		peer_close(p);
		return false;
	}
	memcpy(p->out, answer.p + n, p->n_out);
	become(p, PEER_WRITING);
	event_del(&p->reads);
	event_add(&p->writes, NULL);
	return true;
}

static struct span word(struct peer *p, const struct judgement *j, int64_t waited_ms)
{
	struct desk *desk = &p->room->desk;

	desk_begin(desk);
	p->question.answer(desk, &p->question, j, waited_ms);
	return p->protocol->frame(desk);
}

/* All questions may wait for the same time, so that the first to wait is the first whose time is over. */
static void wait_for_engine(struct peer *p)
{
	int64_t ms = p->room->desk.door->settings->socketmap_deadline;
	const struct timeval deadline = { ms / 1000, ms % 1000 * 1000 };

	if (p->room->lists[PEER_WAITING].first == NULL)
		event_add(&p->room->deadline, &deadline);
	become(p, PEER_WAITING);
	atomic_fetch_add_explicit(&p->room->desk.stats.waiting, 1, memory_order_relaxed);
}

/* False: the peer is gone. */
static bool ask(struct peer *p, struct span request)
{
	struct desk *desk = &p->room->desk;
	const uint64_t changes = door_changes(desk->door);
	struct judgement j;
	struct span answer;

	if (p->protocol->is_repeated &&
	    desk_recall(desk, request, changes, now(p->room), &answer))
		return send_answer(p, answer);
	desk_begin(desk);
	if (!p->protocol->understand(desk, request, &p->question)) {
		atomic_fetch_add_explicit(&desk->stats.not_asked, 1, memory_order_relaxed);
		return send_answer(p, p->protocol->frame(desk));
	}
	atomic_fetch_add_explicit(&desk->stats.questions, 1, memory_order_relaxed);
	atomic_store_explicit(&p->rung, false, memory_order_relaxed);
	p->pending = engine_ask(desk->door->engine, &p->question.hop, ring, p, &j);
	if (p->pending != NULL) {
		wait_for_engine(p);
		return true;
	}
	answer = word(p, &j, 0);
	judgement_release(&j);
	if (p->protocol->is_repeated)
		desk_remember(desk, request, &p->question.hop, changes, now(p->room), answer);
	return send_answer(p, answer);
}

/* Room for a request of that size. False: no memory. */
static bool make_room(struct peer *p, size_t size)
{
	char *larger;

	if (size <= p->in_size)
		return true;
	larger = malloc(size);
	if (larger == NULL)
		return false;
	memcpy(larger, p->in, p->n_in);
	if (p->in != p->small)
		free(p->in);
	p->in = larger;
	p->in_size = size;
	return true;
}

static void forget_request(struct peer *p, size_t size)
{
	p->n_in -= size;
	if (p->n_in > 0)
		memmove(p->in, p->in + size, p->n_in);
	if (p->in != p->small && p->n_in <= SMALL) {
		memcpy(p->small, p->in, p->n_in);
		free(p->in);
		p->in = p->small;
		p->in_size = SMALL;
	}
}

/* True: the next request may be looked for. Otherwise this one has to wait, or the peer may be gone. */
static bool answer_one(struct peer *p, struct span request, size_t size)
{
	/* The question keeps what it needs of the request. */
	if (!ask(p, request))
		return false;
	forget_request(p, size);
	if (p->state == PEER_WAITING || p->state == PEER_WRITING)
		return false;
	if (p->protocol->ends_with_one) {
		peer_close(p);
		return false;
	}
	become(p, PEER_IDLE);
	return p->n_in > 0 || p->ended;
}

/* size: of the whole request as far as that is known. The peer may be gone afterwards. */
static void await_rest(struct peer *p, size_t size)
{
	if (p->ended)
		peer_close(p);
	else if (p->n_in >= p->protocol->longest || !make_room(p, size > 0 ? size : p->n_in + 1))
		drop(p);
	else
		become(p, p->n_in > 0 ? PEER_READING : PEER_IDLE);
}

/* Answers what is there, until there is nothing, or a question has to wait. The peer may be gone afterwards. */
static void serve(struct peer *p)
{
	struct span request;
	size_t size;

	for (;;) {
		switch (p->protocol->take(span_make(p->in, p->n_in), p->ended, &request, &size)) {
		case REQUEST_WHOLE:
			if (answer_one(p, request, size))
				continue;
			return;
		case REQUEST_PART:
			await_rest(p, size);
			return;
		case REQUEST_BAD:
			drop(p);
			return;
		}
	}
}

/* After an answer that had to wait. */
static void go_on(struct peer *p)
{
	if (p->protocol->ends_with_one) {
		peer_close(p);
		return;
	}
	become(p, PEER_IDLE);
	if (!p->ended)
		event_add(&p->reads, NULL);
	serve(p);
}

/* What it has asked before is answered. */
static void on_end(struct peer *p)
{
	p->ended = true;
	event_del(&p->reads);
	if (p->state != PEER_WAITING)
		serve(p);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	ssize_t n;

	(void)what;
	if (p->n_in == p->in_size) {
		event_del(&p->reads); /* enough for now: it is waiting */
		return;
	}
	n = read(fd, p->in + p->n_in, p->in_size - p->n_in);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		peer_close(p);
	} else if (n == 0) {
		on_end(p);
	} else {
		p->n_in += (size_t)n;
		if (p->state != PEER_WAITING)
			serve(p);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	ssize_t n = send(fd, p->out + p->taken, p->n_out - p->taken, MSG_NOSIGNAL);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		peer_close(p);
		return;
	}
	p->taken += (size_t)n;
	if (p->taken < p->n_out)
		return;
	free(p->out);
	p->out = NULL;
	event_del(&p->writes);
	go_on(p);
}

void peer_conclude(struct peer *p, bool late)
{
	struct desk *desk = &p->room->desk;
	struct judgement j;
	bool alive;

	engine_conclude(desk->door->engine, p->pending, &j);
	p->pending = NULL;
	atomic_fetch_sub_explicit(&desk->stats.waiting, 1, memory_order_relaxed);
	if (late)
		atomic_fetch_add_explicit(&desk->stats.late, 1, memory_order_relaxed);
	alive = send_answer(p, word(p, &j, now(p->room) - p->since));
	judgement_release(&j);
	if (alive && p->state != PEER_WRITING)
		go_on(p);
}

void peers_answer_rung(struct room *room)
{
	struct peer *next;

	for (struct peer *p = room->lists[PEER_WAITING].first; p != NULL; p = next) {
		next = p->next;
		if (atomic_load(&p->rung))
			peer_conclude(p, false);
	}
}

struct peer *peer_oldest(const struct room *room, enum peer_state state)
{
	return room->lists[state].first;
}

int64_t peer_since(const struct peer *p)
{
	return p->since;
}

int peer_new(struct room *room, int fd, const struct protocol *protocol)
{
	struct peer *p = malloc(sizeof(*p));

	if (p == NULL) {
		close(fd);
		return -ENOMEM;
	}
	*p = (struct peer){ .room = room, .protocol = protocol, .fd = fd, .in_size = SMALL };
	p->in = p->small;
	enlist(p, PEER_IDLE);
	room->n_peers++;
	atomic_fetch_add_explicit(&room->desk.stats.connections, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&room->desk.stats.accepted, 1, memory_order_relaxed);
	event_assign(&p->reads, room->base, fd, EV_READ | EV_PERSIST, on_readable, p);
	event_assign(&p->writes, room->base, fd, EV_WRITE | EV_PERSIST, on_writable, p);
	event_add(&p->reads, NULL);
	return 0;
}
