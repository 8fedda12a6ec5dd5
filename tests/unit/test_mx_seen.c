/* Which names outlive an assessment, and that a copy of one holds them by itself. */
#include "tests/unit/test.h"

#include "common/sts/mx_seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1700000000 };

static const char *const wild[] = { "*.example", "exact.example" };
static const struct policy policy = { .mode = POLICY_MODE_ENFORCE, .n_mx = 2, .mx = wild };

struct many {
	char names[2 * LIMIT_MX_SEEN][24];
	struct mx_host hosts[LIMIT_MX_HOSTS];
	struct mx_seen seen[LIMIT_MX_SEEN];
	struct assessment a;
};

/* All places taken, `ago` seconds before NOW; what had been seen is as old as `seen_ago`. */
static struct many *many_new(int64_t ago, int64_t seen_ago)
{
	struct many *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	for (int i = 0; i < 2 * LIMIT_MX_SEEN; i++)
		snprintf(m->names[i], sizeof(m->names[i]), "n%d.example", i);
	for (int i = 0; i < LIMIT_MX_HOSTS; i++)
		m->hosts[i] = (struct mx_host){ .name = m->names[i], .in_policy = true };
	for (int i = 0; i < LIMIT_MX_SEEN; i++)
		m->seen[i] = (struct mx_seen){ m->names[LIMIT_MX_HOSTS + i], NOW - seen_ago };
	m->a = (struct assessment){ .source = MX_RECORDS,
				    .assessed_at = NOW - ago,
				    .n_hosts = LIMIT_MX_HOSTS,
				    .hosts = m->hosts,
				    .n_seen = LIMIT_MX_SEEN,
				    .seen = m->seen };
	return m;
}

static void the_newest_fill_the_places(void **state)
{
	struct many *before = many_new(60, 120);
	struct assessment now = { .source = MX_UNKNOWN, .assessed_at = NOW };
	struct mx_seen out[LIMIT_MX_SEEN];
	(void)state;

	assert_int_equal(mx_seen_of(&before->a, &now, &policy, out), LIMIT_MX_SEEN);
	for (int i = 0; i < LIMIT_MX_SEEN; i++) {
		assert_ptr_equal(out[i].name, before->names[i]);
		assert_int_equal(out[i].at, NOW - 60);
	}
	/* Fewer hosts leave room for those that were seen before. */
	before->a.n_hosts = 1;
	assert_int_equal(mx_seen_of(&before->a, &now, &policy, out), LIMIT_MX_SEEN);
	assert_string_equal(out[1].name, before->names[LIMIT_MX_HOSTS]);
	assert_int_equal(out[1].at, NOW - 120);
	free(before);
}

static void only_what_wildcards_cover(void **state)
{
	static const char *const names[] = { "a.example",      "b.example", "exact.example",
					     "x.y.example",    "example",   "other.test",
					     "(no memory)",    "B.example", "a.example",
					     "current.example" };
	struct mx_host hosts[ARRAY_LEN(names)] = { { .name = NULL } };
	struct mx_host current = { .name = "current.example" };
	struct fact failed = { .outcome = OUTCOME_FAILED, .reason = REASON_DANE_MISMATCH };
	struct assessment before = { .source = MX_RECORDS,
				     .assessed_at = NOW - 1,
				     .n_hosts = ARRAY_LEN(names),
				     .hosts = hosts };
	struct assessment now = {
		.source = MX_RECORDS, .assessed_at = NOW, .n_hosts = 1, .hosts = &current
	};
	struct policy exact = { .n_mx = 1, .mx = wild + 1 };
	struct mx_seen out[LIMIT_MX_SEEN];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		hosts[i].name = names[i];
	assert_int_equal(mx_seen_of(&before, &now, &policy, out), 2);
	assert_string_equal(out[0].name, "a.example");
	assert_string_equal(out[1].name, "b.example");
	assert_true(mx_seen_matters(&policy));
	assert_false(mx_seen_matters(&exact));
	assert_int_equal(mx_seen_of(&before, &now, &exact, out), 0);
	assert_int_equal(mx_seen_of(NULL, &now, &policy, out), 0);
	/* RFC 8461 s2: what fails DANE is not to be used. */
	hosts[1].dane = DANE_USABLE;
	hosts[1].facts = &failed;
	hosts[1].n_facts = 1;
	assert_int_equal(mx_seen_of(&before, &now, &policy, out), 1);
	/* The domain itself is no name of its MX set (RFC 5321 s5.1). */
	before.source = MX_IMPLICIT;
	assert_int_equal(mx_seen_of(&before, &now, &policy, out), 0);
}

static void for_a_day(void **state)
{
	static const struct {
		int64_t ago;
		bool kept;
		int64_t at;
	} cases[] = {
		{ 0, true, NOW },
		{ MX_SEEN_FOR - 1, true, NOW - MX_SEEN_FOR + 1 },
		{ MX_SEEN_FOR, false, 0 },
		{ -86400 * 365, true, NOW }, /* the clock was set back */
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mx_seen one = { "a.example", NOW - cases[i].ago }, out[LIMIT_MX_SEEN];
		struct assessment before = { .source = MX_UNKNOWN, .n_seen = 1, .seen = &one };
		struct assessment now = { .source = MX_UNKNOWN, .assessed_at = NOW };

		assert_int_equal(mx_seen_of(&before, &now, &policy, out), cases[i].kept);
		if (cases[i].kept)
			assert_int_equal(out[0].at, cases[i].at);
	}
}

static void a_copy_stands_alone(void **state)
{
	struct many *m = many_new(60, 120);
	struct assessment *copy = assessment_copy(&m->a), *only = mx_seen_only(&m->a), *again;
	struct assessment none = { .source = MX_UNKNOWN };
	(void)state;

	assert_true(copy != NULL && only != NULL);
	assert_int_equal(assessment_bytes(copy), assessment_bytes(&m->a));
	memset(m, 'x', sizeof(*m));
	free(m);
	again = assessment_copy(copy);
	assessment_unref(copy);
	assert_int_equal(again->n_seen, LIMIT_MX_SEEN);
	assert_string_equal(again->hosts[1].name, "n1.example");
	assert_string_equal(again->seen[1].name, "n65.example");
	assert_int_equal(again->seen[1].at, NOW - 120);
	assessment_unref(again);
	/* Says nothing but the names. */
	assert_int_equal(only->source, MX_UNKNOWN);
	assert_int_equal(only->n_hosts, 0);
	assert_int_equal(only->n_seen, LIMIT_MX_HOSTS + LIMIT_MX_SEEN);
	assert_string_equal(only->seen[0].name, "n0.example");
	assert_int_equal(only->seen[0].at, NOW - 60);
	assert_string_equal(only->seen[LIMIT_MX_HOSTS].name, "n64.example");
	again = mx_seen_only(only);
	assert_int_equal(again->n_seen, only->n_seen);
	assessment_unref(again);
	assessment_unref(only);
	assert_null(mx_seen_only(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_fill_the_places),
		cmocka_unit_test(only_what_wildcards_cover),
		cmocka_unit_test(for_a_day),
		cmocka_unit_test(a_copy_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
