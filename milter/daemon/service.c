#include "config.h"

#include "milter/daemon/service.h"

#include "milter/daemon/delivery_door.h"
#include "milter/daemon/listener.h"
#include "milter/daemon/peer.h"
#include "milter/daemon/recent.h"
#include "milter/daemon/tlsrpt_socket.h"

#include "common/sts/tls_policy.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BACKLOG = 1024, ACCEPTS = 16, TICK_S = 1 };

/* One address to be reached at. */
struct entrance {
	struct service *service;
	struct listener at;
	const struct protocol *protocol;
	struct event accepts;
	bool resting; /* until the next tick: out of file descriptors */
};

struct service {
	struct room room;
	size_t n_entrances;
	struct entrance *entrances;
	unsigned most_peers;
	int bell; /* eventfd; -1: none */
	atomic_bool rung, stopping;
	struct event hears, ticks;
	struct tlsrpt_socket *tlsrpt; /* NULL: not listened to here */
	bool started;
	pthread_t thread;
};

/* The kind of sockets that a setting lists. */
struct kind {
	const char *setting;
	const struct string_list *addresses;
	const struct protocol *protocol;
	struct listener_access access;
};

static void kinds_of(const struct settings *s, const struct identity *id, struct kind ret[2])
{
	ret[0] = (struct kind){ "socketmap",
				&s->socketmap,
				&socketmap_protocol,
				{ id->uid, id->socketmap_gid, (mode_t)s->socketmap_mode } };
	ret[1] = (struct kind){ "exim_socket",
				&s->exim_socket,
				&exim_protocol,
				{ id->uid, id->exim_gid, (mode_t)s->exim_socket_mode } };
}

static int bind_kind(struct service *v, const struct kind *k, struct buf *error)
{
	for (size_t i = 0; i < k->addresses->n; i++) {
		struct entrance *e = &v->entrances[v->n_entrances];

		*e = (struct entrance){ .service = v, .protocol = k->protocol };
		if (listener_parse(k->setting, k->addresses->v[i], &e->at, error) != 0 ||
		    listener_bind(&e->at, BACKLOG, &k->access, error) != 0)
			return -1;
		v->n_entrances++;
	}
	return 0;
}

static unsigned most_peers(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur / 4 >= SERVICE_PEERS)
		return SERVICE_PEERS;
	return files.rlim_cur >= 8 ? (unsigned)(files.rlim_cur / 4) : 2;
}

struct service *service_open(const struct settings *s, const struct identity *id, struct buf *error)
{
	struct service *v = calloc(1, sizeof(*v));
	struct kind kinds[2];

	if (v == NULL) {
		buf_adds(error, "out of memory");
		return NULL;
	}
	kinds_of(s, id, kinds);
	v->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->entrances = calloc(s->socketmap.n + s->exim_socket.n + 1, sizeof(*v->entrances));
	if (v->entrances == NULL || v->bell < 0) {
		buf_adds(error, "out of memory or file descriptors");
		return service_close(v);
	}
	if (bind_kind(v, &kinds[0], error) != 0 || bind_kind(v, &kinds[1], error) != 0)
		return service_close(v);
	/* All of it at once: an answer that is cut off for want of memory would be another answer. */
	buf_init(&v->room.desk.out, PROTOCOL_HEAD + LIMIT_MAP_REPLY + 1);
	if (buf_addf(&v->room.desk.out, "%*s", PROTOCOL_HEAD + LIMIT_MAP_REPLY, "") != 0) {
		buf_adds(error, "out of memory");
		return service_close(v);
	}
	v->most_peers = most_peers();
	return v;
}

/* Who has been idle longest goes, then who has been slow longest; those that wait for us stay. False: nobody went. */
static bool make_place(struct service *v)
{
	static const enum peer_state order[] = { PEER_IDLE, PEER_READING, PEER_WRITING };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct peer *p = peer_oldest(&v->room, order[i]);

		if (p == NULL)
			continue;
		service_count(&v->room.desk.stats.evicted, 1);
		peer_close(p);
		return true;
	}
	return false;
}

static bool is_out_of_files(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
	static const int yes = 1;
	struct entrance *e = arg;
	struct service *v = e->service;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client < 0 && is_out_of_files(errno) && !make_place(v)) {
			e->resting = true;
			event_del(&e->accepts);
		}
		if (client < 0)
			return;
		if (e->at.path == NULL)
			setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		if (v->room.n_peers < v->most_peers || make_place(v))
			peer_new(&v->room, client, e->protocol);
		else
			close(client);
	}
}

static int64_t mono(const struct service *v)
{
	return clock_mono(&v->room.desk.door->env->clock);
}

static void await_next_deadline(struct service *v)
{
	struct peer *p = peer_oldest(&v->room, PEER_WAITING);
	int64_t left;
	struct timeval t;

	if (p == NULL)
		return;
	left = peer_since(p) + v->room.desk.door->settings->socketmap_deadline - mono(v);
	left = left > 1 ? left : 1;
	t = (struct timeval){ left / 1000, left % 1000 * 1000 };
	event_add(&v->room.deadline, &t);
}

static void conclude_late(struct service *v)
{
	int64_t limit = mono(v) - v->room.desk.door->settings->socketmap_deadline;
	struct peer *p;

	while ((p = peer_oldest(&v->room, PEER_WAITING)) != NULL && peer_since(p) <= limit)
		peer_conclude(p, true);
	await_next_deadline(v);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conclude_late(arg);
}

