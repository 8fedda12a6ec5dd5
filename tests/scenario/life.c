/* life.c - a random life of two domains: their records, policies, MX hosts, certificates, TLSA records, our disk, the operator, and time */
#include "config.h"

#include "tests/scenario/promises.h"

#include "common/engine/overrides.h"
#include "common/sts/override.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 400, REPEATS = 301 /* seconds that memory may repeat an answer without a policy */ };

uint64_t life_roll(struct life *l, uint64_t n)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return (l->random >> 11) % n;
}

static bool one_in(struct life *l, uint64_t n)
{
	return life_roll(l, n) == 0;
}

static const char *one_of(struct life *l, const char *const *words, size_t n)
{
	return words[life_roll(l, n)];
}
#define ONE_OF(l, words) one_of(l, words, sizeof(words) / sizeof((words)[0]))

void life_note(struct life *l, const char *format, ...)
{
	char line[TEXT + 100];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	buf_addf(&l->log, "%4u %s\n", l->step, line);
}

static void tell(struct life *l, const char *kind, const char *name, const char *text)
{
	life_note(l, "%s %s %s", kind, name, text);
	fake_world_tell(&l->world, kind, name, text);
}

/* The onlooker. */

static bool see_body(struct seen_policy *p, struct span body, int64_t fetched_at)
{
	struct policy *policy;
	struct arena arena;
	bool valid;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	valid = policy_parse(body, &arena, &policy, NULL) == 0;
	if (valid) {
		*p = (struct seen_policy){ .is = true,
					   .mode = policy->mode,
					   .expires_at = fetched_at + policy->max_age };
		for (size_t i = 0; i < policy->n_mx && i < PATTERNS; i++)
			snprintf(p->mx[p->n_mx++], sizeof(p->mx[0]), "%s", policy->mx[i]);
		policy_unref(policy);
	}
	arena_release(&arena);
	return valid;
}

static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct life *l = ctx;

	l->fetcher.get(l->fetcher.ctx, f, deadline, arena);
	life_note(l, "  a fetch from %s: %s", f->host, reason_name(f->reason));
	for (size_t i = 0; f->reason == REASON_OK && i < DOMAINS; i++)
		if (strcmp(l->domains[i].name, f->host + strlen("mta-sts.")) == 0 &&
		    see_body(&l->domains[i].known, f->body, l->world.wall))
			l->domains[i].doubtful_until = 0;
}

static void probe(void *ctx, struct probe *p, size_t n, int64_t deadline)
{
	struct life *l = ctx;

	l->prober.probe(l->prober.ctx, p, n, deadline);
	for (size_t i = 0; i < n; i++)
		for (size_t h = 0; h < ALL_HOSTS; h++)
			if (strcmp(l->hosts[h], p[i].mx_host) == 0 &&
			    p[i].fact.outcome == OUTCOME_PASSED)
				l->passed_at[h] = l->world.wall;
}

bool life_has_stored(const struct life *l, const struct seen_domain *d)
{
	struct stored_policy stored;
	struct arena arena;
	bool has;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	fake_store_break(l->store, false);
	has = l->env.store.get(l->env.store.ctx, d->name, &arena, &stored) == 0 &&
	      l->world.wall < stored.expires_at;
	fake_store_break(l->store, l->broken);
	arena_release(&arena);
	return has;
}

void life_remember(const struct life *l, struct seen_domain *d)
{
	if (d->known.is && l->world.wall >= d->doubtful_until)
		d->is_remembered = true;
}

/* What the disk holds is all that is known now. */
static void see_store(struct life *l, struct seen_domain *d)
{
	struct stored_policy stored;
	struct arena arena;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	d->known = (struct seen_policy){ .is = false };
	d->is_remembered = false;
	if (l->broken)
		d->doubtful_until = INT64_MAX;
	else if (l->env.store.get(l->env.store.ctx, d->name, &arena, &stored) == 0)
		(void)see_body(&d->known, stored.body, stored.fetched_at);
	arena_release(&arena);
}

/* What happens. */

