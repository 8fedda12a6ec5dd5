/* RFC 8461 s4, s5.1, RFC 7672 s2.2: MX sets as strings, so that a case is one line.
 *
 * "10p 20f" is a host at preference 10 with an address that passed, one at 20 with one that failed. Letters: p passed, f failed,
 * i inconclusive; x: the host is not in the policy; l: its address look-up failed; several letters are several addresses. P, F, I: likewise
 * under DANE, where P has a certificate that PKIX refuses, and F one that it does not; B: both pass; N: DANE passes, and nobody could ask by PKIX;
 * L: its TLSA look-up failed; u: its TLSA records are unusable. */
#include "tests/unit/test.h"

#include "common/base/num.h"
#include "common/sts/delivery.h"
#include "common/sts/verdict.h"
#include "tests/unit/deliverable.h"

#include <stdio.h>

struct set {
	struct assessment a;
	struct mx_host hosts[8];
	struct fact facts[8][8];
	char names[8][16];
};

static void add_letter(struct mx_host *h, char letter)
{
	struct fact *f = &h->facts[h->n_facts];

	switch (letter) {
	case 'p':
		*f = (struct fact){ .outcome = OUTCOME_PASSED, .reason = REASON_OK };
		break;
	case 'f':
		*f = (struct fact){ .outcome = OUTCOME_FAILED, .reason = REASON_CERT_EXPIRED };
		break;
	case 'i':
		*f = (struct fact){ .outcome = OUTCOME_INCONCLUSIVE,
				    .reason = REASON_CONNECT_TIMEOUT };
		break;
	case 'P':
		*f = (struct fact){ .outcome = OUTCOME_PASSED,
				    .reason = REASON_DANE_OK,
				    .proof = PROOF_DANE,
				    .pkix = REASON_CERT_UNTRUSTED };
		h->dane = DANE_USABLE;
		break;
	case 'F':
		*f = (struct fact){ .outcome = OUTCOME_FAILED,
				    .reason = REASON_DANE_MISMATCH,
				    .proof = PROOF_DANE,
				    .pkix = REASON_OK };
		h->dane = DANE_USABLE;
		break;
	case 'I':
		*f = (struct fact){ .outcome = OUTCOME_INCONCLUSIVE,
				    .reason = REASON_CONNECT_TIMEOUT,
				    .proof = PROOF_DANE,
				    .pkix = REASON_PENDING };
		h->dane = DANE_USABLE;
		break;
	case 'B':
		*f = (struct fact){ .outcome = OUTCOME_PASSED,
				    .reason = REASON_DANE_OK,
				    .proof = PROOF_DANE,
				    .pkix = REASON_OK };
		h->dane = DANE_USABLE;
		break;
	case 'N':
		*f = (struct fact){ .outcome = OUTCOME_PASSED,
				    .reason = REASON_DANE_OK,
				    .proof = PROOF_DANE,
				    .pkix = REASON_CONNECT_TIMEOUT };
		h->dane = DANE_USABLE;
		break;
	case 'L':
		h->dane = DANE_FAILED;
		h->reason = REASON_TLSA_FAILED;
		return;
	case 'u':
		h->dane = DANE_UNUSABLE;
		return;
	case 'x':
		h->in_policy = false;
		return;
	case 'l':
		h->reason = REASON_ADDRESS_FAILED;
		return;
	default:
		fail_msg("unknown letter %c", letter);
	}
	h->n_facts++;
}

static void build(struct set *s, const char *text)
{
	struct span in = span_of(text), word;

	memset(s, 0, sizeof(*s));
	s->a.hosts = s->hosts;
	while (span_word(&in, &word)) {
		struct mx_host *h = &s->hosts[s->a.n_hosts];
		uint64_t preference;

		assert_true(num_u64(span_make(word.p, 2), 65535, &preference));
		h->preference = (uint16_t)preference;
		h->in_policy = true;
		h->facts = s->facts[s->a.n_hosts++];
		memcpy(s->names[s->a.n_hosts - 1], word.p, word.n);
		h->name = s->names[s->a.n_hosts - 1];
		for (size_t i = 2; i < word.n; i++)
			add_letter(h, word.p[i]);
	}
}

