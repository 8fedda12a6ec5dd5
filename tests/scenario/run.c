/* run - plays scenario files against the real engine, with a fake world and virtual time
 *
 * A scenario is lines of words; "#" begins a comment. See tests/scenario/README.md.
 */
#include "config.h"

#include "common/base/num.h"
#include "common/base/steady.h"
#include "common/engine/overrides.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"
#include "tests/scenario/macro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct play {
	const char *file;
	unsigned line;
	unsigned failures;
	unsigned checks;
	char name[80]; /* of the case; "" before the first */
	struct macros *macros;
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct clock clock; /* the world's; the engine's is steady, as in the daemon */
	struct steady steady;
	struct set_line {
		char section[32], name[64], line[256];
	} set[32];
	size_t n_set;
	struct settings *settings;
	struct engine *engine;
};

static void fail(struct play *p, const char *what, const char *text)
{
	printf("%s:%u: [%s] %s %s\n", p->file, p->line, p->name, what, text);
	p->failures++;
}

static void stop(struct play *p)
{
	p->engine = engine_free(p->engine);
	p->settings = settings_free(p->settings);
}

static bool start(struct play *p)
{
	struct buf error, config;
	bool ok;

	if (p->engine != NULL)
		return true;
	buf_init(&error, 1000);
	buf_init(&config, 65536);
	for (size_t i = 0; i < p->n_set; i++)
		buf_addf(&config, "[%s]\n%s\n", p->set[i].section, p->set[i].line);
	ok = settings_parse(buf_span(&config), p->file, &p->settings, &error) == 0;
	if (!ok)
		fail(p, "settings:", buf_text(&error));
	buf_release(&error);
	buf_release(&config);
	if (!ok)
		return false;
	steady_init(&p->steady, &p->clock);
	p->env.clock = steady_clock(&p->steady);
	p->settings->workers = 0; /* everything happens on this thread */
	p->engine = engine_new(&p->env, p->settings);
	return p->engine != NULL;
}

static void do_set(struct play *p, struct span rest)
{
	struct set_line set;
	struct span word, line;
	size_t i = 0;

	span_word(&rest, &word);
	span_copy(word, set.section, sizeof(set.section));
	rest = line = span_trim(rest);
	span_copy(line, set.line, sizeof(set.line));
	span_word(&rest, &word);
	span_copy(word, set.name, sizeof(set.name));
	while (i < p->n_set && strcmp(p->set[i].name, set.name) != 0)
		i++;
	if (i == sizeof(p->set) / sizeof(p->set[0])) {
		fail(p, "too many settings:", set.name);
		return;
	}
	p->set[i] = set;
	p->n_set += i == p->n_set;
	stop(p);
}

static void do_tell(struct play *p, const char *kind, struct span rest)
{
	struct span name, second;
	char key[400], text[8192];

	span_word(&rest, &name);
	if ((strcmp(kind, "probe") == 0 || strcmp(kind, "dane") == 0) && span_word(&rest, &second))
		snprintf(key, sizeof(key), "%.*s %.*s", (int)name.n, name.p, (int)second.n,
			 second.p);
	else
		span_copy(name, key, sizeof(key));
	if (!span_copy(span_trim(rest), text, sizeof(text)))
		fail(p, "too long:", key);
	fake_world_tell(&p->world, kind, key, text);
}

static void expect(struct play *p, const char *got, struct span wanted)
{
	struct span word;

	while (span_word(&wanted, &word)) {
		char want[300];

		snprintf(want, sizeof(want), "%.*s ", (int)word.n, word.p);
		const char *at = strstr(got, want);

		/* A whole word, not the end of another one. */
		if (at == NULL || (at != got && at[-1] != ' ')) {
			printf("%s:%u: [%s] expected %s\n        got %s\n", p->file, p->line,
			       p->name, want, got);
			p->failures++;
		}
	}
}

/* The words between verb and "->" go to `nexthop`; those behind it stay in *rest. */
static bool split(struct play *p, struct span *rest, struct span *nexthop)
{
	struct span arrow;

	if (span_word(rest, nexthop) && span_word(rest, &arrow) && span_eq(arrow, "->"))
		return true;
	fail(p, "expected:", "VERB NEXTHOP -> WORD...");
	return false;
}

