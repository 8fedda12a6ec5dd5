#include "config.h"

#include "milter/daemon/control.h"

#include "milter/daemon/listener.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

struct client {
	struct control *control;
	struct bufferevent *bev;
	struct event *patience; /* for what the client is to do next */
	int64_t uid;		/* -1: unknown */
	bool last;		/* hang up once the answer is taken */
};

struct control {
	char spec[128]; /* "unix:" and the path */
	struct listener at;
	struct sources sources;
	struct event_base *base;
	struct evconnlistener *listener;
	size_t n_clients;
	struct client *clients[CONTROL_CLIENTS];
	bool started;
	pthread_t thread;
};

static void client_free(struct client *client)
{
	if (client->patience != NULL)
		event_free(client->patience);
	bufferevent_free(client->bev);
	free(client);
}

static void hang_up(struct client *client)
{
	struct control *c = client->control;
	size_t i = 0;

	while (c->clients[i] != client)
		i++;
	c->clients[i] = c->clients[--c->n_clients];
	client_free(client);
	evconnlistener_enable(c->listener);
}

static void be_patient(struct client *client)
{
	static const struct timeval patience = { CONTROL_PATIENCE, 0 };

	event_add(client->patience, &patience);
}

/* Nothing more is read before the answer is taken: what a client can make us hold is one request and one answer. Takes answer. */
static void reply(struct client *client, char *answer)
{
	bufferevent_disable(client->bev, EV_READ);
	if (answer == NULL || bufferevent_write(client->bev, answer, strlen(answer)) != 0 ||
	    bufferevent_write(client->bev, "\n", 1) != 0)
		hang_up(client);
	else
		be_patient(client);
	free(answer);
}

/* What has no end or cannot be held is no request, and says so by not being JSON. */
static void reply_last(struct client *client, const char *fault)
{
	char *answer = NULL;
	json_t *root = json_pack("{s:b, s:s, s:i}", "ok", 0, "error", fault, "status", EX_USAGE);

	if (root != NULL)
		answer = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	client->last = true;
	reply(client, answer);
}

/* Answers the next request that is there as a whole. False: there is none. */
static bool serve_next(struct client *client)
{
	struct evbuffer *in = bufferevent_get_input(client->bev);
	size_t n;
	char *line = evbuffer_readln(in, &n, EVBUFFER_EOL_LF);

	if (line == NULL && evbuffer_get_length(in) <= LIMIT_CONTROL_LINE)
		return false;
	if (line == NULL || n > LIMIT_CONTROL_LINE)
		reply_last(client, "a request of more than 256 KiB");
	else
		reply(client,
		      control_answer(&client->control->sources, client->uid, span_make(line, n)));
	free(line);
	return true;
}

static void on_request(struct bufferevent *bev, void *arg)
{
	(void)bev;
	serve_next(arg);
}

static void on_sent(struct bufferevent *bev, void *arg)
{
	struct client *client = arg;

	if (client->last) {
		hang_up(client);
		return;
	}
	if (serve_next(client))
		return;
	be_patient(client);
	bufferevent_enable(bev, EV_READ);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	if ((what & BEV_EVENT_EOF) && evbuffer_get_length(bufferevent_get_input(bev)) > 0)
		reply_last(client, "the request ends in the middle of its line");
	else
		hang_up(client);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	hang_up(arg);
}

static int64_t uid_of(evutil_socket_t fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 ? (int64_t)peer.uid : -1;
}

static struct client *client_new(struct control *c, evutil_socket_t fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return NULL;
	client->control = c;
	client->uid = uid_of(fd);
	client->bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (client->bev == NULL) {
		free(client);
		return NULL;
	}
	client->patience = evtimer_new(c->base, on_patience, client);
	return client;
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *arg)
{
	struct control *c = arg;
	struct client *client = client_new(c, fd);

	(void)sa;
	(void)len;
	if (client == NULL || client->patience == NULL) {
		if (client != NULL)
			client_free(client);
		else
			close(fd);
		return;
	}
	c->clients[c->n_clients++] = client;
	if (c->n_clients >= CONTROL_CLIENTS)
		evconnlistener_disable(listener);
	bufferevent_setcb(client->bev, on_request, on_sent, on_event, client);
	bufferevent_setwatermark(client->bev, EV_READ, 0, 2 * LIMIT_CONTROL_LINE);
	bufferevent_enable(client->bev, EV_READ | EV_WRITE);
	be_patient(client);
}

/* Out of file descriptors: a rest is better than a busy loop. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
	usleep(100000);
}

static void *serve(void *arg)
{
	struct control *c = arg;

	event_base_loop(c->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

struct control *control_open(const struct settings *s, const struct identity *id, struct buf *error)
{
	const struct listener_access access = { id->uid, id->control_gid,
						(mode_t)s->control_socket_mode };
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		buf_adds(error, "out of memory");
		return NULL;
	}
	snprintf(c->spec, sizeof(c->spec), "unix:%s", s->control_socket);
	if (listener_parse("control_socket", c->spec, &c->at, error) == 0 &&
	    listener_bind(&c->at, CONTROL_CLIENTS, &access, error) == 0)
		return c;
	return control_close(c);
}

int control_start(struct control *c, const struct sources *sources)
{
	sigset_t all, old;

	c->sources = *sources;
	if (evthread_use_pthreads() != 0 || (c->base = event_base_new()) == NULL)
		return -1;
	c->listener = evconnlistener_new(c->base, on_client, c, 0, 0, c->at.fd);
	if (c->listener == NULL)
		return -1;
	evconnlistener_set_error_cb(c->listener, on_accept_error);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	c->started = pthread_create(&c->thread, NULL, serve, c) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return c->started ? 0 : -1;
}

struct control *control_close(struct control *c)
{
	if (c == NULL)
		return NULL;
	if (c->started) {
		/* A break would be forgotten by a loop that has not begun yet. */
		event_base_loopexit(c->base, NULL);
		pthread_join(c->thread, NULL);
	}
	while (c->n_clients > 0)
		client_free(c->clients[--c->n_clients]);
	if (c->listener != NULL)
		evconnlistener_free(c->listener);
	if (c->at.setting != NULL)
		listener_close(&c->at);
	if (c->base != NULL)
		event_base_free(c->base);
	free(c);
	return NULL;
}