static void mx_sets(void **state)
{
	static const struct {
		const char *set;
		enum verdict_result free, bound; /* delivery_bound = no, yes */
		const char *mx;			 /* that decided when free */
		bool unreachable;
	} cases[] = {
		{ "10p", VERDICT_PASSED, VERDICT_PASSED, "10p", false },
		{ "10f", VERDICT_FAILED, VERDICT_FAILED, "10f", false },
		{ "10i", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "10i", true },
		{ "10x", VERDICT_FAILED, VERDICT_FAILED, "10x", false },
		{ "10l", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "10l", false },
		/* the MTA could try the bad one first */
		{ "05x 10p", VERDICT_FAILED, VERDICT_PASSED, "05x", false },
		{ "05f 10p", VERDICT_FAILED, VERDICT_PASSED, "05f", false },
		{ "10p 10x", VERDICT_FAILED, VERDICT_PASSED, "10x", false },
		{ "10pf", VERDICT_FAILED, VERDICT_PASSED, "10pf", false },
		{ "10p 20x", VERDICT_PASSED, VERDICT_PASSED, "10p", false },
		{ "10p 20f", VERDICT_PASSED, VERDICT_PASSED, "10p", false },
		/* something inconclusive does not spoil something that passed */
		{ "05i 10p", VERDICT_PASSED, VERDICT_PASSED, "10p", false },
		{ "10pi", VERDICT_PASSED, VERDICT_PASSED, "10pi", false },
		{ "05l 10p", VERDICT_PASSED, VERDICT_PASSED, "10p", false },
		{ "05i 07x 10p", VERDICT_FAILED, VERDICT_PASSED, "07x", false },
		/* nothing passed and something is missing: unknown */
		{ "10f 20i", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "20i", false },
		{ "10i 20f", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "10i", true },
		{ "10x 20i", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "20i", false },
		{ "10i 20l", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "10i", false },
		{ "10fi", VERDICT_UNKNOWN, VERDICT_UNKNOWN, "10fi", false },
		{ "10x 20f", VERDICT_FAILED, VERDICT_FAILED, "10x", false },
		/* nothing at all */
		{ "", VERDICT_UNKNOWN, VERDICT_UNKNOWN, NULL, false },
	};
	struct set s;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict free, bound, dane;

		build(&s, cases[i].set);
		free = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_UNBOUND);
		bound = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_PKIX);
		dane = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_DANE);
		assert_int_equal(dane.result, bound.result);
		if (free.result != cases[i].free || bound.result != cases[i].bound)
			fail_msg("%s: got %s and %s", cases[i].set,
				 verdict_result_name(free.result),
				 verdict_result_name(bound.result));
		if (free.unreachable != cases[i].unreachable)
			fail_msg("%s: unreachable is %d", cases[i].set, free.unreachable);
		if (cases[i].mx != NULL)
			assert_string_equal(free.mx, cases[i].mx);
		if (bound.result == VERDICT_UNKNOWN && cases[i].unreachable)
			assert_true(bound.unreachable);
	}
}

static void no_hosts(void **state)
{
	struct set s;
	(void)state;

	build(&s, "");
	assert_false(verdict_of(&s.a, POLICY_MODE_TESTING, AGENT_UNBOUND).dane_bars);
	s.a.source = MX_MOOT;
	s.a.reason = REASON_MX_NULL;
	assert_int_equal(verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_UNBOUND).result, VERDICT_MOOT);
	s.a.source = MX_UNKNOWN;
	s.a.reason = REASON_MX_FAILED;
	assert_int_equal(verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_UNBOUND).result,
			 VERDICT_UNKNOWN);
	assert_false(verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_UNBOUND).unreachable);
	assert_int_equal(verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_DANE).reason,
			 REASON_MX_FAILED);
}

#define PASSED	VERDICT_PASSED
#define FAILED	VERDICT_FAILED
#define UNKNOWN VERDICT_UNKNOWN

