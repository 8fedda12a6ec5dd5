#include "config.h"

#include "milter/daemon/entrance.h"

#include "milter/daemon/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, ACCEPTS = 16 };

/* One address to be reached at. */
struct entrance {
	struct room *room;
	struct listener at;
	const struct protocol *protocol;
	struct event accepts;
	bool resting; /* until the next tick: out of file descriptors */
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

static int bind_kind(struct entrances *all, const struct kind *k, struct buf *error)
{
	for (size_t i = 0; i < k->addresses->n; i++) {
		struct entrance *e = &all->v[all->n];

		*e = (struct entrance){ .protocol = k->protocol };
		if (listener_parse(k->setting, k->addresses->v[i], &e->at, error) != 0 ||
		    listener_bind(&e->at, BACKLOG, &k->access, error) != 0)
			return -1;
		all->n++;
	}
	return 0;
}

int entrances_open(struct entrances *e, const struct settings *s, const struct identity *id,
		   struct buf *error)
{
	struct kind kinds[2];

	kinds_of(s, id, kinds);
	*e = (struct entrances){ .v = calloc(s->socketmap.n + s->exim_socket.n + 1,
					     sizeof(*e->v)) };
	if (e->v == NULL) {
		buf_adds(error, "out of memory");
		return -1;
	}
	return bind_kind(e, &kinds[0], error) == 0 ? bind_kind(e, &kinds[1], error) : -1;
}

static bool is_out_of_files(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
	static const int yes = 1;
	struct entrance *e = arg;
	struct room *room = e->room;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client < 0 && is_out_of_files(errno) && !room_make_place(room)) {
			e->resting = true;
			event_del(&e->accepts);
		}
		if (client < 0)
			return;
		if (e->at.path == NULL)
			setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		if (room->n_peers < room->most_peers || room_make_place(room))
			peer_new(room, client, e->protocol);
		else
			close(client);
	}
}

void entrances_attach(struct entrances *all, struct room *room)
{
	for (size_t i = 0; i < all->n; i++) {
		struct entrance *e = &all->v[i];

		e->room = room;
		event_assign(&e->accepts, room->base, e->at.fd, EV_READ | EV_PERSIST, on_client, e);
		event_add(&e->accepts, NULL);
	}
}

void entrances_retry(struct entrances *all)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].resting)
			event_add(&all->v[i].accepts, NULL);
		all->v[i].resting = false;
	}
}

void entrances_close(struct entrances *all)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].room != NULL)
			event_del(&all->v[i].accepts);
		listener_close(&all->v[i].at);
	}
	free(all->v);
}

bool entrances_examine(const struct settings *s, const struct identity *id, struct buf *report)
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
