#include "config.h"

#include "milter/daemon/tlsrpt_socket.h"

#include "common/base/cleanup.h"
#include "common/base/kv.h"
#include "milter/daemon/listener.h"
#include "milter/daemon/tlsrpt_datagram.h"

#include <errno.h>
#include <event2/event.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	AT_ONCE = 64, /* datagrams before others have their turn */
	SAID_EVERY = 3600000
};

struct tlsrpt_socket {
	char spec[128]; /* "unix:" and the path */
	struct listener at;
	bool has_senders; /* of tlsrpt_users at least one exists, or none is named */
	size_t n_users;
	uid_t users[TLSRPT_USERS];
	struct event *event;
	const struct engine_env *env;
	struct outcomes *outcomes;
	int64_t say_at; /* not before: a line about bad datagrams; 0: none was written yet */
	uint64_t unsaid;
	atomic_ullong datagrams, refused, malformed;
	char room[LIMIT_OUTCOME + 1];
};

static struct listener_access access_of(const struct settings *s, const struct identity *id)
{
	return (struct listener_access){ id->uid, id->socketmap_gid, (mode_t)s->socketmap_mode };
}

static int parse(const struct settings *s, char spec[128], struct listener *ret, struct buf *error)
{
	snprintf(spec, 128, "unix:%s", s->tlsrpt_socket);
	if (listener_parse("tlsrpt_socket", spec, ret, error) != 0)
		return -1;
	ret->type = SOCK_DGRAM;
	return 0;
}

/* Users that this host does not have send nothing. */
static void find_users(struct tlsrpt_socket *t, const struct string_list *names, uid_t own)
{
	t->users[t->n_users++] = own;
	for (size_t i = 0; i < names->n && t->n_users < TLSRPT_USERS; i++) {
		const struct passwd *pw = getpwnam(names->v[i]);

		if (pw != NULL)
			t->users[t->n_users++] = pw->pw_uid;
	}
	t->has_senders = t->n_users > 1 || names->n == 0;
}

struct tlsrpt_socket *tlsrpt_socket_open(const struct settings *s, const struct identity *id,
					 struct buf *error)
{
	const struct listener_access access = access_of(s, id);
	struct tlsrpt_socket *t = calloc(1, sizeof(*t));
	const int yes = 1;

	if (t == NULL) {
		buf_adds(error, "out of memory");
		return NULL;
	}
	find_users(t, &s->tlsrpt_users, id->uid);
	if (parse(s, t->spec, &t->at, error) != 0 || listener_bind(&t->at, 0, &access, error) != 0)
		return tlsrpt_socket_close(t);
	if (setsockopt(t->at.fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) == 0)
		return t;
	buf_addf(error, "tlsrpt_socket: cannot ask who sends: %s", strerror(errno));
	return tlsrpt_socket_close(t);
}

static bool is_trusted(const struct tlsrpt_socket *t, int64_t uid)
{
	for (size_t i = 0; i < t->n_users; i++)
		if ((int64_t)t->users[i] == uid)
			return true;
	return false;
}

/* One line an hour, whatever the reason: who floods us does not fill the log. */
static void say(struct tlsrpt_socket *t, const char *detail, int64_t uid)
{
	int64_t now = clock_mono(&t->env->clock);
	struct kv kv;

	if (t->say_at != 0 && now < t->say_at) {
		t->unsaid++;
		return;
	}
	kv_begin(&kv, "tlsrpt");
	kv_str(&kv, "detail", detail);
	kv_int(&kv, "uid", uid);
	if (t->unsaid > 0)
		kv_int(&kv, "unsaid", (int64_t)t->unsaid);
	t->env->notice(t->env->notice_arg, LOG_LEVEL_WARNING, kv_end(&kv));
	t->say_at = now + SAID_EVERY;
	t->unsaid = 0;
}

static void take(struct tlsrpt_socket *t, struct span datagram, int64_t uid)
{
	AUTO(arena_release) struct arena arena;
	struct tlsrpt_datagram d;
	const char *why = "no memory";
	bool doubted;

	if (!is_trusted(t, uid)) {
		atomic_fetch_add(&t->refused, 1);
		say(t, "a datagram from a user who is not in tlsrpt_users", uid);
		arena_init(&arena, 0);
		return;
	}
	arena_init(&arena, TLSRPT_MEMORY);
	if (tlsrpt_datagram_parse(datagram, &arena, &d, &why) != 0) {
		atomic_fetch_add(&t->malformed, 1);
		say(t, why, uid);
		return;
	}
	atomic_fetch_add(&t->datagrams, 1);
	for (size_t i = 0; i < d.n; i++)
		(void)outcomes_take(t->outcomes, &d.hop, &d.outcomes[i], &doubted);
}

static int64_t sender_of(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		struct ucred peer;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&peer, CMSG_DATA(c), sizeof(peer));
		return peer.uid;
	}
	return -1;
}

/* Descriptors that come along are closed by the kernel: there is no room for them. False: no datagram waits. */
static bool receive(struct tlsrpt_socket *t, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec io = { t->room, sizeof(t->room) };
	struct msghdr message = { .msg_iov = &io,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EINTR;
	take(t, span_make(t->room, (size_t)n), sender_of(&message));
	return true;
}

static void on_datagram(evutil_socket_t fd, short what, void *arg)
{
	struct tlsrpt_socket *t = arg;

	(void)what;
	for (int i = 0; i < AT_ONCE && receive(t, fd); i++)
		;
}

void tlsrpt_socket_tell(struct tlsrpt_socket *t, const struct engine_env *env,
			struct outcomes *outcomes)
{
	t->env = env;
	t->outcomes = outcomes;
	if (!t->has_senders)
		say(t, "this host has none of the users in tlsrpt_users", -1);
}

int tlsrpt_socket_attach(struct tlsrpt_socket *t, struct event_base *base)
{
	t->event = event_new(base, t->at.fd, EV_READ | EV_PERSIST, on_datagram, t);
	return t->event != NULL ? event_add(t->event, NULL) : -1;
}

void tlsrpt_socket_detach(struct tlsrpt_socket *t)
{
	if (t == NULL || t->event == NULL)
		return;
	event_free(t->event);
	t->event = NULL;
}

struct tlsrpt_socket *tlsrpt_socket_close(struct tlsrpt_socket *t)
{
	if (t == NULL)
		return NULL;
	tlsrpt_socket_detach(t);
	if (t->at.setting != NULL)
		listener_close(&t->at);
	free(t);
	return NULL;
}

struct tlsrpt_status tlsrpt_socket_status(const struct tlsrpt_socket *t)
{
	return (struct tlsrpt_status){
		.datagrams = atomic_load(&t->datagrams),
		.refused = atomic_load(&t->refused),
		.malformed = atomic_load(&t->malformed),
	};
}

bool tlsrpt_socket_examine(const struct settings *s, const struct identity *id, struct buf *report)
{
	const struct listener_access access = access_of(s, id);
	struct listener at;
	char spec[128];
	struct buf error = { .max = 1000 };
	bool well = parse(s, spec, &at, &error) == 0;

	if (!well)
		buf_addf(report, "problem %s\n", buf_text(&error));
	buf_release(&error);
	return well && listener_examine(&at, &access, report);
}