static const char *text_of(const struct verdict *v)
{
	static char out[200];

	snprintf(out, sizeof(out), "%s by %s at %s, reason %s%s%s", verdict_result_name(v->result),
		 verdict_by_name(v->by), v->mx != NULL ? v->mx : "-", reason_name(v->reason),
		 v->unreachable ? ", unreachable" : "", v->dane_bars ? ", dane bars" : "");
	return out;
}

/* RFC 7672 s2.2, RFC 8461 s2: who decides, and how. */
static void dane_sets(void **state)
{
	static const struct {
		const char *set;
		enum verdict_result free, bound; /* under enforce; bound: the agent does DANE */
		enum verdict_by by;		 /* when free */
		const char *mx;
		enum knowledge testing, none; /* delivery_bound = no */
		enum knowledge testing_bound; /* likewise */
	} cases[] = {
		/* DANE decides, in every mode */
		{ "10P", PASSED, PASSED, BY_DANE, "10P", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10F", FAILED, FAILED, BY_DANE, "10F", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_DANE_FAILED },
		{ "10I", UNKNOWN, UNKNOWN, BY_DANE, "10I", KNOW_DANE_UNREACHABLE,
		  KNOW_DANE_UNREACHABLE, KNOW_DANE_UNREACHABLE },
		{ "10L", UNKNOWN, UNKNOWN, BY_DANE, "10L", KNOW_DANE_UNKNOWN, KNOW_DANE_UNKNOWN,
		  KNOW_DANE_UNKNOWN },
		/* ... whether the policy lists the host or not */
		{ "10xP", PASSED, PASSED, BY_DANE, "10xP", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10xF", FAILED, FAILED, BY_DANE, "10xF", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_DANE_FAILED },
		/* unusable records: MTA-STS decides (RFC 7672 s2.2) */
		{ "10up", PASSED, PASSED, BY_MTA_STS, "10up", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10uf", FAILED, FAILED, BY_MTA_STS, "10uf", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		{ "10ux", FAILED, FAILED, BY_MTA_STS, "10ux", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		/* a mixed set keeps MTA-STS for the others */
		{ "10P 20f", PASSED, FAILED, BY_DANE, "10P", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		{ "10f 20P", FAILED, FAILED, BY_MTA_STS, "10f", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		{ "10x 20P", FAILED, PASSED, BY_MTA_STS, "10x", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10P 10f", FAILED, FAILED, BY_MTA_STS, "10f", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		{ "10F 20p", FAILED, PASSED, BY_DANE, "10F", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_TESTING_PASSED },
		{ "10p 10F", FAILED, PASSED, BY_DANE, "10F", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_TESTING_PASSED },
		{ "10p 20F", PASSED, PASSED, BY_MTA_STS, "10p", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		/* testing: what MTA-STS could not pass is a way for mail all the same, if DANE has no objection before it */
		{ "10f 20F", FAILED, FAILED, BY_MTA_STS, "10f", KNOW_TESTING_FAILED, KNOW_MODE_NONE,
		  KNOW_TESTING_FAILED },
		{ "10F 20f", FAILED, FAILED, BY_DANE, "10F", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_TESTING_FAILED },
		{ "10i 20F", UNKNOWN, UNKNOWN, BY_MTA_STS, "10i", KNOW_TESTING_UNKNOWN,
		  KNOW_MODE_NONE, KNOW_TESTING_UNKNOWN },
		{ "10I 20f", UNKNOWN, UNKNOWN, BY_DANE, "10I", KNOW_TESTING_UNKNOWN, KNOW_MODE_NONE,
		  KNOW_TESTING_UNKNOWN },
		{ "10F 20i", UNKNOWN, UNKNOWN, BY_MTA_STS, "20i", KNOW_DANE_FAILED,
		  KNOW_DANE_FAILED, KNOW_TESTING_UNKNOWN },
		/* a failed look-up spoils nothing that passed (RFC 7672 s2.1.2) ... */
		{ "10L 20p", PASSED, PASSED, BY_MTA_STS, "20p", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10L 20P", PASSED, PASSED, BY_DANE, "20P", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
		{ "10L 20f", UNKNOWN, UNKNOWN, BY_DANE, "10L", KNOW_TESTING_UNKNOWN, KNOW_MODE_NONE,
		  KNOW_TESTING_UNKNOWN },
		{ "10L 20F", UNKNOWN, UNKNOWN, BY_DANE, "10L", KNOW_DANE_UNKNOWN, KNOW_DANE_UNKNOWN,
		  KNOW_DANE_UNKNOWN },
		{ "10F 20L", UNKNOWN, UNKNOWN, BY_DANE, "20L", KNOW_DANE_UNKNOWN, KNOW_DANE_UNKNOWN,
		  KNOW_DANE_UNKNOWN },
		/* ... unless nobody vouches for its host */
		{ "10xL 20p", UNKNOWN, PASSED, BY_DANE, "10xL", KNOW_TESTING_UNKNOWN,
		  KNOW_MODE_NONE, KNOW_TESTING_PASSED },
		{ "10p 10xL", UNKNOWN, PASSED, BY_DANE, "10xL", KNOW_TESTING_UNKNOWN,
		  KNOW_MODE_NONE, KNOW_TESTING_PASSED },
		{ "10p 20xL", PASSED, PASSED, BY_MTA_STS, "10p", KNOW_TESTING_PASSED,
		  KNOW_MODE_NONE, KNOW_TESTING_PASSED },
		{ "10xL", UNKNOWN, FAILED, BY_DANE, "10xL", KNOW_DANE_UNKNOWN, KNOW_DANE_UNKNOWN,
		  KNOW_DANE_UNKNOWN },
		/* several addresses of one host */
		{ "10PF", FAILED, PASSED, BY_DANE, "10PF", KNOW_DANE_FAILED, KNOW_DANE_FAILED,
		  KNOW_TESTING_PASSED },
		{ "10PI", PASSED, PASSED, BY_DANE, "10PI", KNOW_TESTING_PASSED, KNOW_MODE_NONE,
		  KNOW_TESTING_PASSED },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict v;
		struct set s;

		build(&s, cases[i].set);
		v = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_UNBOUND);
		if (v.result != cases[i].free || v.by != cases[i].by || v.dane_bars ||
		    strcmp(v.mx, cases[i].mx) != 0)
			fail_msg("%s: got %s", cases[i].set, text_of(&v));
		v = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_DANE);
		if (v.result != cases[i].bound)
			fail_msg("%s, bound: got %s", cases[i].set, text_of(&v));
		v = verdict_of(&s.a, POLICY_MODE_TESTING, AGENT_UNBOUND);
		if (knowledge_of(POLICY_MODE_TESTING, &v) != cases[i].testing)
			fail_msg("%s, testing: got %s", cases[i].set, text_of(&v));
		v = verdict_of(&s.a, POLICY_MODE_TESTING, AGENT_DANE);
		if (knowledge_of(POLICY_MODE_TESTING, &v) != cases[i].testing_bound)
			fail_msg("%s, testing, bound: got %s", cases[i].set, text_of(&v));
		v = verdict_of(&s.a, POLICY_MODE_NONE, AGENT_UNBOUND);
		if (knowledge_of(POLICY_MODE_NONE, &v) != cases[i].none)
			fail_msg("%s, none: got %s", cases[i].set, text_of(&v));
	}
}

/* RFC 8461 s2, s4: what is accepted for an agent that demands a certificate has one. */
static void agents(void **state)
{
	static const struct {
		const char *name, *set;
		enum verdict_result pkix, dane;
		enum reason reason; /* for AGENT_PKIX */
		enum verdict_by by;
		bool unreachable;
	} cases[] = {
		{ "DANE and PKIX pass", "10B", PASSED, PASSED, REASON_DANE_OK, BY_DANE, false },
		{ "RFC 8461 s4.2: TLSA alone vouches for the certificate", "10P", FAILED, PASSED,
		  REASON_CERT_UNTRUSTED, BY_MTA_STS, false },
		{ "RFC 8461 s4.1: outside the policy", "10xB", FAILED, PASSED, REASON_MX_MISMATCH,
		  BY_MTA_STS, false },
		{ "... and its TLSA look-up failed", "10xL", FAILED, FAILED, REASON_MX_MISMATCH,
		  BY_MTA_STS, false },
		{ "RFC 8461 s2: DANE fails, PKIX passes", "10F", FAILED, FAILED,
		  REASON_DANE_MISMATCH, BY_DANE, false },
		{ "RFC 7672 s2.1.2: a TLSA look-up failed", "10L", UNKNOWN, UNKNOWN,
		  REASON_TLSA_FAILED, BY_DANE, false },
		{ "DANE passes, and PKIX could not be asked", "10N", UNKNOWN, PASSED,
		  REASON_CONNECT_TIMEOUT, BY_MTA_STS, true },
		{ "nothing answers", "10I", UNKNOWN, UNKNOWN, REASON_CONNECT_TIMEOUT, BY_DANE,
		  true },
		{ "its address look-up failed", "10lB", UNKNOWN, UNKNOWN, REASON_ADDRESS_FAILED,
		  BY_DANE, false },
		/* the host is not named to the agent at all */
		{ "one of two addresses fails DANE", "10BF", FAILED, PASSED, REASON_DANE_MISMATCH,
		  BY_DANE, false },
		{ "one of two addresses passes PKIX", "10PB", PASSED, PASSED, REASON_DANE_OK,
		  BY_DANE, false },
		{ "one of two addresses cannot be reached", "10BI", PASSED, PASSED, REASON_DANE_OK,
		  BY_DANE, false },
		{ "another host passes", "10P 20p", PASSED, PASSED, REASON_OK, BY_MTA_STS, false },
		/* one level holds for all hosts of a domain: who does DANE verifies here as well */
		{ "a mixed set, nothing but DANE passes", "10P 20f", FAILED, FAILED,
		  REASON_CERT_UNTRUSTED, BY_MTA_STS, false },
		{ "... of which one has both", "10B 20f", PASSED, PASSED, REASON_DANE_OK, BY_DANE,
		  false },
		{ "a host that nobody vouches for mixes nothing", "10P 20x", FAILED, PASSED,
		  REASON_CERT_UNTRUSTED, BY_MTA_STS, false },
		{ "nor one whose state is unknown", "10P 20L", UNKNOWN, PASSED, REASON_TLSA_FAILED,
		  BY_DANE, false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict v;
		struct set s;

		build(&s, cases[i].set);
		v = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_DANE);
		if (v.result != cases[i].dane)
			fail_msg("%s, AGENT_DANE: got %s", cases[i].name, text_of(&v));
		v = verdict_of(&s.a, POLICY_MODE_ENFORCE, AGENT_PKIX);
		if (v.result != cases[i].pkix || v.reason != cases[i].reason ||
		    v.by != cases[i].by || v.unreachable != cases[i].unreachable)
			fail_msg("%s, AGENT_PKIX: got %s", cases[i].name, text_of(&v));
		/* Where the policy is no policy for the agent, DANE has the say as everywhere. */
		v = verdict_of(&s.a, POLICY_MODE_NONE, AGENT_PKIX);
		assert_int_equal(v.result, verdict_of(&s.a, POLICY_MODE_NONE, AGENT_DANE).result);
	}
}

static const enum policy_mode modes[] = { POLICY_MODE_ENFORCE, POLICY_MODE_TESTING,
					  POLICY_MODE_NONE };

/* goes: by mode, whether MTA-STS and DANE let mail go. */
static void promises_of_modes(const char *text, const bool goes[3], enum delivery_agent agent)
{
	bool danes = strpbrk(text, "PFILBN") != NULL, others = strpbrk(text, "pfixu") != NULL;

	if (goes[0] && !(goes[1] && goes[2]))
		fail_msg("%s: passes enforce alone", text);
	if (goes[1] != goes[2])
		fail_msg("%s: testing %d, none %d", text, goes[1], goes[2]);
	if (!danes && !goes[2])
		fail_msg("%s: hindered without DANE", text);
	if (danes && !others && goes[0] != goes[1] && agent != AGENT_PKIX)
		fail_msg("%s: the mode matters under DANE", text);
}

/* Who decided is who it was about. Under DANE MTA-STS decides where the agent knows nothing else. */
static void promises_of_blame(const char *text, const struct verdict *v)
{
	if (v->fact != NULL && v->by == BY_DANE && v->fact->proof != PROOF_DANE)
		fail_msg("%s: %s", text, text_of(v));
	if (v->fact != NULL && v->by != BY_DANE && v->fact->proof == PROOF_DANE &&
	    v->fact->pkix != v->reason)
		fail_msg("%s: %s", text, text_of(v));
	if (v->dane_bars && (v->by != BY_DANE || v->result == VERDICT_PASSED))
		fail_msg("%s: %s", text, text_of(v));
}

static void promises(const struct set *s, const char *text, enum delivery_agent agent)
{
	bool goes[3];

	for (size_t i = 0; i < 3; i++) {
		struct verdict v = verdict_of(&s->a, modes[i], agent);

		promises_of_blame(text, &v);
		goes[i] = v.result == VERDICT_PASSED ||
			  (modes[i] != POLICY_MODE_ENFORCE && !v.dane_bars);
		if (goes[i] && agent == AGENT_UNBOUND && strncmp(text, "10F", 3) == 0)
			fail_msg("%s: a failing host is rescued in mode %zu", text, i);
	}
	promises_of_modes(text, goes, agent);
}

/* RCPT is accepted under a policy exactly where a bound agent has somewhere to go. */
static void doors_agree(struct set *s, const char *text, enum delivery_agent agent)
{
	static const char *const listed[] = { "a.example", "b.example", "c.example" };
	static const char *const others[] = { "a.test", "b.test", "c.test" };
	static const char *const mx[] = { "*.example" };
	static struct delivery d;
	const struct policy policy = { .mode = POLICY_MODE_ENFORCE, .mx = mx, .n_mx = 1 };
	const struct delivery_view view = { .mta_does_dane = agent == AGENT_DANE };
	struct verdict v;
	bool goes = false;

	for (size_t i = 0; i < s->a.n_hosts; i++)
		s->hosts[i].name = s->hosts[i].in_policy ? listed[i] : others[i];
	v = verdict_of(&s->a, POLICY_MODE_ENFORCE, agent);
	delivery_of(&(struct delivery_case){ .knowledge = knowledge_of(POLICY_MODE_ENFORCE, &v),
					     .reason = v.reason,
					     .mode = POLICY_MODE_ENFORCE,
					     .patterns = &policy,
					     .a = &s->a },
		    &view, &d);
	for (size_t i = 0; i < s->a.n_hosts; i++)
		goes = goes || can_deliver(&s->hosts[i], &d);
	if (goes != (v.result == VERDICT_PASSED))
		fail_msg("%s: RCPT is %s, the delivery agent is told %s and %s deliver", text,
			 text_of(&v), delivery_demand_name(d.demand), goes ? "can" : "cannot");
}

/* Every set of up to three hosts at two preferences, against what must hold of all of them. */
static void every_set(void **state)
{
	static const char *const hosts[] = { "10p",  "10f",  "10i",  "10x",  "10P", "10F", "10I",
					     "10xP", "10xF", "10L",  "10xL", "10B", "10N", "10xB",
					     "10BF", "10PB", "10BI", "10up", "20p", "20f", "20i",
					     "20x",  "20P",  "20F",  "20I",  "20L", "20xL" };
	const size_t n = ARRAY_LEN(hosts);
	(void)state;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			for (size_t k = j; k < n; k++) {
				char text[32];
				struct set s;

				snprintf(text, sizeof(text), "%s %s %s", hosts[i], hosts[j],
					 hosts[k]);
				build(&s, text);
				promises(&s, text, AGENT_UNBOUND);
				promises(&s, text, AGENT_DANE);
				promises(&s, text, AGENT_PKIX);
				doors_agree(&s, text, AGENT_DANE);
				doors_agree(&s, text, AGENT_PKIX);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mx_sets),
		cmocka_unit_test(no_hosts),
		cmocka_unit_test(dane_sets),
		cmocka_unit_test(agents),
		cmocka_unit_test(every_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
