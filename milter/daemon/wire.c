#include "config.h"

#include "milter/daemon/wire.h"

#include "common/base/cleanup.h"
#include "common/base/kv.h"
#include "common/base/steady.h"
#include "common/net/fetcher_curl.h"
#include "common/net/prober_tls.h"
#include "common/net/resolver_unbound.h"
#include "common/net/trust.h"
#include "common/store/store_sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct wire {
	const struct settings *settings;
	struct log *log;
	struct resolver_unbound *resolver;
	struct trust *trust;
	struct fetcher_curl *fetcher;
	struct prober_tls *prober;
	bool store_is_open;
	struct engine_env env;
	struct steady steady;
	bool in_doubt; /* about the clock; the housekeeper's */
	char helo[256];
	struct stat bundle;   /* of the trusted roots, when they were read; the housekeeper's */
	pthread_mutex_t lock; /* of what follows */
	bool tested;
	enum dns_health health;
	char health_detail[LIMIT_DETAIL];
};

enum { RETEST_WELL = 3600000, RETEST_ILL = 60000 };

static int64_t real_wall(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static int64_t real_mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	/* A few milliseconds are all that is asked for, on every recipient. */
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void notice(void *arg, enum log_level level, const char *line)
{
	struct wire *w = arg;

	log_line(w->log, level, line);
}

static void store_says(void *arg, const char *line)
{
	struct wire *w = arg;
	struct kv kv;

	kv_begin(&kv, "store");
	kv_str(&kv, "detail", line);
	log_line(w->log, LOG_LEVEL_WARNING, kv_end(&kv));
}

static struct dns_settings dns_settings_of(const struct settings *s)
{
	return (struct dns_settings){ .servers = s->dns.v,
				      .n_servers = s->dns.n,
				      .stubs = s->dns_stub.v,
				      .n_stubs = s->dns_stub.n,
				      .trust_anchor = s->dns_trust_anchor };
}

static int open_store(struct wire *w, struct buf *error)
{
	struct store_options o = { .path = w->settings->database,
				   .clock = &w->env.clock,
				   .notice = store_says,
				   .notice_arg = w,
				   .connections = (unsigned)w->settings->workers };
	int r = store_sqlite_open(&o, &w->env.store);

	w->store_is_open = r == 0;
	if (r == STORE_NEWER) {
		buf_addf(error,
			 "database: %s was written by a newer version; install that version, or "
			 "name another file",
			 w->settings->database);
		return WIRE_CONFIG;
	}
	return r;
}

static int open_resolver(struct wire *w, struct buf *error)
{
	struct dns_settings dns = dns_settings_of(w->settings);
	int r = resolver_unbound_open(&dns, &w->env.clock, &w->resolver, error);

	if (r == 0)
		w->env.resolver = resolver_unbound_port(w->resolver);
	return r > 0 ? WIRE_CONFIG : r;
}

static const char *helo_name(struct wire *w)
{
	if (w->settings->probe_helo[0] != '\0')
		return w->settings->probe_helo;
	if (gethostname(w->helo, sizeof(w->helo) - 1) != 0 || w->helo[0] == '\0')
		memcpy(w->helo, "localhost", sizeof("localhost"));
	return w->helo;
}

static int open_clients(struct wire *w, struct buf *error)
{
	const struct settings *s = w->settings;
	struct fetcher_curl_options fetch = { .timeout_ms = s->fetch_timeout };
	struct prober_tls_options probe = {
		.helo = helo_name(w),
		.source_address = s->source_address,
		.source_address6 = s->source_address6,
		.tls13_only = s->probe_min_tls == TLS_MINIMUM_1_3,
		.connect_timeout_ms = s->connect_timeout,
		.greeting_timeout_ms = s->greeting_timeout,
		.probe_timeout_ms = s->probe_timeout,
	};
	int r;

	/* Looked at before it is read: a change in between is seen later. */
	if (stat(s->ca_bundle, &w->bundle) != 0)
		w->bundle = (struct stat){ 0 };
	r = trust_open(s->ca_bundle, &w->trust, error);

	if (r == 0)
		r = fetcher_curl_open(&fetch, w->trust, &w->env.clock, &w->fetcher);
	if (r == 0)
		r = prober_tls_open(&probe, w->trust, &w->env.clock, &w->prober, error);
	if (r != 0)
		return r > 0 ? WIRE_CONFIG : r;
	w->env.fetcher = fetcher_curl_port(w->fetcher);
	w->env.prober = prober_tls_port(w->prober);
	return 0;
}

int wire_open(const struct settings *s, struct log *log, struct wire **ret, struct buf *error)
{
	struct wire *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return -1;
	w->settings = s;
	w->log = log;
	steady_init(&w->steady, &(struct clock){ real_wall, real_mono, NULL });
	w->env.clock = steady_clock(&w->steady);
	w->env.notice = notice;
	w->env.notice_arg = w;
	pthread_mutex_init(&w->lock, NULL);
	r = open_clients(w, error);
	if (r == 0)
		r = open_resolver(w, error);
	if (r == 0)
		r = open_store(w, error);
	if (r != 0)
		wire_close(w);
	else
		*ret = w;
	return r;
}

struct wire *wire_close(struct wire *w)
{
	if (w == NULL)
		return NULL;
	if (w->store_is_open)
		store_sqlite_close(&w->env.store);
	resolver_unbound_close(w->resolver);
	prober_tls_close(w->prober);
	fetcher_curl_close(w->fetcher);
	trust_close(w->trust);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

struct engine_env *wire_env(struct wire *w)
{
	return &w->env;
}

void wire_selftest(struct wire *w)
{
	char why[LIMIT_DETAIL] = "";
	enum dns_health now = resolver_unbound_selftest(
		w->resolver, clock_mono(&w->env.clock) + w->settings->dns_timeout, why);
	bool changed;
	struct kv kv;

	pthread_mutex_lock(&w->lock);
	changed = now != w->health || !w->tested;
	w->tested = true;
	w->health = now;
	memcpy(w->health_detail, why, sizeof(why));
	pthread_mutex_unlock(&w->lock);
	if (!changed)
		return;
	kv_begin(&kv, "dnssec");
	kv_str(&kv, "result", dns_health_name(now));
	kv_str(&kv, "detail", why);
	if (now == DNS_HEALTH_STRIPPED || now == DNS_HEALTH_DISTRUSTED)
		kv_str(&kv, "mode", "running without DNSSEC validation");
	log_line(w->log, now == DNS_HEALTH_VALIDATES ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		 kv_end(&kv));
}

void wire_watch_clock(struct wire *w)
{
	int64_t ahead = steady_doubt(&w->steady);
	char detail[LIMIT_DETAIL] = "the clock is believed again";
	struct kv kv;

	if ((ahead != 0) == w->in_doubt)
		return;
	w->in_doubt = ahead != 0;
	if (w->in_doubt)
		snprintf(detail, sizeof(detail),
			 "the clock has leapt %lld s forward; believed if it stays there for %d s",
			 (long long)ahead, STEADY_DOUBT);
	kv_begin(&kv, "clock");
	kv_str(&kv, "detail", detail);
	log_line(w->log, LOG_LEVEL_WARNING, kv_end(&kv));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void wire_refresh_trust(struct wire *w)
{
	AUTO(buf_release) struct buf error = { .max = 1000 };
	struct stat now;
	struct kv kv;
	bool read;

	if (stat(w->settings->ca_bundle, &now) != 0 || same_file(&now, &w->bundle))
		return;
	w->bundle = now;
	read = trust_reload(w->trust, &error) == 0;
	kv_begin(&kv, "trust");
	kv_str(&kv, "result", read ? "reloaded" : "kept");
	kv_span(&kv, "detail", buf_span(&error));
	log_line(w->log, read ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, kv_end(&kv));
}

int64_t wire_selftest_interval(struct wire *w)
{
	bool well;

	pthread_mutex_lock(&w->lock);
	well = w->health == DNS_HEALTH_VALIDATES || w->health == DNS_HEALTH_OFF;
	pthread_mutex_unlock(&w->lock);
	return well ? RETEST_WELL : RETEST_ILL;
}

void wire_dns_state(void *arg, struct dns_state *ret)
{
	struct wire *w = arg;

	pthread_mutex_lock(&w->lock);
	ret->dnssec = dns_health_name(w->health);
	memcpy(ret->detail, w->health_detail, sizeof(ret->detail));
	pthread_mutex_unlock(&w->lock);
}

static bool examine_store(const struct settings *s, struct buf *report)
{
	char why[300] = "";

	if (store_sqlite_check(s->database, why, sizeof(why)) == 0) {
		buf_addf(report, "ok      database: %s%s%s\n", s->database,
			 why[0] != '\0' ? ", " : "", why);
		return true;
	}
	buf_addf(report, "problem database: %s: %s\n", s->database, why);
	return false;
}

static bool examine_trust(const struct settings *s, struct buf *report)
{
	struct trust *trust = NULL;
	struct buf error;
	bool well;

	buf_init(&error, 1000);
	well = trust_open(s->ca_bundle, &trust, &error) == 0;
	if (well)
		buf_addf(report, "ok      ca_bundle: %s, %zu certificates\n", s->ca_bundle,
			 trust_count(trust));
	else
		buf_addf(report, "problem %s\n", buf_text(&error));
	trust_close(trust);
	buf_release(&error);
	return well;
}

/* Without DNSSEC the daemon works, and says so; without DNS it does not. */
static bool report_dnssec(enum dns_health health, const char *why, struct buf *report)
{
	bool fine = health == DNS_HEALTH_VALIDATES || health == DNS_HEALTH_OFF;
	bool dead = health == DNS_HEALTH_UNKNOWN;

	buf_addf(report, "%s dns: dnssec %s%s%s\n",
		 fine	? "ok     "
		 : dead ? "problem"
			: "warning",
		 dns_health_name(health), why[0] != '\0' ? ": " : "", why);
	return !dead;
}

static bool examine_resolver(const struct settings *s, struct buf *report)
{
	const struct clock clock = { real_wall, real_mono, NULL };
	struct dns_settings dns = dns_settings_of(s);
	struct resolver_unbound *resolver = NULL;
	char why[LIMIT_DETAIL] = "";
	struct buf error;
	bool well;

	buf_init(&error, 1000);
	well = resolver_unbound_open(&dns, &clock, &resolver, &error) == 0;
	if (!well) {
		buf_addf(report, "problem %s\n", buf_text(&error));
	} else {
		enum dns_health health = resolver_unbound_selftest(
			resolver, clock_mono(&clock) + s->dns_timeout, why);

		well = report_dnssec(health, why, report);
	}
	resolver_unbound_close(resolver);
	buf_release(&error);
	return well;
}

bool wire_examine(const struct settings *s, bool with_store, struct buf *report)
{
	bool store = !with_store || examine_store(s, report);
	bool trust = examine_trust(s, report);

	return examine_resolver(s, report) && trust && store;
}