static void txt(struct life *l, const struct seen_domain *d)
{
	static const char *const others[] = {
		"nxdomain", "secure nodata",	 "servfail",
		"bogus",    "\"v=STSv1; id=;\"", "\"v=STSv1; id=1;\" \"v=STSv1; id=2;\""
	};
	char text[TEXT];

	l->id += one_in(l, 2);
	snprintf(text, sizeof(text), "%s\"v=STSv1; id=%u;\"", one_in(l, 2) ? "ttl=20 " : "", l->id);
	tell(l, "txt", d->name, one_in(l, 2) ? ONE_OF(l, others) : text);
}

static void policy(struct life *l, const struct seen_domain *d)
{
	static const char *const faults[] = { "fetch-connect-failed", "fetch-timeout",
					      "fetch-tls-invalid", "version: STSv1\\nmode: none" };
	static const char *const modes[] = { "enforce", "enforce", "enforce", "testing", "none" };
	static const char *const ages[] = { "0", "60", "3600", "86400", "604800", "2592000" };
	static const char *const hosts[] = { "a", "b", "c", "*" };
	char text[TEXT];
	size_t n = 0;

	if (one_in(l, 2)) {
		tell(l, "fetch", d->name, ONE_OF(l, faults));
		return;
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "version: STSv1\\nmode: %s\\n",
			      ONE_OF(l, modes));
	for (uint64_t i = life_roll(l, PATTERNS) + 1; i > 0; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "mx: %s.%s\\n", ONE_OF(l, hosts),
				      d->name);
	snprintf(text + n, sizeof(text) - n, "max_age: %s\\n", ONE_OF(l, ages));
	tell(l, "fetch", d->name, text);
}

static const char *host_of(struct life *l, const struct seen_domain *d)
{
	size_t own = (size_t)(d - l->domains) * HOSTS;

	if (one_in(l, 5))
		return l->hosts[DOMAINS * HOSTS + life_roll(l, STRANGERS)];
	return l->hosts[own + life_roll(l, HOSTS)];
}

static void mx(struct life *l, const struct seen_domain *d)
{
	static const char *const others[] = { "servfail", "bogus", "nodata", "nxdomain", "0 ." };
	char text[TEXT];
	size_t n;

	if (one_in(l, 4)) {
		tell(l, "mx", d->name, ONE_OF(l, others));
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%s", one_in(l, 3) ? "insecure" : "secure");
	for (uint64_t i = life_roll(l, 3) + 1; i > 0; i--) {
		unsigned preference = one_in(l, 2) ? 10 : 20;

		n += (size_t)snprintf(text + n, sizeof(text) - n, " %u %s", preference,
				      host_of(l, d));
	}
	tell(l, "mx", d->name, text);
}

static void host(struct life *l, const char *name, size_t h)
{
	static const char *const found[] = { "ok", "ok", "certificate-untrusted",
					     "starttls-missing", "connect-timeout" };
	static const char *const by_dane[] = { "dane-ok", "dane-ok ends=2h", "dane-mismatch",
					       "connect-timeout" };
	static const char *const tlsa[] = { "nodata",	"\"3 1 1 aa*32\"", "\"2 0 1 bb*32\"",
					    "servfail", "bogus",	   "\"1 1 1 aa*32\"" };
	static const char *const addr[] = { "secure", "secure", "insecure",
					    "secure cname=alias.test" };
	char text[TEXT], key[TEXT];
	bool two = one_in(l, 2);

	snprintf(text, sizeof(text), "%s 20.0.0.%zu", ONE_OF(l, addr), h + 1);
	if (two)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " 20.0.1.%zu", h + 1);
	tell(l, "addr", name, one_in(l, 8) ? "servfail" : text);
	tell(l, "tlsa", name, ONE_OF(l, tlsa));
	for (unsigned i = 0; i < 2; i++) {
		snprintf(key, sizeof(key), "%s 20.0.%u.%zu", name, i, h + 1);
		tell(l, "probe", key, ONE_OF(l, found));
		tell(l, "dane", key, ONE_OF(l, by_dane));
	}
}

