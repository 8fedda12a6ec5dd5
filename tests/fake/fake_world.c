#include "config.h"

#include "tests/fake/fake_world.h"

#include "common/base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a scenario told about one thing: "txt d.example" -> "ttl=300 \"v=STSv1; id=1;\"". */
struct fake_answer {
	struct fake_answer *next;
	char key[512];
	char *text;
};

static int64_t wall(void *ctx)
{
	return ((struct fake_world *)ctx)->wall;
}

static int64_t mono(void *ctx)
{
	return ((struct fake_world *)ctx)->mono;
}

static const char *told(const struct fake_world *w, const char *kind, const char *name)
{
	char key[512];

	snprintf(key, sizeof(key), "%s %s", kind, name);
	for (const struct fake_answer *a = w->answers; a != NULL; a = a->next)
		if (strcmp(a->key, key) == 0)
			return a->text;
	return NULL;
}

void fake_world_tell(struct fake_world *w, const char *kind, const char *name, const char *text)
{
	struct fake_answer *a = calloc(1, sizeof(*a));

	snprintf(a->key, sizeof(a->key), "%s %s", kind, name);
	a->text = strdup(text);
	a->next = w->answers; /* the newest is found first */
	w->answers = a;
}

/* Statuses are words; anything else is data. */
static bool status_of(struct span text, enum dns_status *ret)
{
	static const struct {
		const char *word;
		enum dns_status status;
	} words[] = { { "servfail", DNS_FAILED },
		      { "bogus", DNS_BOGUS },
		      { "nodata", DNS_NODATA },
		      { "nxdomain", DNS_NXDOMAIN } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_eq(text, words[i].word)) {
			*ret = words[i].status;
			return true;
		}
	return false;
}

static void add(struct dns_query *q, struct arena *arena, const void *bytes, size_t n)
{
	char *copy = arena_strdup(arena, span_make(bytes, n));

	q->rdata[q->n_rdata++] = span_make(copy, n);
	q->status = DNS_FOUND;
}

/* "record" "record": each quoted text is one TXT record of one string. */
static void add_txt(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span skipped, record;

	while (q->n_rdata < 100 && span_until(&text, '"', text.n, &skipped) &&
	       span_until(&text, '"', text.n, &record)) {
		char rdata[256];

		rdata[0] = (char)record.n;
		memcpy(rdata + 1, record.p, record.n);
		add(q, arena, rdata, record.n + 1);
	}
}

static size_t wire_name(struct span name, char *out)
{
	size_t n = 0;
	struct span label;

	while (name.n > 0) {
		if (!span_until(&name, '.', 63, &label)) {
			label = name;
			name.n = 0;
		}
		out[n++] = (char)label.n;
		memcpy(out + n, label.p, label.n);
		n += label.n;
	}
	out[n++] = '\0';
	return n;
}

/* "10 mx1.d.example 20 mx2.d.example"; "0 ." is the null MX. */
static void add_mx(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span preference, host;

	while (q->n_rdata < 100 && span_word(&text, &preference) && span_word(&text, &host)) {
		char rdata[300];
		uint64_t n = 0;

		num_u64(preference, 65535, &n);
		rdata[0] = (char)(n >> 8);
		rdata[1] = (char)n;
		if (span_eq(host, "."))
			host.n = 0;
		add(q, arena, rdata, 2 + wire_name(host, rdata + 2));
	}
}

/* Of a mixed list each type takes its own; "v4=servfail" and "v6=servfail" break one type. */
static void add_addresses(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span word;
	struct netaddr a;
	bool v4 = q->type == DNS_A;

	q->status = DNS_NODATA;
	while (span_word(&text, &word)) {
		if (span_starts(word, v4 ? "v4=" : "v6="))
			status_of(span_make(word.p + 3, word.n - 3), &q->status);
		else if (netaddr_parse(word, &a) && (a.family == ADDR_V4) == v4)
			add(q, arena, a.bytes, v4 ? 4 : 16);
	}
}

static const char *own_address(const char *name, char out[NETADDR_TEXT])
{
	unsigned sum = 5381;

	for (; *name != '\0'; name++)
		sum = sum * 33 + (unsigned char)*name;
	snprintf(out, NETADDR_TEXT, "21.%u.%u.%u", sum >> 16 & 255, sum >> 8 & 255, sum & 255);
	return out;
}

static void answer(struct fake_world *w, struct dns_query *q, struct arena *arena)
{
	const char *kind = q->type == DNS_TXT ? "txt" : q->type == DNS_MX ? "mx" : "addr";
	const char *name =
		q->type == DNS_TXT && strncmp(q->name, "_mta-sts.", 9) == 0 ? q->name + 9 : q->name;
	struct span text = span_of(told(w, kind, name)), word;
	uint64_t ttl = 300;
	char own[NETADDR_TEXT];

	q->ttl = 300;
	q->why = "the scenario says so";
	q->n_rdata = 0;
	q->rdata = arena_array(arena, 100, sizeof(*q->rdata));
	/* A policy host has an address, and one of its own, unless the scenario says otherwise. */
	if (text.p == NULL && q->type == DNS_A && strncmp(q->name, "mta-sts.", 8) == 0)
		text = span_of(own_address(q->name, own));
	if (text.p == NULL) {
		q->status = DNS_NXDOMAIN;
		return;
	}
	if (span_starts(text, "ttl=") && span_word(&text, &word) &&
	    num_u64(span_make(word.p + 4, word.n - 4), UINT32_MAX, &ttl))
		q->ttl = (uint32_t)ttl;
	text = span_trim(text);
	if (status_of(text, &q->status))
		return;
	if (q->type == DNS_TXT)
		add_txt(q, text, arena);
	else if (q->type == DNS_MX)
		add_mx(q, text, arena);
	else
		add_addresses(q, text, arena);
}

