/* Walks the table of demands in doc/DECISIONS.md, and tells what is named (RFC 8461 s2, s4.1; RFC 7672 s2.2). */
#include "tests/unit/test.h"

#include "common/base/span.h"
#include "common/sts/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600000 };

static const struct delivery_view by_sts = {
	.txt_failure = { GRACE_TEMPFAIL_FOR, HOUR },
	.pending = { GRACE_AS_TXT_FAILURE, 0 },
};
static const struct delivery_view by_postfix = {
	.txt_failure = { GRACE_TEMPFAIL_FOR, HOUR },
	.pending = { GRACE_AS_TXT_FAILURE, 0 },
	.mta_does_dane = true,
};

static struct fact passed = { .outcome = OUTCOME_PASSED, .reason = REASON_OK };

/* One host that DANE decides about and that passes. */
static struct mx_host dane_host = {
	.name = "mx.example", .in_policy = true, .dane = DANE_USABLE, .n_facts = 1, .facts = &passed
};

static struct policy *patterns(const char *const *mx, size_t n)
{
	struct policy *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->mode = POLICY_MODE_ENFORCE;
	p->mx = mx;
	p->n_mx = n;
	return p;
}

static bool knowledge_from(struct span name, enum knowledge *ret, bool *ret_enforce)
{
	struct span word;

	*ret_enforce = false;
	if (!span_word(&name, &word))
		return false;
	*ret_enforce = span_eq(span_trim(name), "(enforce)") || span_starts(word, "enforce-");
	for (int k = 0; k < KNOW_COUNT; k++)
		if (span_eq(word, knowledge_name((enum knowledge)k))) {
			*ret = (enum knowledge)k;
			return true;
		}
	return false;
}

static void walk_row(enum knowledge k, bool enforce, struct span rest)
{
	static const char *const mx[] = { "mx.example" };
	struct policy *p = patterns(mx, 1);
	struct assessment a = { .source = MX_RECORDS, .n_hosts = 1, .hosts = &dane_host };
	struct delivery_case c = { .knowledge = k,
				   .reason = REASON_OK,
				   .failing_ms = HOUR - 1,
				   .mode = enforce ? POLICY_MODE_ENFORCE : POLICY_MODE_TESTING,
				   .patterns = p,
				   .a = &a };
	struct delivery d;
	struct span cell;

	for (int column = 0; column < 2; column++) {
		delivery_of(&c, column == 0 ? &by_sts : &by_postfix, &d);
		assert_true(span_until(&rest, '|', 40, &cell));
		if (!span_eq(span_trim(cell), delivery_demand_name(d.demand)))
			fail_msg("%s%s, column %d: got %s", knowledge_name(k),
				 enforce ? " (enforce)" : "", column,
				 delivery_demand_name(d.demand));
		assert_int_equal(d.n_names, d.demand == DEMAND_VERIFY ? 1 : 0);
	}
	free(p);
}

static void the_document_is_the_code(void **state)
{
	const char *top = getenv("srcdir");
	char path[1000], line[1000];
	bool here = false, seen[KNOW_COUNT][2] = { { false } };
	FILE *f;
	(void)state;

	snprintf(path, sizeof(path), "%s/doc/DECISIONS.md", top != NULL ? top : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct span rest = span_of(line), cell;
		enum knowledge k;
		bool enforce;

		if (strncmp(line, "## ", 3) == 0)
			here = strncmp(line, "## What a delivery agent is told", 32) == 0;
		if (!here || !span_until(&rest, '|', 0, &cell) ||
		    !span_until(&rest, '|', 40, &cell) ||
		    !knowledge_from(span_trim(cell), &k, &enforce))
			continue;
		assert_false(seen[k][enforce]);
		seen[k][enforce] = true;
		walk_row(k, enforce, rest);
	}
	fclose(f);
	for (int k = 0; k < KNOW_COUNT; k++)
		if (!seen[k][0] && !seen[k][1])
			fail_msg("doc/DECISIONS.md has no row for %s",
				 knowledge_name((enum knowledge)k));
	assert_true(seen[KNOW_MOOT][0] && seen[KNOW_MOOT][1]);
}

static enum delivery_demand demand_of(enum knowledge k, int64_t failing_ms,
				      const struct delivery_view *view)
{
	struct delivery_case c = { .knowledge = k,
				   .reason = REASON_BUSY,
				   .failing_ms = failing_ms };
	struct delivery d;

	delivery_of(&c, view, &d);
	assert_int_equal(d.reason, REASON_BUSY);
	return d.demand;
}

