/* What was said at RCPT is found again at the delivery, and what was said a moment ago is not said again. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "milter/daemon/said.h"
#include "milter/daemon/trail.h"

static struct nexthop hop_of(const char *name)
{
	return nexthop_of_route(span_of(name));
}

static const struct trail_terms ENFORCE = {
	.known = true, .mode = POLICY_MODE_ENFORCE, .hash = 7, .id = "20260101"
};

static void ids_come_back_newest_first(void **state)
{
	struct trail *t = trail_new(1);
	struct nexthop a = hop_of("a.example"), b = hop_of("[a.example]");
	struct trail_mark m;
	char id[DECISION_ID_SIZE];
	uint64_t serial;

	(void)state;
	assert_false(trail_find(t, &a, &m));
	trail_note(t, &a, "1", &ENFORCE);
	assert_true(trail_find(t, &a, &m));
	assert_int_equal(m.n_ids, 1);
	assert_string_equal(m.ids[0], "1");
	assert_true(trail_terms_same(&m.terms, &ENFORCE));
	assert_false(trail_find(t, &b, &m));
	serial = m.serial;
	trail_note(t, &a, "1", &ENFORCE); /* the next recipient of the same message */
	trail_find(t, &a, &m);
	assert_int_equal(m.n_ids, 1);
	assert_true(m.serial != serial);
	for (int i = 2; i < 9; i++) {
		snprintf(id, sizeof(id), "%d", i);
		trail_note(t, &a, id, &ENFORCE);
	}
	trail_find(t, &a, &m);
	assert_int_equal(m.n_ids, TRAIL_IDS);
	assert_string_equal(m.ids[0], "8");
	assert_string_equal(m.ids[TRAIL_IDS - 1], "5");
	trail_free(t);
}

/* Strangers can name as many next-hops as they like; the last ones stay. */
static void it_is_bounded(void **state)
{
	struct trail *t = trail_new(1);
	struct trail_mark m;
	size_t found = 0;
	char name[40];

	(void)state;
	for (int i = 0; i < 4 * TRAIL_HOPS; i++) {
		struct nexthop hop;

		snprintf(name, sizeof(name), "d%d.example", i);
		hop = hop_of(name);
		trail_note(t, &hop, "1", &ENFORCE);
		assert_true(trail_find(t, &hop, &m));
	}
	for (int i = 0; i < 4 * TRAIL_HOPS; i++) {
		struct nexthop hop;

		snprintf(name, sizeof(name), "d%d.example", i);
		hop = hop_of(name);
		found += trail_find(t, &hop, &m);
	}
	assert_true(found <= TRAIL_HOPS && found > TRAIL_HOPS / 2);
	trail_free(t);
}

static void terms_in_words(void **state)
{
	static const struct {
		struct trail_terms terms;
		const char *want;
	} rows[] = {
		{ { .known = false, .mode = POLICY_MODE_ENFORCE }, "unknown" },
		{ { .known = true, .mode = POLICY_MODE_NONE }, "none" },
		{ { .known = true, .mode = POLICY_MODE_TESTING, .id = "x" }, "testing id=x" },
		{ { .known = true, .mode = POLICY_MODE_ENFORCE, .id = "20260101", .hash = 7 },
		  "enforce id=20260101" },
		{ { .known = true, .mode = POLICY_MODE_NONE, .overridden = true },
		  "override none" },
	};
	char text[TERMS_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(trail_terms_text(&rows[i].terms, text), rows[i].want);
		assert_int_equal(trail_terms_same(&rows[i].terms, &ENFORCE), i == 3);
	}
}

static void other_bodies_are_other_terms(void **state)
{
	struct trail_terms other = ENFORCE;

	(void)state;
	other.hash++;
	assert_false(trail_terms_same(&other, &ENFORCE));
	other = ENFORCE;
	other.id[0] = '1';
	assert_false(trail_terms_same(&other, &ENFORCE));
}

static void said_once_a_second(void **state)
{
	struct said *s = said_new(1);
	uint64_t unsaid = 99;

	(void)state;
	assert_false(said_lately(s, "a.example", "x", 1, 5000, &unsaid));
	assert_int_equal(unsaid, 0);
	assert_true(said_lately(s, "a.example", "x", 1, 5000, &unsaid));
	assert_true(said_lately(s, "a.example", "x", 1, 5000 + SAID_MS - 1, &unsaid));
	assert_false(said_lately(s, "b.example", "x", 1, 5000, &unsaid));
	assert_int_equal(unsaid, 0);
	assert_false(said_lately(s, "a.example", "x", 1, 5000 + SAID_MS, &unsaid));
	assert_int_equal(unsaid, 2);
	/* What is new is said at once. */
	assert_false(said_lately(s, "a.example", "y", 1, 5000 + SAID_MS, &unsaid));
	assert_int_equal(unsaid, 0);
	assert_true(said_lately(s, "a.example", "y", 1, 5000 + SAID_MS, &unsaid));
	assert_false(said_lately(s, "a.example", "x", 1, 5000 + SAID_MS, &unsaid));
	assert_int_equal(unsaid, 1);
	/* What was said elsewhere counts where it is known. */
	said_again(s, span_of("a.example"), 40);
	said_again(s, span_of("c.example"), 7);
	assert_true(said_lately(s, "a.example", "x", 1, 5000 + SAID_MS, &unsaid));
	assert_false(said_lately(s, "a.example", "x", 1, 5000 + 2 * SAID_MS, &unsaid));
	assert_int_equal(unsaid, 41);
	assert_false(said_lately(s, "c.example", "x", 1, 5000, &unsaid));
	assert_int_equal(unsaid, 0);
	said_free(s);
}

/* As many next-hops as a large site has at a time do not push each other out. */
static void many_are_remembered(void **state)
{
	enum { MANY = 10000 };
	struct said *s = said_new(1);
	uint64_t unsaid;
	size_t again = 0;
	char name[40];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			snprintf(name, sizeof(name), "d%d.example", i);
			again += said_lately(s, name, "x", 1, 5000, &unsaid);
		}
	assert_true(again > MANY * 95 / 100 && again <= MANY);
	said_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_come_back_newest_first),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(terms_in_words),
		cmocka_unit_test(other_bodies_are_other_terms),
		cmocka_unit_test(said_once_a_second),
		cmocka_unit_test(many_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