static void time_passes(struct life *l)
{
	static const unsigned strokes[] = { 1, 30, 61, 301, 1800, 3700, 30000, 90000, 700000 };
	unsigned seconds = strokes[life_roll(l, sizeof(strokes) / sizeof(strokes[0]))];
	unsigned ticks = one_in(l, 2) ? 1 : 8;

	life_note(l, "time +%us, %u ticks", seconds, ticks);
	for (unsigned i = 0; i < ticks; i++) {
		fake_world_pass(&l->world, (seconds + ticks - 1) / ticks);
		engine_tick(l->engine);
	}
	for (size_t i = 0; i < DOMAINS; i++)
		l->domains[i].override_lost = l->domains[i].override_lost && l->broken;
}

static bool start(struct life *l)
{
	for (size_t i = 0; i < DOMAINS; i++) {
		see_store(l, &l->domains[i]);
		l->domains[i].override_lost = l->broken;
	}
	l->broken_since = 0;
	l->engine = engine_new(&l->env, l->settings);
	return l->engine != NULL;
}

static void disk(struct life *l)
{
	l->broken = !l->broken && one_in(l, 2);
	l->broken_since = l->world.wall;
	life_note(l, "store %s", l->broken ? "broken" : "works");
	fake_store_break(l->store, l->broken);
	for (size_t i = 0; i < DOMAINS; i++) {
		struct seen_domain *d = &l->domains[i];

		if (l->broken && !d->is_remembered)
			see_store(l, d);
		if (!l->broken && d->doubtful_until == INT64_MAX) {
			see_store(l, d);
			d->doubtful_until = l->world.wall + REPEATS;
		}
	}
}

static void operator_decides(struct life *l, struct seen_domain *d)
{
	static const char *const modes[] = { "enforce", "testing", "none" };
	struct overrides *all = engine_overrides(l->engine);
	struct override *wanted, *done = NULL;
	struct override_words words = { .domain = span_of(d->name),
					.until = span_of("+6h"),
					.reason = span_of("as it happens") };
	struct buf error;
	char mx[40] = "";

	buf_init(&error, 1000);
	words.mode = span_of(ONE_OF(l, modes));
	if (one_in(l, 2))
		snprintf(mx, sizeof(mx), "%s%s", one_in(l, 2) ? "*." : "a.", d->name);
	words.mx = span_of(mx);
	if (one_in(l, 2)) {
		if (overrides_remove(all, d->name, 0, &done) == 0)
			d->has_override = false;
	} else if (override_read(&words, l->world.wall, &wanted, &error) == 0) {
		if (overrides_add(all, wanted, &done) == 0) {
			d->has_override = true;
			d->override_lost = false;
			d->override = done->mode;
			d->override_until = done->until;
		}
		override_unref(wanted);
	}
	life_note(l, "override %s %s", d->name,
		  done == NULL	    ? "stays"
		  : d->has_override ? policy_mode_name(done->mode)
				    : "goes");
	override_unref(done);
	buf_release(&error);
}

static void operator_asks(struct life *l, struct seen_domain *d)
{
	struct nexthop hop = nexthop_of_route(span_of(d->name));
	bool policy_too = one_in(l, 3);

	switch (life_roll(l, 3)) {
	case 0:
		life_note(l, "flush %s%s", d->name, policy_too ? " policy" : "");
		engine_flush(l->engine, &hop, policy_too);
		see_store(l, d);
		break;
	case 1:
		life_note(l, "refresh %s", d->name);
		engine_start(l->engine, &hop, WHY_OPERATOR);
		life_remember(l, d);
		break;
	default:
		life_note(l, "doubt %s", d->name);
		engine_doubt(l->engine, &hop, NULL);
		break;
	}
}

void life_happen(struct life *l)
{
	struct seen_domain *d = &l->domains[life_roll(l, DOMAINS)];
	size_t h = life_roll(l, ALL_HOSTS);

	switch (life_roll(l, 16)) {
	case 0:
	case 1:
		txt(l, d);
		break;
	case 2:
	case 3:
		policy(l, d);
		break;
	case 4:
	case 5:
		mx(l, d);
		break;
	case 6:
	case 7:
		host(l, l->hosts[h], h);
		break;
	case 8:
		disk(l);
		break;
	case 9:
		operator_decides(l, d);
		break;
	case 10:
		operator_asks(l, d);
		break;
	case 11:
		life_note(l, "restart");
		l->engine = engine_free(l->engine);
		if (!start(l))
			abort();
		break;
	default:
		time_passes(l);
		break;
	}
}