/* RFC 8461 s3.3 leaves it open; a known enforce policy is not opened by it. */
static void grace_is_as_at_rcpt(void **state)
{
	static const enum knowledge unknown[] = { KNOW_TXT_FAILED, KNOW_STORE_FAILED, KNOW_PENDING,
						 KNOW_BUSY };
	struct delivery_view accepts = { .txt_failure = { GRACE_ACCEPT, 0 },
					 .pending = { GRACE_ACCEPT, 0 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		assert_int_equal(demand_of(unknown[i], 0, &by_sts), DEMAND_DELAY);
		assert_int_equal(demand_of(unknown[i], HOUR, &by_sts), DEMAND_NOTHING);
		assert_int_equal(demand_of(unknown[i], 0, &accepts), DEMAND_NOTHING);
	}
	assert_int_equal(demand_of(KNOW_ENFORCE_PENDING, 9 * HOUR, &accepts), DEMAND_DELAY);
}

/* Hosts and patterns of a case, in words. A host: "NAME" (DANE: none), or "NAME=STATE"; "!NAME": the policy does not cover it. */
enum { MOST = 8 };

struct named_case {
	const char *name;
	const char *patterns[MOST];
	const char *hosts[MOST];
	const char *seen[MOST];
	enum mx_source source;
	enum reason reason;	  /* of the assessment */
	const char *want;	  /* names, or "delay REASON" */
	const char *want_postfix; /* NULL: the same */
	size_t current;
};

static const struct named_case cases[] = {
	{ .name = "RFC 8461 s4.1: exact names, those of current MX hosts first, by preference",
	  .patterns = { "a.example", "b.example", "c.example" },
	  .hosts = { "c.example", "a.example" },
	  .want = "c.example:a.example:b.example",
	  .current = 2 },
	{ .name = "no MX host is there: exact names are told all the same",
	  .patterns = { "a.example", "*.example" },
	  .source = MX_UNKNOWN,
	  .reason = REASON_MX_FAILED,
	  .want = "a.example" },
	{ .name = "RFC 8461 s4.1: wildcards are told as what they cover",
	  .patterns = { "*.example", "a.example" },
	  .hosts = { "b.example", "!mx.b.example", "a.example" },
	  .seen = { "c.example", "d.example" },
	  .want = "b.example:a.example:c.example:d.example",
	  .current = 4 },
	{ .name = "the last known names when the look-up failed",
	  .patterns = { "*.example" },
	  .seen = { "c.example" },
	  .source = MX_UNKNOWN,
	  .reason = REASON_MX_FAILED,
	  .want = "c.example",
	  .current = 1 },
	{ .name = "the same name twice in the MX set, and seen as well",
	  .patterns = { "*.example", "b.example" },
	  .hosts = { "a.example", "b.example", "a.example" },
	  .seen = { "b.example", "c.example", "c.example" },
	  .want = "a.example:b.example:c.example",
	  .current = 3 },
	{ .name = "what is no host name is never told",
	  .patterns = { "*.example" },
	  .hosts = { "(no memory)", "A.example", "a:b.example", "a b.example", "ok.example" },
	  .want = "ok.example",
	  .current = 1 },
	{ .name = "nothing covered: a delay, never nothing",
	  .patterns = { "*.example" },
	  .hosts = { "!other.test" },
	  .want = "delay mx-not-in-policy" },
	{ .name = "nothing to be found out: a delay with that reason",
	  .patterns = { "*.example" },
	  .source = MX_UNKNOWN,
	  .reason = REASON_MX_BOGUS,
	  .want = "delay mx-bogus" },
	{ .name = "RFC 8461 s2: hosts that fail DANE are left out, also as exact names",
	  .patterns = { "bad.example", "a.example", "*.example" },
	  .hosts = { "bad.example=failing", "b.example", "lost.example=lost" },
	  .seen = { "bad.example" },
	  .want = "b.example:a.example",
	  .current = 1 },
	{ .name = "RFC 7672 s2.1.2: nor where a look-up failed, or nobody saw it pass",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=lost", "b.example=unseen", "c.example=nowhere", "d.example" },
	  .want = "d.example",
	  .current = 1 },
	{ .name = "one of its addresses fails: the MTA may take that one",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=half", "d.example" },
	  .want = "d.example",
	  .current = 1 },
	{ .name = "one is not to be reached, the other passes",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=partly", "b.example" },
	  .want = "a.example:b.example",
	  .current = 2 },
	{ .name = "every current host fails DANE: a delay, whatever else could be named",
	  .patterns = { "*.example", "backup.example" },
	  .hosts = { "a.example=failing", "!other.test" },
	  .seen = { "b.example" },
	  .want = "delay dane-mismatch",
	  .want_postfix = "dane" },
	{ .name = "... or could not be learned",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=lost", "b.example=failing" },
	  .want = "delay tlsa-lookup-failed",
	  .want_postfix = "dane" },
	{ .name = "... or has no address that could be learned",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=nowhere" },
	  .want = "delay address-lookup-failed",
	  .want_postfix = "dane" },
	{ .name = "RFC 7672 s2.2: all by DANE",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=good", "b.example=good" },
	  .want = "a.example:b.example",
	  .want_postfix = "dane",
	  .current = 2 },
	{ .name = "RFC 8461 s2: a mixed set keeps MTA-STS",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=good", "b.example" },
	  .want = "a.example:b.example",
	  .current = 2 },
	{ .name = "records of no use are no DANE (RFC 7672 s2.2)",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=good", "b.example=unusable" },
	  .want = "a.example:b.example",
	  .current = 2 },
	{ .name = "hosts that nobody vouches for, or whose state is unknown, are used by nobody",
	  .patterns = { "*.example" },
	  .hosts = { "a.example=good", "!other.test", "b.example=lost", "!more.test=lost" },
	  .want = "a.example",
	  .want_postfix = "dane",
	  .current = 1 },
	{ .name = "only unknown ones: nothing governs",
	  .patterns = { "*.example", "exact.example" },
	  .hosts = { "a.example=lost" },
	  .want = "delay tlsa-lookup-failed" },
	{ .name = "DANE passes at a host that the policy does not list: without DANE it is none",
	  .patterns = { "*.example" },
	  .hosts = { "!other.test=good", "b.example" },
	  .want = "b.example",
	  .current = 1 },
	{ .name = "... alone",
	  .patterns = { "*.example" },
	  .hosts = { "!other.test=good" },
	  .want = "delay mx-not-in-policy",
	  .want_postfix = "dane" },
};

static struct fact fact_of(enum outcome o)
{
	return (struct fact){ .outcome = o,
			      .proof = PROOF_DANE,
			      .reason = o == OUTCOME_PASSED   ? REASON_DANE_OK
					: o == OUTCOME_FAILED ? REASON_DANE_MISMATCH
							      : REASON_CONNECT_TIMEOUT };
}

/* What a word says about a host. */
static void set_state(struct mx_host *h, struct fact facts[2], const char *word)
{
	static const struct {
		const char *word;
		enum dane_state dane;
		enum reason reason;
		size_t n;
		enum outcome outcomes[2];
	} states[] = {
		{ "none", DANE_NONE, REASON_OK, 1, { OUTCOME_PASSED } },
		{ "unusable", DANE_UNUSABLE, REASON_OK, 1, { OUTCOME_FAILED } },
		{ "good", DANE_USABLE, REASON_OK, 1, { OUTCOME_PASSED } },
		{ "failing", DANE_USABLE, REASON_OK, 1, { OUTCOME_FAILED } },
		{ "half", DANE_USABLE, REASON_OK, 2, { OUTCOME_PASSED, OUTCOME_FAILED } },
		{ "partly", DANE_USABLE, REASON_OK, 2, { OUTCOME_INCONCLUSIVE, OUTCOME_PASSED } },
		{ "unseen", DANE_USABLE, REASON_OK, 1, { OUTCOME_INCONCLUSIVE } },
		{ "nowhere", DANE_USABLE, REASON_ADDRESS_FAILED, 0, { OUTCOME_PASSED } },
		{ "lost", DANE_FAILED, REASON_TLSA_FAILED, 0, { OUTCOME_PASSED } },
	};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(states[i].word, word) == 0) {
			h->dane = states[i].dane;
			h->reason = states[i].reason;
			h->n_facts = states[i].n;
			h->facts = facts;
			for (size_t j = 0; j < h->n_facts; j++)
				facts[j] = fact_of(states[i].outcomes[j]);
			return;
		}
	fail_msg("no such state: %s", word);
}

