#include "config.h"

#include "common/net/farewell.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

struct guest {
	int fd;
	SSL *ssl;
	int64_t until;
};

struct farewells {
	pthread_t thread;
	int wake;	      /* eventfd: somebody came, or it is time to stop */
	pthread_mutex_t lock; /* arrived, n_arrived, n_staying, stopping; a leaf */
	struct guest arrived[FAREWELLS];
	size_t n_arrived;
	size_t n_staying; /* arrived before: the thread's own, in the order of their coming */
	bool stopping;
	struct guest staying[FAREWELLS];
};

/* Not the engine's clock: this is no decision, and virtual time has no connections. */
static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void dismiss(struct guest *g)
{
	SSL_free(g->ssl);
	(void)close(g->fd);
	*g = (struct guest){ .fd = -1 };
}

/* True when there is nothing more to wait for. */
static bool has_answered(const struct guest *g)
{
	char ignored[512];
	int n;

	if (g->ssl == NULL)
		return recv(g->fd, ignored, sizeof(ignored), 0) >= 0 ||
		       (errno != EAGAIN && errno != EINTR);
	ERR_clear_error();
	n = SSL_read(g->ssl, ignored, sizeof(ignored));
	/* a session ticket is no answer yet */
	if (n <= 0)
		return SSL_get_error(g->ssl, n) != SSL_ERROR_WANT_READ;
	(void)SSL_shutdown(g->ssl);
	return true;
}

/* Returns how many stay. */
static size_t welcome(struct farewells *f, bool *ret_stop)
{
	eventfd_t ignored;
	size_t n;

	(void)eventfd_read(f->wake, &ignored);
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n_arrived; i++)
		f->staying[f->n_staying++] = f->arrived[i];
	f->n_arrived = 0;
	n = f->n_staying;
	*ret_stop = f->stopping;
	pthread_mutex_unlock(&f->lock);
	return n;
}

static void keep(struct farewells *f, const struct pollfd *fds, size_t n)
{
	int64_t now = now_ms();
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct guest *g = &f->staying[i];

		if (now >= g->until || (fds[i].revents != 0 && has_answered(g)))
			dismiss(g);
		else
			f->staying[kept++] = *g;
	}
	pthread_mutex_lock(&f->lock);
	f->n_staying = kept;
	pthread_mutex_unlock(&f->lock);
}

static void *run(void *arg)
{
	struct farewells *f = arg;
	struct pollfd fds[FAREWELLS + 1];
	bool stop;
	size_t n;

	for (;;) {
		int64_t left = -1;

		n = welcome(f, &stop);
		if (stop)
			break;
		for (size_t i = 0; i < n; i++)
			fds[i] = (struct pollfd){ .fd = f->staying[i].fd, .events = POLLIN };
		fds[n] = (struct pollfd){ .fd = f->wake, .events = POLLIN };
		if (n > 0) {
			left = f->staying[0].until - now_ms();
			left = left > 0 ? left : 0;
		}
		if (poll(fds, n + 1, (int)left) < 0)
			for (size_t i = 0; i < n; i++)
				fds[i].revents = 0;
		keep(f, fds, n);
	}
	for (size_t i = 0; i < n; i++)
		dismiss(&f->staying[i]);
	return NULL;
}

struct farewells *farewells_new(void)
{
	struct farewells *f = calloc(1, sizeof(*f));
	sigset_t all, old;
	bool started;

	if (f == NULL)
		return NULL;
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&f->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	started = f->wake >= 0 && pthread_create(&f->thread, NULL, run, f) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (started)
		return f;
	pthread_mutex_destroy(&f->lock);
	if (f->wake >= 0)
		(void)close(f->wake);
	free(f);
	return NULL;
}

struct farewells *farewells_free(struct farewells *f)
{
	if (f == NULL)
		return NULL;
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	pthread_mutex_unlock(&f->lock);
	(void)eventfd_write(f->wake, 1);
	(void)pthread_join(f->thread, NULL);
	pthread_mutex_destroy(&f->lock);
	(void)close(f->wake);
	free(f);
	return NULL;
}

bool farewells_take(struct farewells *f, int fd, SSL *ssl)
{
	bool taken;

	/* One record at a time: who sends tickets without end must not keep SSL_read() for itself. */
	if (ssl != NULL)
		SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	pthread_mutex_lock(&f->lock);
	taken = f->n_arrived + f->n_staying < FAREWELLS && !f->stopping;
	if (taken)
		f->arrived[f->n_arrived++] =
			(struct guest){ .fd = fd, .ssl = ssl, .until = now_ms() + FAREWELL_MS };
	pthread_mutex_unlock(&f->lock);
	if (taken)
		(void)eventfd_write(f->wake, 1);
	return taken;
}
