/* Answers of the last second: given again while nothing has changed, each told of once. */
#include "tests/unit/test.h"

#include "milter/daemon/recent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct teller {
	char line[RECENT_OCTETS];
	uint64_t times;
	unsigned calls;
};

static void hear(void *arg, struct span line, uint64_t times)
{
	struct teller *t = arg;

	snprintf(t->line, sizeof(t->line), "%.*s", (int)line.n, line.p);
	t->times = times;
	t->calls++;
}

static struct recent *table(struct teller *t)
{
	struct recent *r;

	*t = (struct teller){ .calls = 0 };
	r = recent_new(42, hear, t);
	assert_non_null(r);
	return r;
}

static void keep(struct recent *r, const char *question, const char *text, const char *line,
		 uint64_t changes, int64_t now)
{
	const struct recent_answer a = { span_of(text), 1 };

	recent_keep(r, span_of(question), changes, now, &a, span_of(line));
}

/* The answer, or "" */
static const char *find(struct recent *r, const char *question, uint64_t changes, int64_t now)
{
	static char text[RECENT_OCTETS];
	struct recent_answer a = { .kind = -1 };

	if (!recent_find(r, span_of(question), changes, now, &a))
		return "";
	assert_int_equal(a.kind, 1);
	snprintf(text, sizeof(text), "%.*s", (int)a.text.n, a.text.p);
	return text;
}

static void an_answer_holds_for_a_second(void **state)
{
	struct teller t;
	struct recent *r = table(&t);
	(void)state;

	assert_string_equal(find(r, "postfix a", 7, 100), "");
	keep(r, "postfix a", "OK", "line a", 7, 100);
	assert_string_equal(find(r, "postfix a", 7, 100), "OK");
	assert_string_equal(find(r, "postfix a", 7, 100 + RECENT_MS - 1), "OK");
	assert_string_equal(find(r, "postfix", 7, 100), "");
	assert_string_equal(find(r, "postfix aa", 7, 100), "");
	assert_string_equal(find(r, "Postfix a", 7, 100), "");
	assert_int_equal(t.calls, 0);
	assert_string_equal(find(r, "postfix a", 7, 100 + RECENT_MS), "");
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.times, 2);
	assert_string_equal(t.line, "line a");
	recent_free(r);
	assert_int_equal(t.calls, 1);
}

static void a_change_ends_it_at_once(void **state)
{
	struct teller t;
	struct recent *r = table(&t);
	(void)state;

	keep(r, "postfix a", "OK old", "line", 7, 100);
	assert_string_equal(find(r, "postfix a", 8, 100), "");
	assert_string_equal(find(r, "postfix a", 7, 100), ""); /* and it does not come back */
	assert_int_equal(t.calls, 0); /* the line that was written is all there is to tell */
	keep(r, "postfix a", "OK new", "line", 8, 100);
	assert_string_equal(find(r, "postfix a", 8, 100), "OK new");
	/* Kept anew while it holds: the newer one counts. */
	keep(r, "postfix a", "OK newer", "line 2", 9, 100);
	assert_int_equal(t.times, 1);
	assert_string_equal(find(r, "postfix a", 8, 100), "");
	recent_free(r);
}

static void what_is_over_is_told_at_the_tick(void **state)
{
	struct teller t;
	struct recent *r = table(&t);
	(void)state;

	keep(r, "a", "1", "line a", 0, 0);
	keep(r, "b", "2", "line b", 0, 10);
	keep(r, "c", "3", "line c", 0, 20);
	find(r, "a", 0, 30);
	find(r, "c", 0, 30);
	find(r, "c", 0, 30);
	recent_tick(r, RECENT_MS - 1);
	assert_int_equal(t.calls, 0);
	recent_tick(r, RECENT_MS + 10);
	assert_int_equal(t.calls, 1); /* nobody asked for b again */
	assert_string_equal(t.line, "line a");
	assert_string_equal(find(r, "b", 0, 30), "");
	assert_string_equal(find(r, "c", 0, 30), "3");
	recent_free(r);
	assert_int_equal(t.calls, 2);
	assert_string_equal(t.line, "line c");
	assert_int_equal(t.times, 3);
}

static void what_is_too_long_is_not_kept(void **state)
{
	char text[RECENT_OCTETS + 1];
	struct teller t;
	struct recent *r = table(&t);
	(void)state;

	memset(text, 'x', sizeof(text));
	text[RECENT_OCTETS - 2] = '\0';
	keep(r, "q", text, "l", 0, 0);
	assert_string_equal(find(r, "q", 0, 0), text);
	keep(r, "q", text, "ll", 0, 0);
	assert_string_equal(find(r, "q", 0, 0), "");
	recent_free(r);
}

/* As many as there is room for; the others are asked for as if there were no table. */
static void there_is_a_bound(void **state)
{
	struct teller t;
	struct recent *r = table(&t);
	char question[32];
	unsigned found = 0;
	(void)state;

	for (unsigned i = 0; i < RECENT_ANSWERS + 10; i++) {
		snprintf(question, sizeof(question), "q%u", i);
		keep(r, question, question, "line", 0, i / 1000);
	}
	for (unsigned i = 0; i < RECENT_ANSWERS + 10; i++) {
		snprintf(question, sizeof(question), "q%u", i);
		found += strcmp(find(r, question, 0, 100), question) == 0;
	}
	assert_int_equal(found, RECENT_ANSWERS);
	recent_tick(r, RECENT_MS + RECENT_ANSWERS);
	assert_int_equal(t.calls, RECENT_ANSWERS);
	keep(r, "q", "room again", "line", 0, 0);
	assert_string_equal(find(r, "q", 0, 0), "room again");
	recent_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_holds_for_a_second),
		cmocka_unit_test(a_change_ends_it_at_once),
		cmocka_unit_test(what_is_over_is_told_at_the_tick),
		cmocka_unit_test(what_is_too_long_is_not_kept),
		cmocka_unit_test(there_is_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
