#include "config.h"

#include "tests/fake/fake_world.h"

#include "common/base/num.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RDATA = 1000 };

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

/* One record, its strings divided by "|". */
static void add_strings(struct dns_query *q, struct span record, struct arena *arena)
{
	char rdata[1024];
	size_t n = 1, begin = 0;

	rdata[0] = 0;
	for (size_t i = 0; i < record.n && n < sizeof(rdata); i++) {
		bool next = record.p[i] == '|';

		if (next)
			begin = n;
		else
			rdata[begin]++;
		rdata[n++] = (char)(next ? 0 : record.p[i]);
	}
	add(q, arena, rdata, n);
}

/* "record" "record": each quoted text is one TXT record; "many=300" before them: so many of somebody else's. */
static void add_txt(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span skipped, record, word, rest = text;
	char rdata[256];
	uint64_t many = 0;

	if (span_word(&rest, &word) && span_starts(word, "many="))
		num_u64(span_make(word.p + 5, word.n - 5), MOST_RDATA / 2, &many);
	memset(rdata, 'x', sizeof(rdata));
	rdata[0] = (char)200;
	while (many-- > 0)
		add(q, arena, rdata, 201);
	while (q->n_rdata < MOST_RDATA && span_until(&text, '"', text.n, &skipped) &&
	       span_until(&text, '"', text.n, &record))
		add_strings(q, record, arena);
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

static void add_cname(struct dns_query *q, struct span text, struct arena *arena)
{
	char rdata[300];

	add(q, arena, rdata, wire_name(text, rdata));
}

/* "10 mx1.d.example 20 mx2.d.example"; "0 ." is the null MX. */
static void add_mx(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span preference, host;

	while (q->n_rdata < MOST_RDATA && span_word(&text, &preference) &&
	       span_word(&text, &host)) {
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

/* "aa*32": an octet in hex, and how often; or hex alone. */
static size_t add_hex(struct span text, char *out)
{
	struct span digits;
	uint64_t times = 1;
	size_t n = 0;

	if (span_until(&text, '*', text.n, &digits))
		num_u64(text, 1000, &times);
	else
		digits = text;
	while (times-- > 0)
		for (size_t i = 0; i + 1 < digits.n && n < 1000; i += 2)
			out[n++] = (char)strtoul((char[]){ digits.p[i], digits.p[i + 1], '\0' },
						 NULL, 16);
	return n;
}

/* "3 1 1 aa*32" "2 0 1 bb*32"; "*65" before a record: so many of it. */
static void add_tlsa(struct dns_query *q, struct span text, struct arena *arena)
{
	struct span skipped, record, word;

	while (span_until(&text, '"', text.n, &skipped) &&
	       span_until(&text, '"', text.n, &record)) {
		char rdata[1100];
		uint64_t v = 0, times = 1;
		size_t n = 0;

		if (span_starts(span_trim(skipped), "*"))
			num_u64(span_make(span_trim(skipped).p + 1, span_trim(skipped).n - 1), 100,
				&times);
		for (; n < 3 && span_word(&record, &word); n++) {
			num_u64(word, 255, &v);
			rdata[n] = (char)v;
		}
		if (span_word(&record, &word))
			n += add_hex(word, rdata + n);
		while (times-- > 0 && q->n_rdata < MOST_RDATA)
			add(q, arena, rdata, n);
	}
}

/* What is told about a look-up of each type, and how it is counted. */
static const struct kind {
	enum dns_type type;
	const char *name;
	size_t count; /* where in struct fake_counts */
	bool secure;  /* unless the scenario says otherwise */
	void (*add)(struct dns_query *q, struct span text, struct arena *arena);
} kinds[] = {
	{ DNS_TXT, "txt", offsetof(struct fake_counts, txt), false, add_txt },
	{ DNS_MX, "mx", offsetof(struct fake_counts, mx), false, add_mx },
	{ DNS_A, "addr", offsetof(struct fake_counts, addresses), false, add_addresses },
	{ DNS_AAAA, "addr", offsetof(struct fake_counts, addresses), false, add_addresses },
	{ DNS_CNAME, "cname", offsetof(struct fake_counts, cnames), false, add_cname },
	{ DNS_TLSA, "tlsa", offsetof(struct fake_counts, tlsa), true, add_tlsa },
};

static const struct kind *kind_of(enum dns_type type)
{
	size_t i = 0;

	while (kinds[i].type != type)
		i++;
	return &kinds[i];
}

/* The words before the data: "ttl=300 secure cname=target.example". */
static void take_flags(struct dns_query *q, struct span *text, struct arena *arena)
{
	struct span rest = *text, word;
	uint64_t ttl;

	for (; span_word(&rest, &word); *text = rest) {
		if (span_starts(word, "ttl=") &&
		    num_u64(span_make(word.p + 4, word.n - 4), UINT32_MAX, &ttl))
			q->ttl = (uint32_t)ttl;
		else if (span_eq(word, "secure") || span_eq(word, "insecure"))
			q->secure = span_eq(word, "secure");
		else if (span_starts(word, "cname="))
			q->canonical = arena_strdup(arena, span_make(word.p + 6, word.n - 6));
		else
			return;
	}
}

static const char *asked_name(const struct dns_query *q)
{
	const char *prefix = q->type == DNS_TXT	   ? "_mta-sts."
			     : q->type == DNS_TLSA ? "_25._tcp."
						   : "";

	return strncmp(q->name, prefix, strlen(prefix)) == 0 ? q->name + strlen(prefix) : q->name;
}

static void answer(struct fake_world *w, struct dns_query *q, struct arena *arena)
{
	const struct kind *kind = kind_of(q->type);
	struct span text = span_of(told(w, kind->name, asked_name(q)));
	char own[NETADDR_TEXT];

	q->ttl = 300;
	q->why = "the scenario says so";
	q->n_rdata = 0;
	q->secure = kind->secure;
	q->canonical = NULL;
	q->rdata = arena_array(arena, MOST_RDATA, sizeof(*q->rdata));
	/* A policy host has an address, and one of its own, unless the scenario says otherwise. */
	if (text.p == NULL && q->type == DNS_A && strncmp(q->name, "mta-sts.", 8) == 0)
		text = span_of(own_address(q->name, own));
	if (text.p == NULL) {
		q->status = DNS_NXDOMAIN;
		return;
	}
	take_flags(q, &text, arena);
	text = span_trim(text);
	if (!status_of(text, &q->status))
		kind->add(q, text, arena);
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
	w->counts.rounds++;
	for (size_t i = 0; i < n; i++) {
		const struct kind *kind = kind_of(q[i].type);

		meanwhile(w, kind->name);
		(*(atomic_uint *)(void *)((char *)&w->counts + kind->count))++;
		answer(w, &q[i], arena);
	}
}

/* "\n" stands for a line end; a reason's name is that failure; "ends=3d" before either is the certificate's. */
static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct fake_world *w = ctx;
	const char *text = told(w, "fetch", f->host + strlen("mta-sts."));
	struct span rest = span_of(text), word;
	int64_t ends;
	size_t n = 0;
	char *body;
	int reason;

	(void)deadline;
	meanwhile(w, "fetch");
	w->counts.fetches++;
	f->detail[0] = '\0';
	if (span_starts(rest, "ends=") && span_word(&rest, &word) &&
	    num_duration(span_make(word.p + 5, word.n - 5), &ends)) {
		f->not_after = w->wall + ends / 1000;
		text = span_trim(rest).p;
	}
	reason = text != NULL ? reason_from_name(text) : REASON_FETCH_CONNECT;
	if (reason >= 0) {
		f->reason = (enum reason)reason;
		return;
	}
	body = arena_alloc(arena, strlen(text) + 1);
	for (const char *p = text; *p != '\0'; p++) {
		if (p[0] == '\\' && (p[1] == 'n' || p[1] == 'r')) {
			body[n++] = p[1] == 'n' ? '\n' : '\r';
			p++;
		} else {
			body[n++] = *p;
		}
	}
	f->reason = n <= LIMIT_POLICY_BODY ? REASON_OK : REASON_FETCH_SIZE;
	f->body = span_make(body, f->reason == REASON_OK ? n : 0);
}

/* "ok", "ok ends=2d" or "ok ends=-2d" (certificate), or a reason's name; "connect-failed" when nothing is told. With or=NAME a probe that accepts
 * this name as well passes. */
struct finding {
	enum reason reason;
	int64_t ends; /* seconds from now */
	char other[DOMAIN_SIZE];
};

static struct finding find(const struct fake_world *w, const char *kind, const struct probe *p)
{
	struct finding f = { .reason = REASON_CONNECT_FAILED, .ends = 90 * 86400 };
	char name[400], addr[NETADDR_TEXT], reason[64];
	struct span text, word;
	int64_t ms;

	snprintf(name, sizeof(name), "%s %s", p->mx_host, netaddr_format(&p->addr, addr));
	text = span_of(told(w, kind, name));
	if (span_word(&text, &word) && span_copy(word, reason, sizeof(reason)))
		f.reason = (enum reason)reason_from_name(reason);
	while (span_word(&text, &word)) {
		bool past = span_starts(word, "ends=-");

		if (span_starts(word, "ends=") &&
		    num_duration(span_make(word.p + 5 + past, word.n - 5 - past), &ms))
			f.ends = past ? -ms / 1000 : ms / 1000;
		else if (span_starts(word, "or="))
			span_copy(span_make(word.p + 3, word.n - 3), f.other, sizeof(f.other));
	}
	return f;
}

static bool accepts(const struct tlsa_set *set, const char *name)
{
	for (size_t i = 0; i < 2; i++)
		if (set->also[i] != NULL && strcmp(set->also[i], name) == 0)
			return true;
	return false;
}

static void probe_one(struct fake_world *w, struct probe *p)
{
	struct finding f = find(w, p->tlsa != NULL ? "dane" : "probe", p);
	struct fact *fact = &p->fact;

	*fact = (struct fact){ .addr = p->addr, .reason = f.reason, .pkix = REASON_PENDING };
	if (p->tlsa != NULL) {
		fact->proof = PROOF_DANE;
		if (accepts(p->tlsa, f.other))
			fact->reason = REASON_DANE_OK;
		if (strcmp(p->tlsa->base, p->mx_host) == 0)
			fact->pkix = find(w, "probe", p).reason;
	}
	fact->outcome = outcome_of_reason(fact->reason);
	p->answered = fact->reason > REASON_CONNECT_TIMEOUT && fact->reason != REASON_PROBE_TIMEOUT;
	if (fact->outcome == OUTCOME_PASSED)
		fact->not_after = w->wall + f.ends;
}

static void probe(void *ctx, struct probe *p, size_t n, int64_t deadline)
{
	struct fake_world *w = ctx;

	(void)deadline;
	meanwhile(w, "probe");
	w->counts.probes += (unsigned)n;
	for (size_t i = 0; i < n; i++)
		w->counts.dane_probes += p[i].tlsa != NULL;
	if (n > w->most_probes) /* calls side by side: not exact, and nobody asks */
		w->most_probes = n;
	for (size_t i = 0; i < n; i++)
		probe_one(w, &p[i]);
}

static void notice(void *arg, enum log_level level, const char *line)
{
	struct fake_world *w = arg;

	(void)level;
	pthread_mutex_lock(&w->lock);
	w->notices++;
	snprintf(w->last_notice, sizeof(w->last_notice), "%s", line);
	pthread_mutex_unlock(&w->lock);
}

void fake_world_init(struct fake_world *w)
{
	*w = (struct fake_world){ .wall = 1800000000, .mono = 1000000 };
	pthread_mutex_init(&w->lock, NULL);
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
