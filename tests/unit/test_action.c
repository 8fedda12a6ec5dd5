/* Walks the table in doc/DECISIONS.md: what stands there is what the daemon does. */
#include "tests/unit/test.h"

#include "common/base/span.h"
#include "common/sts/action.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR = 3600000 };

static struct action_view view_of(int column)
{
	struct action_view v = {
		.action = ACTION_TEMPFAIL,
		.txt_failure = { GRACE_TEMPFAIL_FOR, HOUR },
		.pending = { GRACE_AS_TXT_FAILURE, 0 },
	};

	switch (column) {
	case 1:
		v.action = ACTION_ANNOTATE;
		break;
	case 2:
		v.txt_failure = (struct grace_rule){ GRACE_ACCEPT, 0 };
		break;
	case 4:
		v.accept_unreachable = true;
		break;
	case 5:
		v.never_tempfail = true;
		break;
	default:
		break;
	}
	return v;
}

static enum knowledge knowledge_from(struct span name)
{
	for (int k = 0; k < KNOW_COUNT; k++)
		if (span_eq(name, knowledge_name((enum knowledge)k)))
			return (enum knowledge)k;
	return KNOW_COUNT;
}

static void walk_row(enum knowledge k, struct span rest)
{
	struct span cell;

	for (int column = 0; column < 6; column++) {
		struct action_view view = view_of(column);
		enum answer got = action_for(k, &view, column == 3 ? HOUR : HOUR - 1);

		assert_true(span_until(&rest, '|', 40, &cell));
		if (!span_eq(span_trim(cell), answer_name(got)))
			fail_msg("%s, column %d: got %s", knowledge_name(k), column,
				 answer_name(got));
	}
	assert_true(span_until(&rest, '|', 40, &cell));
	if (!span_eq(span_trim(cell), knowledge_word(k)))
		fail_msg("%s: got word %s", knowledge_name(k), knowledge_word(k));
}

static void the_document_is_the_code(void **state)
{
	const char *top = getenv("srcdir");
	char path[1000], line[1000];
	bool seen[KNOW_COUNT] = { false };
	FILE *f;
	(void)state;

	snprintf(path, sizeof(path), "%s/doc/DECISIONS.md", top != NULL ? top : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL && strncmp(line, "## ", 3) != 0) {
		struct span rest = span_of(line), cell;
		enum knowledge k;

		if (!span_until(&rest, '|', 0, &cell) || !span_until(&rest, '|', 40, &cell))
			continue;
		k = knowledge_from(span_trim(cell));
		if (k == KNOW_COUNT)
			continue;
		seen[k] = true;
		walk_row(k, rest);
	}
	fclose(f);
	for (int k = 0; k < KNOW_COUNT; k++)
		if (!seen[k])
			fail_msg("doc/DECISIONS.md has no row for %s",
				 knowledge_name((enum knowledge)k));
}

static void pending_can_have_its_own_rule(void **state)
{
	struct action_view v = view_of(0);
	(void)state;

	v.pending = (struct grace_rule){ GRACE_ACCEPT, 0 };
	assert_int_equal(action_for(KNOW_PENDING, &v, 0), ANSWER_ACCEPT);
	assert_int_equal(action_for(KNOW_BUSY, &v, 0), ANSWER_ACCEPT);
	assert_int_equal(action_for(KNOW_TXT_FAILED, &v, 0), ANSWER_TEMPFAIL);
	/* RFC 8461 s3.3: a known enforce policy is not opened by it. */
	assert_int_equal(action_for(KNOW_ENFORCE_PENDING, &v, 0), ANSWER_TEMPFAIL);
}

static void the_worst_word_wins(void **state)
{
	static const enum knowledge order[] = {
		KNOW_NOT_JUDGED,      KNOW_ENFORCE_PASSED, KNOW_NO_POLICY,
		KNOW_TESTING_UNKNOWN, KNOW_TESTING_FAILED, KNOW_TXT_FAILED,
		KNOW_ENFORCE_UNKNOWN, KNOW_ENFORCE_FAILED,
	};
	(void)state;

	for (size_t i = 1; i < ARRAY_LEN(order); i++)
		assert_true(knowledge_rank(order[i - 1]) < knowledge_rank(order[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_is_the_code),
		cmocka_unit_test(pending_can_have_its_own_rule),
		cmocka_unit_test(the_worst_word_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