enum { TICK = 10 /* seconds */ };

/* "time +1d" is one stroke and one tick, "live +1d" has the housekeeper at work all the time; "-> fetches=1 ..." may follow. */
static void do_time(struct play *p, struct span verb, struct span rest)
{
	int64_t ms, most;
	struct span by, arrow;
	char got[300];
	bool back;

	if (!start(p))
		return;
	if (!span_word(&rest, &by) || !num_duration(span_make(by.p + 1, by.n - 1), &ms)) {
		fail(p, "no duration:", "expected +2d or -1h");
		return;
	}
	back = span_starts(by, "-");
	most = span_eq(verb, "live") ? TICK : ms / 1000;
	p->world.counts = (struct fake_counts){ 0 };
	p->world.notices = 0;
	for (int64_t left = ms / 1000; left > 0; left -= most) {
		if (back)
			p->world.wall -= most; /* monotonic time is never set back */
		else
			fake_world_pass(&p->world, left < most ? left : most);
		engine_tick(p->engine);
	}
	snprintf(got, sizeof(got), "txt=%u mx=%u addresses=%u fetches=%u probes=%u notices=%u ",
		 p->world.counts.txt, p->world.counts.mx, p->world.counts.addresses,
		 p->world.counts.fetches, p->world.counts.probes, p->world.notices);
	if (span_word(&rest, &arrow))
		expect(p, got, rest);
}

/* The wall clock alone is set forward. */
static void do_clock(struct play *p, struct span rest)
{
	int64_t ms;

	if (!start(p))
		return;
	if (!span_starts(rest, "+") || !num_duration(span_make(rest.p + 1, rest.n - 1), &ms))
		fail(p, "no duration:", "expected clock +1d");
	else
		p->world.wall += ms / 1000;
	engine_tick(p->engine);
}

/* The names of a domain's events, the oldest first. */
struct history {
	char names[2048];
	char last[1024];
};

static void add_event(void *arg, const struct stored_event *e)
{
	struct history *h = arg;
	char rest[sizeof(h->names)];

	memcpy(rest, h->names, sizeof(rest));
	if (h->names[0] == '\0')
		snprintf(h->last, sizeof(h->last), "%s by=%s id=%s mode=%s mx=%s detail=%s",
			 event_name(e->kind), event_source_name(e->source),
			 e->id[0] != '\0' ? e->id : "-",
			 e->id[0] != '\0' ? policy_mode_name(e->mode) : "-", e->mx, e->detail);
	snprintf(h->names, sizeof(h->names), "%s%s%.1000s", event_name(e->kind),
		 rest[0] != '\0' ? " " : "", rest);
}

/* events: all names of the history in order; event: words of the newest one. */
static void do_events(struct play *p, struct span verb, struct span rest)
{
	struct store store = fake_store_port(p->store);
	struct span domain;
	struct history h = { .names = "" };
	char name[300], want[2048], got[1200];

	if (!split(p, &rest, &domain))
		return;
	p->checks++;
	span_copy(domain, name, sizeof(name));
	store.events(store.ctx, name, 0, 1000, add_event, &h);
	if (span_eq(verb, "event")) {
		snprintf(got, sizeof(got), "%s ", h.last);
		expect(p, got, rest);
		return;
	}
	span_copy(span_trim(rest), want, sizeof(want));
	if (strcmp(want, h.names[0] != '\0' ? h.names : "-") != 0) {
		printf("%s:%u: [%s] expected %s\n        got %s\n", p->file, p->line, p->name, want,
		       h.names);
		p->failures++;
	}
}

struct result {
	struct judgement j;
	enum answer answer;
	struct fake_counts counts;
	unsigned notices;
};

static enum answer answer_of(const struct play *p, const struct judgement *j)
{
	const struct settings *s = p->settings;
	struct action_view view = { .action = (enum action_kind)s->action,
				    .accept_unreachable = s->probe_inconclusive == 1,
				    .txt_failure = s->txt_failure,
				    .pending = s->pending };

