#include "config.h"

#include "tests/bench/cold_sim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/cold_dns.h"
#include "tests/bench/cold_serve.h"

/* No tickets, no cache: one flight each way and nothing behind it. */
static SSL_CTX *server_ctx(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	return ctx;
}

static int open_net(struct cold_net *net, struct cold_shared *shared, const struct cold_plan *plan,
		    const char *roots)
{
	int r = cold_pki_make(plan, roots, &net->pki);

	net->counts = &shared->counts;
	net->loop = cold_loop_new(&shared->round_trip_ns);
	net->tls = server_ctx();
	if (r == 0 && net->tls == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = cold_dns_start(net->loop, &shared->counts.questions);
	if (r == 0)
		r = cold_listen(net, &COLD_HTTPS);
	return r == 0 ? cold_listen(net, &COLD_SMTP) : r;
}

static void be_it(struct cold_shared *shared, const struct cold_plan *plan, const char *roots,
		  int ready)
{
	struct cold_net net = { 0 };
	int r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	r = open_net(&net, shared, plan, roots);
	if (write(ready, &r, sizeof(r)) != sizeof(r) || r != 0)
		_exit(1);
	(void)close(ready);
	cold_loop_run(net.loop);
}

int cold_sim_start(struct cold_sim *s, const struct cold_plan *plan, const char *roots)
{
	int ready[2], r = -EIO;

	*s = (struct cold_sim){ 0 };
	s->shared = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->shared == MAP_FAILED || pipe(ready) < 0)
		return -errno;
	s->pid = fork();
	if (s->pid == 0) {
		(void)close(ready[0]);
		be_it(s->shared, plan, roots, ready[1]);
		_exit(1);
	}
	(void)close(ready[1]);
	if (s->pid < 0)
		r = -errno;
	else if (read(ready[0], &r, sizeof(r)) != sizeof(r))
		r = -ECHILD;
	(void)close(ready[0]);
	return r;
}

double cold_sim_cpu(const struct cold_sim *s)
{
	struct timespec t;
	clockid_t id;

	if (clock_getcpuclockid(s->pid, &id) != 0 || clock_gettime(id, &t) < 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void cold_sim_stop(struct cold_sim *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}
