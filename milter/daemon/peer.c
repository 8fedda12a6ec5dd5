#include "config.h"

#include "milter/daemon/peer.h"

#include "milter/daemon/desk.h"
#include "milter/daemon/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct peer {
	struct peer *next, *prev;
	struct room *room;
	const struct protocol *protocol;
	struct event reads, writes;
	enum peer_state state;
	int64_t since; /* in that state; monotonic */
	bool ended;    /* the client has half-closed */
	struct engine_question *pending;
	atomic_bool rung;
	struct question question;
	struct stream stream;
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
		service_count(&desk->stats.waiting, -1);
	}
	delist(p);
	event_del(&p->reads);
	event_del(&p->writes);
	stream_release(&p->stream);
	p->room->n_peers--;
	service_count(&desk->stats.connections, -1);
	free(p);
}

static void drop(struct peer *p)
{
	service_count(&p->room->desk.stats.dropped, 1);
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
	enum stream_result r = stream_send(&p->stream, answer);

	if (r == STREAM_BROKEN) {
		peer_close(p);
		return false;
	}
	if (r == STREAM_LATER) {
		become(p, PEER_WRITING);
		event_del(&p->reads);
		event_add(&p->writes, NULL);
	}
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
	service_count(&p->room->desk.stats.waiting, 1);
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
		service_count(&desk->stats.not_asked, 1);
		return send_answer(p, p->protocol->frame(desk));
	}
	service_count(&desk->stats.questions, 1);
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

/* True: the next request may be looked for. Otherwise this one has to wait, or the peer may be gone. */
static bool answer_one(struct peer *p, struct span request, size_t size)
{
	/* The question keeps what it needs of the request. */
	if (!ask(p, request))
		return false;
	stream_forget(&p->stream, size);
	if (p->state == PEER_WAITING || p->state == PEER_WRITING)
		return false;
	if (p->protocol->ends_with_one) {
		peer_close(p);
		return false;
	}
	become(p, PEER_IDLE);
	return p->stream.n_in > 0 || p->ended;
}

/* size: of the whole request as far as that is known. The peer may be gone afterwards. */
static void await_rest(struct peer *p, size_t size)
{
	const size_t n = p->stream.n_in;

	if (p->ended)
		peer_close(p);
	else if (n >= p->protocol->longest ||
		 !stream_make_room(&p->stream, size > 0 ? size : n + 1))
		drop(p);
	else
		become(p, n > 0 ? PEER_READING : PEER_IDLE);
}

/* Answers what is there, until there is nothing, or a question has to wait. The peer may be gone afterwards. */
static void serve(struct peer *p)
{
	struct span request;
	size_t size;

	for (;;) {
		switch (p->protocol->take(stream_held(&p->stream), p->ended, &request, &size)) {
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

	(void)fd;
	(void)what;
	if (stream_is_full(&p->stream)) {
		event_del(&p->reads); /* enough for now: it is waiting */
		return;
	}
	switch (stream_read(&p->stream)) {
	case STREAM_MOVED:
		if (p->state != PEER_WAITING)
			serve(p);
		return;
	case STREAM_ENDED:
		on_end(p);
		return;
	case STREAM_BROKEN:
		peer_close(p);
		return;
	case STREAM_LATER:
		return;
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	enum stream_result r = stream_flush(&p->stream);

	(void)fd;
	(void)what;
	if (r == STREAM_BROKEN) {
		peer_close(p);
	} else if (r == STREAM_MOVED) {
		event_del(&p->writes);
		go_on(p);
	}
}

void peer_conclude(struct peer *p, bool late)
{
	struct desk *desk = &p->room->desk;
	struct judgement j;
	bool alive;

	engine_conclude(desk->door->engine, p->pending, &j);
	p->pending = NULL;
	service_count(&desk->stats.waiting, -1);
	if (late)
		service_count(&desk->stats.late, 1);
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

bool room_make_place(struct room *room)
{
	static const enum peer_state order[] = { PEER_IDLE, PEER_READING, PEER_WRITING };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct peer *p = peer_oldest(room, order[i]);

		if (p == NULL)
			continue;
		service_count(&room->desk.stats.evicted, 1);
		peer_close(p);
		return true;
	}
	return false;
}

int peer_new(struct room *room, int fd, const struct protocol *protocol)
{
	struct peer *p = malloc(sizeof(*p));

	if (p == NULL) {
		close(fd);
		return -ENOMEM;
	}
	*p = (struct peer){ .room = room, .protocol = protocol };
	stream_init(&p->stream, fd);
	enlist(p, PEER_IDLE);
	room->n_peers++;
	service_count(&room->desk.stats.connections, 1);
	service_count(&room->desk.stats.accepted, 1);
	event_assign(&p->reads, room->base, fd, EV_READ | EV_PERSIST, on_readable, p);
	event_assign(&p->writes, room->base, fd, EV_WRITE | EV_PERSIST, on_writable, p);
	event_add(&p->reads, NULL);
	return 0;
}