	return action_for(j->knowledge, &view, j->failing_ms);
}

static struct result ask(struct play *p, struct span nexthop)
{
	struct nexthop hop = nexthop_of_route(nexthop);
	struct result r;

	p->world.counts = (struct fake_counts){ 0 };
	p->world.notices = 0;
	engine_check(p->engine, &hop, p->world.mono + 10000, &r.j);
	r.answer = answer_of(p, &r.j);
	r.counts = p->world.counts;
	r.notices = p->world.notices;
	return r;
}

static struct result peek(struct play *p, struct span nexthop)
{
	struct nexthop hop = nexthop_of_route(nexthop);
	struct result r = { .j.entry = engine_peek(p->engine, &hop) };

	r.j.knowledge = KNOW_PENDING;
	r.j.reason = REASON_PENDING;
	if (r.j.entry != NULL) {
		r.j.knowledge = (enum knowledge)r.j.entry->knowledge;
		r.j.reason = (enum reason)r.j.entry->reason;
	}
	r.answer = answer_of(p, &r.j);
	return r;
}

static struct result start_check(struct play *p, struct span nexthop, enum why why)
{
	struct nexthop hop = nexthop_of_route(nexthop);
	struct result r = { .j.entry = NULL };

	p->world.counts = (struct fake_counts){ 0 };
	p->world.notices = 0;
	if (!engine_start(p->engine, &hop, why))
		fail(p, "refused:", hop.domain);
	r = peek(p, nexthop);
	r.counts = p->world.counts;
	r.notices = p->world.notices;
	return r;
}

/* What was seen of the host that decided. */
static void describe_host(const struct draft *e, const struct verdict *v, struct buf *out)
{
	const struct mx_host *host = NULL;

	for (size_t i = 0; v->mx != NULL && i < e->assessment->n_hosts; i++)
		if (strcmp(e->assessment->hosts[i].name, v->mx) == 0)
			host = &e->assessment->hosts[i];
	buf_addf(out, "by=%s at=%s ", verdict_by_name(v->by), v->mx != NULL ? v->mx : "-");
	if (host != NULL)
		buf_addf(out, "dane=%s base=%s usable=%u/%u ", dane_state_name(host->dane),
			 host->tlsa_base != NULL ? host->tlsa_base : "-", host->n_tlsa_usable,
			 host->n_tlsa);
	if (v->fact != NULL && v->fact->proof == PROOF_DANE)
		buf_addf(out, "pkix=%s ", reason_name(v->fact->pkix));
}

/* Writes "key=value " of everything that can be expected. */
static void describe(const struct result *r, struct buf *out)
{
	const struct verdict *v = r->j.entry != NULL ? entry_verdict(r->j.entry) : NULL;
	struct draft e = { .id = "" };

	if (r->j.entry != NULL)
		entry_read(r->j.entry, &e);
	buf_addf(out, "%s reason=%s answer=%s ", knowledge_name(r->j.knowledge),
		 reason_name(r->j.reason), answer_name(r->answer));
	buf_addf(out, "txt=%u mx=%u addresses=%u cnames=%u tlsa=%u rounds=%u ", r->counts.txt,
		 r->counts.mx, r->counts.addresses, r->counts.cnames, r->counts.tlsa,
		 r->counts.rounds);
	buf_addf(out, "fetches=%u probes=%u dane_probes=%u notices=%u ", r->counts.fetches,
		 r->counts.probes, r->counts.dane_probes, r->notices);
	buf_addf(out, "mode=%s id=%s ", e.policy != NULL ? policy_mode_name(e.policy->mode) : "-",
		 e.id[0] != '\0' ? e.id : "-");
	buf_addf(out, "override=%s ",
		 e.override != NULL ? policy_mode_name(e.override->mode) : "-");
	if (v != NULL)
		describe_host(&e, v, out);
	else
		buf_adds(out, "at=- ");
}

