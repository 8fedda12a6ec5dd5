#include "config.h"

#include "milter/daemon/service.h"

#include "milter/daemon/delivery_door.h"
#include "milter/daemon/entrance.h"
#include "milter/daemon/peer.h"
#include "milter/daemon/recent.h"
#include "milter/daemon/tlsrpt_socket.h"

#include "common/sts/tls_policy.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TICK_S = 1 };

struct service {
	struct room room;
	struct entrances entrances;
	int bell; /* eventfd; -1: none */
	atomic_bool rung, stopping;
	struct event hears, ticks;
	struct tlsrpt_socket *tlsrpt; /* NULL: not listened to here */
	bool started;
	pthread_t thread;
};

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

	if (v == NULL) {
		buf_adds(error, "out of memory");
		return NULL;
	}
	v->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (v->bell < 0) {
		buf_adds(error, "out of file descriptors");
		return service_close(v);
	}
	if (entrances_open(&v->entrances, s, id, error) != 0)
		return service_close(v);
	/* All of it at once: an answer that is cut off for want of memory would be another answer. */
	buf_init(&v->room.desk.out, PROTOCOL_HEAD + LIMIT_MAP_REPLY + 1);
	if (buf_addf(&v->room.desk.out, "%*s", PROTOCOL_HEAD + LIMIT_MAP_REPLY, "") != 0) {
		buf_adds(error, "out of memory");
		return service_close(v);
	}
	v->room.most_peers = most_peers();
	return v;
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
	entrances_retry(&v->entrances);
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
	entrances_attach(&v->entrances, &v->room);
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
	if (v->entrances.n == 0 && tlsrpt == NULL)
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
	entrances_close(&v->entrances);
	if (v->room.base != NULL)
		event_base_free(v->room.base);
	if (v->bell >= 0)
		close(v->bell);
	recent_free(v->room.desk.recent);
	said_free(v->room.desk.said);
	buf_release(&v->room.desk.out);
	free(v);
	return NULL;
}
