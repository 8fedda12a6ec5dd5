#include "config.h"

#include "tests/daemon/stage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "common/store/store_sqlite.h"

static int start_mx(struct stage *s, const struct stage_mx *mx)
{
	for (size_t i = 0; mx[i].ip != NULL; i++) {
		int r;

		if (i == STAGE_MX_HOSTS)
			return -E2BIG;
		if (mx[i].certificate != NULL) {
			s->tls[i] = test_ca_server(s->ca, mx[i].certificate, mx[i].seconds);
			if (s->tls[i] == NULL)
				return -EIO;
		}
		r = smtp_server_start(mx[i].ip, 25, s->tls[i], &s->mx[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int stage_open(struct stage *s, const struct dns_row *zone, const struct stage_mx *mx)
{
	int r;

	*s = (struct stage){ 0 };
	(void)signal(SIGPIPE, SIG_IGN);
	r = daemon_init(&s->daemon);
	if (r < 0)
		return r;
	s->ca = test_ca_new();
	if (s->ca == NULL)
		return -EIO;
	r = test_ca_write(s->ca, s->daemon.ca);
	if (r == 0)
		r = start_mx(s, mx);
	return r == 0 ? dns_responder_start("127.0.0.1", 53, zone, &s->dns) : r;
}

void stage_close(struct stage *s)
{
	daemon_release(&s->daemon);
	s->dns = dns_responder_stop(s->dns);
	for (size_t i = 0; i < STAGE_MX_HOSTS; i++) {
		s->mx[i] = smtp_server_stop(s->mx[i]);
		SSL_CTX_free(s->tls[i]);
		s->tls[i] = NULL;
	}
	s->ca = test_ca_free(s->ca);
}

static int64_t wall(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static int64_t mono(void *ctx)
{
	(void)ctx;
	return child_now();
}

static void notice(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "store: %s\n", line);
}

static int put(struct store *store, const struct stage_policy *p)
{
	char body[512];
	int n = snprintf(body, sizeof(body),
			 "version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n",
			 policy_mode_name(p->mode), p->mx);
	const struct stored_policy policy = { .id = "1",
					      .mode = p->mode,
					      .body = { body, (size_t)n },
					      .fetched_at = time(NULL),
					      .expires_at = time(NULL) + 604800 };

	if (n < 0 || (size_t)n >= sizeof(body))
		return -E2BIG;
	return store->put(store->ctx, p->domain, &policy);
}

int stage_store(struct stage *s, const struct stage_policy *policies)
{
	const struct clock clock = { wall, mono, NULL };
	const struct store_options options = {
		.path = s->daemon.database, .clock = &clock, .notice = notice, .connections = 1
	};
	struct store store;
	int r = store_sqlite_open(&options, &store);

	if (r != 0)
		return r < 0 ? r : -EIO;
	for (; r == 0 && policies->domain != NULL; policies++)
		r = put(&store, policies);
	store_sqlite_close(&store);
	return r == 0 ? daemon_own(&s->daemon, s->daemon.database) : r;
}