/* verb: "check", "peek", or the reason of a check that somebody starts: "refresh", "warm". */
static void do_check(struct play *p, struct span verb, struct span rest)
{
	struct span nexthop;
	struct result r;
	struct buf got;

	if (!split(p, &rest, &nexthop) || !start(p))
		return;
	p->checks++;
	if (span_eq(verb, "check"))
		r = ask(p, nexthop);
	else if (span_eq(verb, "peek"))
		r = peek(p, nexthop);
	else
		r = start_check(p, nexthop, span_eq(verb, "warm") ? WHY_WARM : WHY_OPERATOR);
	buf_init(&got, 4096);
	describe(&r, &got);
	expect(p, buf_text(&got), rest);
	buf_release(&got);
	judgement_release(&r.j);
}

static void list_names(const struct delivery *d, struct buf *out)
{
	buf_adds(out, "names=");
	for (size_t i = 0; i < d->n_names; i++)
		buf_addf(out, "%s%s", i > 0 ? ":" : "", d->names[i]);
	buf_addf(out, "%s n=%zu current=%zu ", d->n_names == 0 ? "-" : "", d->n_names,
		 d->n_current);
}

static void never(void *arg)
{
	(void)arg;
	abort(); /* all work is done on the asking thread */
}

/* deliver NEXTHOP [HOST] -> WORD... */
static void do_deliver(struct play *p, struct span rest)
{
	static const char *const host_words[] = { "allowed", "outside-policy", "fails-dane" };
	struct span route, word = { 0 };
	struct delivery_view view;
	struct delivery_case c;
	struct judgement j;
	struct delivery d;
	struct nexthop hop;
	char host[300] = "";
	struct buf got;

	if (!start(p) || !span_word(&rest, &route) || !span_word(&rest, &word))
		return;
	if (!span_eq(word, "->")) {
		span_copy(word, host, sizeof(host));
		span_word(&rest, &word);
	}
	p->checks++;
	hop = nexthop_of_route(route);
	p->world.counts = (struct fake_counts){ 0 };
	p->world.notices = 0;
	if (engine_ask(p->engine, &hop, never, NULL, &j) != NULL)
		abort();
	c = judgement_delivery(&j);
	view = (struct delivery_view){ .txt_failure = p->settings->txt_failure,
				       .pending = p->settings->pending,
				       .mta_does_dane = p->settings->dane != DANE_BY_NOBODY };
	delivery_of(&c, &view, &d);
	buf_init(&got, 65536);
	buf_addf(&got, "%s %s reason=%s txt=%u mx=%u fetches=%u probes=%u ",
		 delivery_demand_name(d.demand), knowledge_name(j.knowledge), reason_name(d.reason),
		 p->world.counts.txt, p->world.counts.mx, p->world.counts.fetches,
		 p->world.counts.probes);
	if (host[0] != '\0')
		buf_addf(&got, "host=%s ", host_words[delivery_host(&c, &d, host)]);
	list_names(&d, &got);
	expect(p, buf_text(&got), rest);
	buf_release(&got);
	judgement_release(&j);
}

/* doubt NEXTHOP [MX] -> doubted or ignored, and what that cost */
static void do_doubt(struct play *p, struct span rest)
{
	struct span route, word = { 0 };
	struct nexthop hop;
	char mx[300], got[200];
	bool named, doubted;

	if (!start(p) || !span_word(&rest, &route) || !span_word(&rest, &word))
		return;
	named = !span_eq(word, "->");
	if (named) {
		span_copy(word, mx, sizeof(mx));
		span_word(&rest, &word);
	}
	p->checks++;
	hop = nexthop_of_route(route);
	p->world.counts = (struct fake_counts){ 0 };
	doubted = engine_doubt(p->engine, &hop, named ? mx : NULL);
	snprintf(got, sizeof(got), "%s txt=%u mx=%u fetches=%u probes=%u ",
		 doubted ? "doubted" : "ignored", p->world.counts.txt, p->world.counts.mx,
		 p->world.counts.fetches, p->world.counts.probes);
	expect(p, got, rest);
}