static void meanwhile(struct fake_world *w, const char *kind)
{
	if (w->before != NULL)
		w->before(w->before_arg, kind);
}

static void query(void *ctx, struct dns_query *q, size_t n, int64_t deadline, struct arena *arena)
{
	struct fake_world *w = ctx;

	(void)deadline;
	for (size_t i = 0; i < n; i++) {
		meanwhile(w, q[i].type == DNS_TXT ? "txt" : q[i].type == DNS_MX ? "mx" : "addr");
		w->counts.txt += q[i].type == DNS_TXT;
		w->counts.mx += q[i].type == DNS_MX;
		w->counts.addresses += q[i].type == DNS_A || q[i].type == DNS_AAAA;
		answer(w, &q[i], arena);
	}
}

/* "\n" stands for a line end; a reason's name is that failure. */
static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct fake_world *w = ctx;
	const char *text = told(w, "fetch", f->host + strlen("mta-sts."));
	int reason = text != NULL ? reason_from_name(text) : REASON_FETCH_CONNECT;
	size_t n = 0;
	char *body;

	(void)deadline;
	meanwhile(w, "fetch");
	w->counts.fetches++;
	f->detail[0] = '\0';
	if (reason >= 0) {
		f->reason = (enum reason)reason;
		return;
	}
	body = arena_alloc(arena, strlen(text) + 1);
	for (const char *p = text; *p != '\0'; p++) {
		if (p[0] == '\\' && p[1] == 'n') {
			body[n++] = '\n';
			p++;
		} else {
			body[n++] = *p;
		}
	}
	f->reason = REASON_OK;
	f->body = span_make(body, n);
}

/* "ok", "ok ends=2d" (certificate), or a reason's name. */
static void probe_one(struct fake_world *w, struct probe *p)
{
	char name[400], addr[NETADDR_TEXT];
	struct span text, word = { "connect-failed", 14 };
	const char *said;
	int64_t ends = 90 * 86400000LL;
	char reason[64];

	snprintf(name, sizeof(name), "%s %s", p->mx_host, netaddr_format(&p->addr, addr));
	said = told(w, "probe", name);
	text = span_of(said != NULL ? said : "connect-failed");
	span_word(&text, &word);
	span_copy(word, reason, sizeof(reason));
	if (span_word(&text, &word) && span_starts(word, "ends="))
		num_duration(span_make(word.p + 5, word.n - 5), &ends);
	p->fact = (struct fact){ .addr = p->addr };
	p->fact.reason = (enum reason)reason_from_name(reason);
	p->fact.outcome = outcome_of_reason(p->fact.reason);
	p->answered =
		p->fact.reason > REASON_CONNECT_TIMEOUT && p->fact.reason != REASON_PROBE_TIMEOUT;
	if (p->fact.outcome == OUTCOME_PASSED)
		p->fact.not_after = w->wall + ends / 1000;
}

static void probe(void *ctx, struct probe *p, size_t n, int64_t deadline)
{
	struct fake_world *w = ctx;

	(void)deadline;
	meanwhile(w, "probe");
	w->counts.probes += (unsigned)n;
	if (n > w->most_probes)
		w->most_probes = n;
	for (size_t i = 0; i < n; i++)
		probe_one(w, &p[i]);
}

static void notice(void *arg, enum log_level level, const char *line)
{
	struct fake_world *w = arg;

	(void)level;
	w->notices++;
	snprintf(w->last_notice, sizeof(w->last_notice), "%s", line);
}

void fake_world_init(struct fake_world *w)
{
	*w = (struct fake_world){ .wall = 1800000000, .mono = 1000000 };
}

void fake_world_release(struct fake_world *w)
{
	while (w->answers != NULL) {
		struct fake_answer *next = w->answers->next;

		free(w->answers->text);
		free(w->answers);
		w->answers = next;
	}
}

void fake_world_wire(struct fake_world *w, struct engine_env *env)
{
	env->clock = (struct clock){ wall, mono, w };
	env->resolver = (struct resolver){ query, w };
	env->fetcher = (struct fetcher){ get, w };
	env->prober = (struct prober){ .probe = probe, .ctx = w };
	env->notice = notice;
	env->notice_arg = w;
}

void fake_world_pass(struct fake_world *w, int64_t seconds)
{
	w->wall += seconds;
	w->mono += seconds * 1000;
}