struct set {
	struct policy *patterns;
	struct assessment a;
	struct mx_host hosts[MOST];
	struct mx_seen seen[MOST];
	struct fact facts[MOST][2];
	char names[MOST][100];
	struct delivery_case c;
};

static void build(const struct named_case *from, struct set *s)
{
	size_t n = 0;

	memset(s, 0, sizeof(*s));
	while (n < MOST && from->patterns[n] != NULL)
		n++;
	s->patterns = patterns(from->patterns, n);
	s->a = (struct assessment){
		.source = from->source, .reason = from->reason, .hosts = s->hosts, .seen = s->seen
	};
	for (size_t i = 0; i < MOST && from->hosts[i] != NULL; i++) {
		const char *text = from->hosts[i], *is;
		struct mx_host *h = &s->hosts[s->a.n_hosts++];

		snprintf(s->names[i], sizeof(s->names[i]), "%s", text + (text[0] == '!'));
		s->names[i][strcspn(s->names[i], "=")] = '\0';
		h->name = s->names[i];
		h->preference = (uint16_t)(10 * i);
		h->in_policy = text[0] != '!';
		is = strchr(text, '=');
		set_state(h, s->facts[i], is != NULL ? is + 1 : "none");
	}
	for (size_t i = 0; i < MOST && from->seen[i] != NULL; i++)
		s->seen[s->a.n_seen++].name = from->seen[i];
	s->c = (struct delivery_case){ .knowledge = KNOW_ENFORCE_FAILED,
				       .reason = REASON_CERT_NAME,
				       .mode = POLICY_MODE_ENFORCE,
				       .patterns = s->patterns,
				       .a = &s->a };
}