static void do_flush(struct play *p, struct span rest)
{
	struct span nexthop, word = { 0 };
	struct nexthop hop;
	bool policy_too;

	if (!start(p) || !span_word(&rest, &nexthop))
		return;
	policy_too = span_word(&rest, &word) && span_eq(word, "policy");
	if (policy_too)
		span_word(&rest, &word);
	hop = nexthop_of_route(nexthop);
	expect(p, engine_flush(p->engine, &hop, policy_too) ? "known " : "unknown ", rest);
}

/* "\n" ends a line in what is told. */
static void do_policy(struct play *p, struct span rest)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	uint64_t max_age = 86400, lines = 0;
	struct span name, mode, word;
	struct buf text;
	char domain[300], ends[32] = "";

	span_word(&rest, &name);
	span_word(&rest, &mode);
	span_copy(name, domain, sizeof(domain));
	if (span_starts(mode, "ends=")) {
		snprintf(ends, sizeof(ends), "%.*s ", (int)mode.n, mode.p);
		span_word(&rest, &mode);
	}
	buf_init(&text, 1 << 20);
	buf_addf(&text, "%sversion: STSv1\\nmode: %.*s\\n", ends, (int)mode.n, mode.p);
	while (span_word(&rest, &word)) {
		if (span_starts(word, "max_age="))
			num_u64(span_make(word.p + 8, word.n - 8), UINT32_MAX, &max_age);
		else if (span_starts(word, "lines="))
			num_u64(span_make(word.p + 6, word.n - 6), 100000, &lines);
		else
			buf_addf(&text, "mx: %.*s\\n", (int)word.n, word.p);
	}
	for (unsigned i = 0; i < lines; i++)
		buf_addf(&text, "mx:%c%c%c\\n", 'a' + (int)(i / 1296 % 26), digits[i / 36 % 36],
			 digits[i % 36]);
	buf_addf(&text, "max_age: %llu\\n", (unsigned long long)max_age);
	fake_world_tell(&p->world, "fetch", domain, buf_text(&text));
	buf_release(&text);
}

static void play_line(struct play *p, struct span line);

static void play_macro(struct play *p, const char *text, struct span words)
{
	struct span left = span_of(text), line;
	char filled[MACRO_LINE];

	while (span_until(&left, '\n', left.n, &line)) {
		if (macro_fill(line, words, filled))
			play_line(p, span_of(filled));
		else
			fail(p, "too long:", text);
	}
}

/* What the world is told as it stands, and what is no event but a way to write events. */
static bool play_word(struct play *p, struct span verb, struct span rest)
{
	static const char *const told[] = { "txt",  "mx",    "addr",  "cname",
					    "tlsa", "fetch", "probe", "dane" };
	const char *macro = macro_find(p->macros, verb);

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (span_eq(verb, told[i])) {
			do_tell(p, told[i], rest);
			return true;
		}
	if (macro != NULL)
		play_macro(p, macro, rest);
	else if (span_eq(verb, "case"))
		span_copy(rest, p->name, sizeof(p->name));
	else if (!span_eq(verb, "define"))
		return false;
	else if (!macro_begin(p->macros, rest))
		fail(p, "cannot define", "");
	return true;
}

/* override DOMAIN MODE until=+2d [mx=PATTERN]... [-> fails] */
static void do_override(struct play *p, struct span rest)
{
	struct override_words words = { .reason = span_of("told by the scenario") };
	struct override *wanted = NULL, *added = NULL;
	struct span word;
	struct buf mx, error;
	bool fails = false;

	if (!start(p))
		return;
	buf_init(&mx, 4096);
	buf_init(&error, 1000);
	span_word(&rest, &words.domain);
	span_word(&rest, &words.mode);
	while (span_word(&rest, &word)) {
		if (span_starts(word, "until="))
			words.until = span_make(word.p + 6, word.n - 6);
		else if (span_starts(word, "mx="))
			buf_addf(&mx, " %.*s", (int)word.n - 3, word.p + 3);
		else if (span_eq(word, "fails"))
			fails = true;
		else if (!span_eq(word, "->"))
			fail(p, "unknown word:", word.p);
	}
	words.mx = buf_span(&mx);
	if (override_read(&words, p->world.wall, &wanted, &error) != 0)
		fail(p, "override:", buf_text(&error));
	else if ((overrides_add(engine_overrides(p->engine), wanted, &added) == 0) == fails)
		fail(p, fails ? "was added:" : "cannot be added:", wanted->domain);
	override_unref(wanted);
	override_unref(added);
	buf_release(&mx);
	buf_release(&error);
}

