/* RFC 8461 s4, s5.1: MX sets as strings, so that a case is one line.
 *
 * "10p 20f" is a host at preference 10 with an address that passed, one at 20 with one that failed. Letters: p passed, f failed,
 * i inconclusive; x: the host is not in the policy; l: its address look-up failed; several letters are several addresses. */
#include "tests/unit/test.h"

#include "common/base/num.h"
#include "common/sts/verdict.h"

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
		struct verdict free, bound;

		build(&s, cases[i].set);
		free = verdict_of(&s.a, false);
		bound = verdict_of(&s.a, true);
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
	s.a.source = MX_MOOT;
	s.a.reason = REASON_MX_NULL;
	assert_int_equal(verdict_of(&s.a, false).result, VERDICT_MOOT);
	s.a.source = MX_UNKNOWN;
	s.a.reason = REASON_MX_FAILED;
	assert_int_equal(verdict_of(&s.a, false).result, VERDICT_UNKNOWN);
	assert_false(verdict_of(&s.a, false).unreachable);
	assert_int_equal(verdict_of(&s.a, true).reason, REASON_MX_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mx_sets),
		cmocka_unit_test(no_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
