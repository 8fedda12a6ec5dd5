#include "config.h"

#include "tests/servers/syslog_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/span.h"

enum { BATCH = 64, LINE = 2048 };

struct syslog_sink {
	int fd;
	pthread_t thread;
	const char *ident, *word;
	atomic_uint_least64_t lines, bytes;
};

/* A node of the real /dev shows through in the new one. */
static int keep_node(const char *dir, const char *name)
{
	char from[64], to[256];
	int fd;

	(void)snprintf(from, sizeof(from), "/dev/%s", name);
	(void)snprintf(to, sizeof(to), "%s/%s", dir, name);
	fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return mount(from, to, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int private_dev(const char *dir)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	char fd[256];
	int r = 0;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", MS_NOSUID, "mode=0755") < 0)
		return -errno;
	for (size_t i = 0; r == 0 && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		r = keep_node(dir, nodes[i]);
	(void)snprintf(fd, sizeof(fd), "%s/fd", dir);
	if (r == 0 && symlink("/proc/self/fd", fd) < 0)
		r = -errno;
	if (r == 0 && mount(dir, "/dev", NULL, MS_MOVE, NULL) < 0)
		r = -errno;
	return r;
}

/* "<22>Nov 21 22:51:03 ident[123]: word and the rest" */
static void count(struct syslog_sink *s, struct span line)
{
	size_t n = strlen(s->ident);
	const char *at = memmem(line.p, line.n, s->ident, n), *end = line.p + line.n;
	struct span message;

	if (at == NULL)
		return;
	at = memmem(at, (size_t)(end - at), ": ", 2);
	if (at == NULL)
		return;
	message = span_make(at + 2, (size_t)(end - at) - 2);
	if (!span_starts(message, s->word))
		return;
	atomic_fetch_add(&s->lines, 1);
	atomic_fetch_add(&s->bytes, message.n);
}

static void *serve(void *arg)
{
	struct syslog_sink *s = arg;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	static char line[BATCH][LINE];

	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ line[i], LINE };
		msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
	for (;;) {
		int n = recvmmsg(s->fd, msg, BATCH, MSG_WAITFORONE, NULL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		for (int i = 0; i < n; i++) {
			if (msg[i].msg_len == 0) /* shut down */
				return NULL;
			count(s, span_make(line[i], msg[i].msg_len));
		}
	}
}

int syslog_sink_start(const char *dir, const char *ident, const char *word,
		      struct syslog_sink **ret)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	struct syslog_sink *s = calloc(1, sizeof(*s));
	int r = s != NULL ? private_dev(dir) : -ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	s->ident = ident;
	s->word = word;
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 && bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
	    chmod(sa.sun_path, 0666) == 0 &&
	    (errno = pthread_create(&s->thread, NULL, serve, s)) == 0) {
		*ret = s;
		return 0;
	}
	r = -errno;
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
	return r;
}

struct syslog_sink *syslog_sink_stop(struct syslog_sink *s)
{
	if (s == NULL)
		return NULL;
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	free(s);
	return NULL;
}

struct syslog_counts syslog_sink_counts(struct syslog_sink *s)
{
	return (struct syslog_counts){ atomic_load(&s->lines), atomic_load(&s->bytes) };
}