static void on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct service *v = arg;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0)
		n = 0;
	atomic_store(&v->rung, false);
	if (atomic_load(&v->stopping))
		event_base_loopbreak(v->room.base);
	else
		peers_answer_rung(&v->room);
}

static void ring(void *arg)
{
	struct service *v = arg;
	const uint64_t one = 1;

	if (!atomic_exchange(&v->rung, true) && write(v->bell, &one, sizeof(one)) < 0)
		atomic_store(&v->rung, false); /* the deadline will tell */
}

static void drop_slow(struct service *v, enum peer_state state, int64_t patience)
{
	struct peer *p;

	while ((p = peer_oldest(&v->room, state)) != NULL && peer_since(p) + patience <= mono(v)) {
		if (state != PEER_IDLE)
			service_count(&v->room.desk.stats.dropped, 1);
		peer_close(p);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct service *v = arg;

	(void)fd;
	(void)what;
	recent_tick(v->room.desk.recent, mono(v));
	drop_slow(v, PEER_IDLE, SERVICE_IDLE);
	drop_slow(v, PEER_READING, SERVICE_PATIENCE);
	drop_slow(v, PEER_WRITING, SERVICE_PATIENCE);
	for (size_t i = 0; i < v->n_entrances; i++) {
		if (v->entrances[i].resting)
			event_add(&v->entrances[i].accepts, NULL);
		v->entrances[i].resting = false;
	}
}

static void *serve(void *arg)
{
	struct service *v = arg;

	event_base_loop(v->room.base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

/* Its thread alone uses it; others ring the bell. */
static struct event_base *unlocked_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

static int prepare(struct service *v)
{
	static const struct timeval tick = { TICK_S, 0 };

	v->room.base = unlocked_base();
	if (v->room.base == NULL)
		return -1;
	event_assign(&v->hears, v->room.base, v->bell, EV_READ | EV_PERSIST, on_bell, v);
	event_assign(&v->ticks, v->room.base, -1, EV_PERSIST, on_tick, v);
	evtimer_assign(&v->room.deadline, v->room.base, on_deadline, v);
	event_add(&v->hears, NULL);
	event_add(&v->ticks, &tick);
	for (size_t i = 0; i < v->n_entrances; i++) {
		struct entrance *e = &v->entrances[i];

		event_assign(&e->accepts, v->room.base, e->at.fd, EV_READ | EV_PERSIST, on_client,
			     e);
		event_add(&e->accepts, NULL);
	}
	return v->tlsrpt != NULL ? tlsrpt_socket_attach(v->tlsrpt, v->room.base) : 0;
}

int service_start(struct service *v, struct door *door, struct tlsrpt_socket *tlsrpt)
{
	struct desk *desk = &v->room.desk;
	sigset_t all, old;

	desk->door = door;
	desk->said = said_new(door->env->seed);
	if (desk->said == NULL)
		return -1;
	desk->postfix = tls_policy_postfix(door->settings->postfix_version);
	v->room.ring = ring;
	v->room.ring_arg = v;
	v->tlsrpt = tlsrpt;
	if (v->n_entrances == 0 && tlsrpt == NULL)
		return 0;
	desk->recent = recent_new(door->env->seed, delivery_door_again, desk);
	if (desk->recent == NULL)
		return -1;
	if (prepare(v) != 0)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	v->started = pthread_create(&v->thread, NULL, serve, v) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return v->started ? 0 : -1;
}

const struct service_stats *service_stats(const struct service *v)
{
	return &v->room.desk.stats;
}

static void leave_room(struct service *v)
{
	struct peer *p;

	for (int state = 0; state < PEER_STATES; state++)
		while ((p = peer_oldest(&v->room, (enum peer_state)state)) != NULL)
			peer_close(p);
}

struct service *service_close(struct service *v)
{
	struct peer *p;

	if (v == NULL)
		return NULL;
	if (v->started) {
		atomic_store(&v->stopping, true);
		ring(v);
		pthread_join(v->thread, NULL);
	}
	tlsrpt_socket_detach(v->tlsrpt);
	while ((p = peer_oldest(&v->room, PEER_WAITING)) != NULL)
		peer_conclude(p, true);
	leave_room(v);
	for (size_t i = 0; i < v->n_entrances; i++)
		listener_close(&v->entrances[i].at);
	if (v->room.base != NULL)
		event_base_free(v->room.base);
	if (v->bell >= 0)
		close(v->bell);
	free(v->entrances);
	recent_free(v->room.desk.recent);
	said_free(v->room.desk.said);
	buf_release(&v->room.desk.out);
	free(v);
	return NULL;
}

bool service_examine(const struct settings *s, const struct identity *id, struct buf *report)
{
	struct kind kinds[2];
	bool well = true;

	kinds_of(s, id, kinds);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < kinds[k].addresses->n; i++) {
			struct listener at;
			struct buf error = { .max = 1024 };

			if (listener_parse(kinds[k].setting, kinds[k].addresses->v[i], &at,
					   &error) == 0) {
				well = listener_examine(&at, &kinds[k].access, report) && well;
			} else {
				buf_addf(report, "problem %s\n", buf_text(&error));
				well = false;
			}
			buf_release(&error);
		}
	}
	return well;
}