/* Every domain begins well, under an enforce policy. */
static void settle(struct life *l)
{
	static const char *const tlsa[] = { "nodata", "\"3 1 1 aa*32\"" };
	char text[TEXT], key[40];

	for (size_t h = 0; h < ALL_HOSTS; h++) {
		size_t d = h / HOSTS;

		if (d < DOMAINS)
			snprintf(l->hosts[h], sizeof(l->hosts[h]), "%c.%s", (char)('a' + h % HOSTS),
				 l->domains[d].name);
		else
			snprintf(l->hosts[h], sizeof(l->hosts[h]), "%c.stranger.test",
				 (char)('a' + h - DOMAINS * HOSTS));
		snprintf(text, sizeof(text), "secure 20.0.0.%zu", h + 1);
		tell(l, "addr", l->hosts[h], text);
		tell(l, "tlsa", l->hosts[h], ONE_OF(l, tlsa));
		snprintf(key, sizeof(key), "%s 20.0.0.%zu", l->hosts[h], h + 1);
		tell(l, "probe", key, "ok");
		tell(l, "dane", key, "dane-ok");
	}
	for (size_t i = 0; i < DOMAINS; i++) {
		const char *name = l->domains[i].name;

		tell(l, "txt", name, "\"v=STSv1; id=0;\"");
		snprintf(text, sizeof(text),
			 "version: STSv1\\nmode: enforce\\nmx: *.%s\\nmax_age: 604800\\n", name);
		tell(l, "fetch", name, text);
		snprintf(text, sizeof(text), "secure 10 a.%s 20 b.%s", name, name);
		tell(l, "mx", name, text);
	}
	tell(l, "tlsa", "alias.test", ONE_OF(l, tlsa));
}

bool life_begin(struct life *l, uint64_t seed)
{
	static const char *const bound[] = { "no", "yes" }, *const dane[] = { "off", "postfix" };
	static const char *const failure[] = { "tempfail 1h", "tempfail", "accept" };
	static const char *const inconclusive[] = { "tempfail", "accept" };
	struct buf error;

	memset(l, 0, sizeof(*l));
	l->random = seed * 0x9e3779b97f4a7c15U + 1;
	for (unsigned i = 0; i < 8; i++)
		(void)life_roll(l, 2);
	buf_init(&l->log, 1 << 20);
	buf_init(&error, 1000);
	fake_world_init(&l->world);
	fake_world_wire(&l->world, &l->env);
	l->store = fake_store_new();
	l->env.store = fake_store_port(l->store);
	l->fetcher = l->env.fetcher;
	l->env.fetcher = (struct fetcher){ get, l };
	l->prober = l->env.prober;
	l->env.prober.probe = probe;
	l->env.prober.ctx = l;
	for (size_t i = 0; i < DOMAINS; i++)
		snprintf(l->domains[i].name, sizeof(l->domains[i].name), "d%zu.example", i);
	/* One roll a line: arguments come in any order, and a seed must mean the same life everywhere. */
	buf_addf(&l->log, "[action]\ndelivery_bound = %s\n", ONE_OF(l, bound));
	buf_addf(&l->log, "txt_failure = %s\n", ONE_OF(l, failure));
	buf_addf(&l->log, "probe_inconclusive = %s\n", ONE_OF(l, inconclusive));
	buf_addf(&l->log, "[delivery]\ndane = %s\n", ONE_OF(l, dane));
	if (settings_parse(buf_span(&l->log), "life", &l->settings, &error) == 0)
		l->settings->workers = 0; /* everything happens on this thread */
	buf_release(&error);
	settle(l);
	return l->settings != NULL && start(l);
}

void life_end(struct life *l)
{
	engine_free(l->engine);
	settings_free(l->settings);
	fake_store_free(l->store);
	fake_world_release(&l->world);
	buf_release(&l->log);
}