static void join(const struct delivery *d, char *out, size_t size)
{
	size_t n = 0;

	if (d->demand == DEMAND_DELAY)
		snprintf(out, size, "delay %s", reason_name(d->reason));
	else if (d->demand != DEMAND_VERIFY)
		snprintf(out, size, "%s", delivery_demand_name(d->demand));
	else
		for (size_t i = 0; i < d->n_names && n < size; i++)
			n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? ":" : "",
					      d->names[i]);
}

static void the_names(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (int column = 0; column < 2; column++) {
			const char *want = column == 0 || cases[i].want_postfix == NULL
						   ? cases[i].want
						   : cases[i].want_postfix;
			char got[1000];
			struct set s;
			struct delivery d;

			build(&cases[i], &s);
			delivery_of(&s.c, column == 0 ? &by_sts : &by_postfix, &d);
			join(&d, got, sizeof(got));
			if (strcmp(got, want) != 0)
				fail_msg("%s, column %d:\nwant %s\ngot  %s", cases[i].name, column,
					 want, got);
			if (d.demand == DEMAND_VERIFY) {
				assert_int_equal(d.n_current, cases[i].current);
				assert_int_equal(d.reason, REASON_CERT_NAME);
			}
			free(s.patterns);
		}
}

/* An override to enforce, and no policy to be had. */
static void no_patterns_is_a_delay(void **state)
{
	struct delivery_case c = { .knowledge = KNOW_ENFORCE_UNKNOWN,
				   .reason = REASON_OVERRIDE_NO_POLICY,
				   .mode = POLICY_MODE_ENFORCE };
	struct delivery d;
	(void)state;

	delivery_of(&c, &by_sts, &d);
	assert_int_equal(d.demand, DEMAND_DELAY);
	assert_int_equal(d.reason, REASON_OVERRIDE_NO_POLICY);
	delivery_of(&c, &by_postfix, &d);
	assert_int_equal(d.demand, DEMAND_DELAY);
	/* Nor does memory that is out name anything. */
	c.reason = REASON_OK;
	delivery_of(&c, &by_sts, &d);
	assert_int_equal(d.demand, DEMAND_DELAY);
	assert_int_equal(d.reason, REASON_INTERNAL);
}