static void do_unoverride(struct play *p, struct span rest)
{
	struct override *removed = NULL;
	char domain[300];
	struct span word;
	bool fails, ok;

	span_word(&rest, &word);
	span_copy(word, domain, sizeof(domain));
	fails = span_word(&rest, &word);
	if (!start(p))
		return;
	ok = overrides_remove(engine_overrides(p->engine), domain, 0, &removed) == 0;
	if (ok == fails)
		fail(p, fails ? "was removed:" : "cannot be removed:", domain);
	override_unref(removed);
}

/* Time, and what has happened in it. */
static bool play_time(struct play *p, struct span verb, struct span rest)
{
	if (span_eq(verb, "time") || span_eq(verb, "live"))
		do_time(p, verb, rest);
	else if (span_eq(verb, "clock"))
		do_clock(p, rest);
	else if (span_eq(verb, "event") || span_eq(verb, "events"))
		do_events(p, verb, rest);
	else
		return false;
	return true;
}

static void play_line(struct play *p, struct span line)
{
	struct span rest = line, verb;

	if (p->macros->recording) {
		if (!macro_record(p->macros, line))
			fail(p, "too long:", "define");
		return;
	}
	if (!span_word(&rest, &verb) || verb.p[0] == '#')
		return;
	rest = span_trim(rest);
	if (play_word(p, verb, rest) || play_time(p, verb, rest))
		return;
	if (span_eq(verb, "set"))
		do_set(p, rest);
	else if (span_eq(verb, "policy"))
		do_policy(p, rest);
	else if (span_eq(verb, "restart"))
		stop(p);
	else if (span_eq(verb, "store"))
		fake_store_break(p->store, span_eq(rest, "broken"));
	else if (span_eq(verb, "override"))
		do_override(p, rest);
	else if (span_eq(verb, "unoverride"))
		do_unoverride(p, rest);
	else if (span_eq(verb, "check") || span_eq(verb, "peek") || span_eq(verb, "refresh") ||
		 span_eq(verb, "warm"))
		do_check(p, verb, rest);
	else if (span_eq(verb, "flush"))
		do_flush(p, rest);
	else if (span_eq(verb, "deliver"))
		do_deliver(p, rest);
	else if (span_eq(verb, "doubt"))
		do_doubt(p, rest);
	else
		fail(p, "unknown word at the start of the line", "");
}

static void defaults(struct play *p)
{
	fake_world_init(&p->world);
	p->store = fake_store_new();
	p->macros = calloc(1, sizeof(*p->macros));
	p->env = (struct engine_env){ .seed = 1 };
	fake_world_wire(&p->world, &p->env);
	p->clock = p->env.clock;
	p->env.store = fake_store_port(p->store);
}

static unsigned play_file(const char *file)
{
	struct play p = { .file = file };
	char line[8192];
	FILE *f = fopen(file, "re");

	if (f == NULL) {
		perror(file);
		return 1;
	}
	defaults(&p);
	while (fgets(line, sizeof(line), f) != NULL) {
		p.line++;
		line[strcspn(line, "\n")] = '\0';
		play_line(&p, span_of(line));
	}
	fclose(f);
	stop(&p);
	if (p.checks == 0)
		fail(&p, "no check in this file", "");
	printf("%s %s (%u checks)\n", p.failures == 0 ? "ok  " : "FAIL", file, p.checks);
	free(p.macros);
	fake_store_free(p.store);
	fake_world_release(&p.world);
	return p.failures;
}

int main(int argc, char **argv)
{
	unsigned failures = argc < 2;

	for (int i = 1; i < argc; i++)
		failures += play_file(argv[i]);
	return failures == 0 ? 0 : 1;
}