/* LIMIT_MX_PATTERNS exact names, LIMIT_MX_HOSTS hosts of which half are among them, LIMIT_MX_SEEN seen. */
static void all_places_are_enough(void **state)
{
	static char names[LIMIT_MX_PATTERNS][16];
	static const char *mx[LIMIT_MX_PATTERNS];
	static struct mx_host hosts[LIMIT_MX_HOSTS];
	static struct mx_seen seen[LIMIT_MX_SEEN];
	static char others[LIMIT_MX_HOSTS + LIMIT_MX_SEEN][16];
	static struct delivery d;
	struct assessment a = { .source = MX_RECORDS,
				.n_hosts = LIMIT_MX_HOSTS,
				.hosts = hosts,
				.n_seen = LIMIT_MX_SEEN,
				.seen = seen };
	struct delivery_case c = { .knowledge = KNOW_ENFORCE_PASSED,
				   .mode = POLICY_MODE_ENFORCE,
				   .a = &a };
	struct policy *p;
	(void)state;

	for (int i = 0; i < LIMIT_MX_PATTERNS; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d.example", i);
		mx[i] = names[i];
	}
	for (int i = 0; i < LIMIT_MX_HOSTS + LIMIT_MX_SEEN; i++)
		snprintf(others[i], sizeof(others[i]), "o%d.example", i);
	for (int i = 0; i < LIMIT_MX_HOSTS; i++)
		hosts[i] = (struct mx_host){ .name = i % 2 == 0 ? names[999 - i] : others[i],
					     .in_policy = true };
	for (int i = 0; i < LIMIT_MX_SEEN; i++)
		seen[i].name = others[LIMIT_MX_HOSTS + i];
	p = patterns(mx, LIMIT_MX_PATTERNS);
	c.patterns = p;
	delivery_of(&c, &by_sts, &d);
	assert_int_equal(d.demand, DEMAND_VERIFY);
	assert_int_equal(d.n_current, LIMIT_MX_HOSTS + LIMIT_MX_SEEN);
	assert_int_equal(d.n_names, LIMIT_MX_PATTERNS + LIMIT_MX_HOSTS / 2 + LIMIT_MX_SEEN);
	for (size_t i = 0; i < d.n_names; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(d.names[i], d.names[j]);
	/* None of the exact names is an MX host. */
	for (int i = 0; i < LIMIT_MX_HOSTS; i++)
		hosts[i].name = others[i];
	delivery_of(&c, &by_sts, &d);
	assert_int_equal(d.n_names, DELIVERY_NAMES);
	free(p);
}

/* For MTAs that ask before they connect. */
static void hosts_one_by_one(void **state)
{
	static const struct named_case from = {
		.patterns = { "*.example", "exact.test" },
		.hosts = { "a.example", "bad.example=failing", "!dane.test=good", "!other.test",
			   "!lost.test=lost" },
		.seen = { "was.example" },
	};
	static const struct {
		const char *host;
		enum delivery_host want;
	} hosts[] = {
		{ "a.example", HOST_ALLOWED },	    { "was.example", HOST_ALLOWED },
		{ "never.example", HOST_ALLOWED }, /* covered, and its own name is verified */
		{ "exact.test", HOST_ALLOWED },	    { "two.labels.example", HOST_OUTSIDE_POLICY },
		{ "example", HOST_OUTSIDE_POLICY }, { "other.test", HOST_OUTSIDE_POLICY },
		{ "bad.example", HOST_FAILS_DANE }, { "lost.test", HOST_FAILS_DANE },
		{ "dane.test", HOST_ALLOWED }, /* RFC 8461 s2: DANE decides, the policy need not list it */
		{ "", HOST_OUTSIDE_POLICY },
	};
	struct set s;
	struct delivery d;
	(void)state;

	build(&from, &s);
	delivery_of(&s.c, &by_sts, &d);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (delivery_host(&s.c, &d, hosts[i].host) != hosts[i].want)
			fail_msg("%s", hosts[i].host);
	s.c.a = NULL;
	assert_int_equal(delivery_host(&s.c, &d, "bad.example"), HOST_ALLOWED);
	s.c.patterns = NULL;
	assert_int_equal(delivery_host(&s.c, &d, "a.example"), HOST_OUTSIDE_POLICY);
	s.c.knowledge = KNOW_NO_POLICY;
	delivery_of(&s.c, &by_sts, &d);
	assert_int_equal(delivery_host(&s.c, &d, "a.example"), HOST_ALLOWED);
	free(s.patterns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_is_the_code),
		cmocka_unit_test(grace_is_as_at_rcpt),
		cmocka_unit_test(the_names),
		cmocka_unit_test(no_patterns_is_a_delay),
		cmocka_unit_test(all_places_are_enough),
		cmocka_unit_test(hosts_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
