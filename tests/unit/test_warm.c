/* What `cache warm` is made of: the list, its journal, its tally and its bar; and what `refresh` calls a change. */
#include "tests/unit/test.h"

#include "milter/command/journal.h"
#include "milter/command/line_reader.h"
#include "milter/command/names.h"
#include "milter/command/progress.h"
#include "milter/command/refresh.h"
#include "milter/command/warm_tally.h"

#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/warm-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(in_dir("journal"));
	unlink(in_dir("lines"));
	return rmdir(dir);
}

static void names_once_each(void **state)
{
	struct names l;
	char name[32];

	(void)state;
	names_init(&l);
	assert_false(names_have(&l, "d0.example"));
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "d%d.example", i % 10000);
		assert_int_equal(names_add(&l, name), i < 10000 ? 0 : 1);
	}
	assert_int_equal(l.n, 10000);
	assert_string_equal(l.v[9999], "d9999.example"); /* in their order */
	assert_true(names_have(&l, "d4711.example"));
	assert_false(names_have(&l, "d10000.example"));
	names_release(&l);
}

static void lines_of_every_length(void **state)
{
	struct line_reader r;
	struct span line;

	(void)state;
	write_file("lines", "a\n\n12345\n123456\nlast");
	assert_int_equal(line_reader_open(&r, in_dir("lines"), 5), 0);
	assert_int_equal(line_reader_next(&r, &line), 1);
	assert_true(span_eq(line, "a"));
	assert_int_equal(line_reader_next(&r, &line), 1);
	assert_true(span_eq(line, ""));
	assert_int_equal(line_reader_next(&r, &line), 1);
	assert_true(span_eq(line, "12345"));
	assert_int_equal(line_reader_next(&r, &line), -EFBIG);
	assert_int_equal(line_reader_next(&r, &line), 1);
	assert_true(span_eq(line, "last"));
	assert_int_equal(r.number, 5);
	assert_int_equal(line_reader_next(&r, &line), 0);
	line_reader_close(&r);
	assert_int_equal(line_reader_open(&r, in_dir("nothing"), 5), -ENOENT);
	line_reader_close(&r);
}

static void remember(void *arg, const char *domain, const char *outcome)
{
	char *all = arg;
	size_t n = strlen(all);

	snprintf(all + n, 500 - n, "%s=%s;", domain, outcome);
}

/* What was written is read; a line that was cut is done again, and does not swallow the next; the end removes the file. */
static void a_journal(void **state)
{
	struct journal j;
	char all[500] = "";

	(void)state;
	assert_int_equal(journal_open(&j, in_dir("journal"), remember, all), 0);
	assert_int_equal(journal_add(&j, "a.example", "enforce"), 0);
	fputs("b.exam", j.file);
	journal_close(&j, false);
	assert_string_equal(all, "");
	assert_int_equal(journal_open(&j, in_dir("journal"), remember, all), 0);
	assert_string_equal(all, "a.example=enforce;");
	assert_int_equal(journal_add(&j, "c.example", "none"), 0);
	journal_close(&j, false);
	all[0] = '\0';
	assert_int_equal(journal_open(&j, in_dir("journal"), remember, all), 0);
	assert_string_equal(all, "a.example=enforce;c.example=none;");
	journal_close(&j, true);
	assert_int_equal(access(in_dir("journal"), F_OK), -1);
	assert_int_equal(journal_open(&j, NULL, remember, all), 0);
	assert_int_equal(journal_add(&j, "d.example", "none"), 0);
	journal_close(&j, true);
}

/* Another file is not touched, hostile lines are passed over. */
static void what_is_no_journal(void **state)
{
	struct journal j;
	char all[500] = "";

	(void)state;
	write_file("journal", "example.com\nexample.net\n");
	assert_int_equal(journal_open(&j, in_dir("journal"), remember, all), -EINVAL);
	write_file("journal",
		   "# mta-sts cache warm: done so far\n"
		   "a.example\n a.example none\nA.example none\n\x1b[31m none\n"
		   "b.example none\nc.example 0123456789012345678901234567890123456789\n");
	assert_int_equal(journal_open(&j, in_dir("journal"), remember, all), 0);
	assert_string_equal(all, "b.example=none;");
	journal_close(&j, true);
}

/* knowledge and mode as the daemon says them, and what they count as. */
static void what_becomes_of_a_domain(void **state)
{
	static const struct {
		const char *knowledge, *mode;
		enum warm_class class;
		bool held;
	} rows[] = {
		{ "enforce-passed", "enforce", WARM_ENFORCE, false },
		{ "enforce-failed", "enforce", WARM_ENFORCE, true },
		{ "enforce-unknown", "enforce", WARM_ENFORCE, true },
		{ "enforce-unreachable", "enforce", WARM_ENFORCE, true },
		{ "enforce-pending", "enforce", WARM_ENFORCE, true },
		{ "moot", "enforce", WARM_ENFORCE, false },
		{ "testing-failed", "testing", WARM_TESTING, false },
		{ "dane-failed", "testing", WARM_TESTING, true },
		{ "mode-none", "none", WARM_NONE, false },
		{ "no-policy", NULL, WARM_NO_POLICY, false },
		{ "fetch-failed", NULL, WARM_FAILED, false },
		{ "txt-failed", NULL, WARM_FAILED, false },
		{ "store-failed", NULL, WARM_FAILED, false },
		{ "busy", NULL, WARM_FAILED, false },
		{ NULL, NULL, WARM_FAILED, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct warm_tally t;
		json_t *result = json_pack("{s:s, s:s*, s:s*}", "domain", "d.example", "knowledge",
					   rows[i].knowledge, "mode", rows[i].mode);

		warm_tally_init(&t);
		assert_int_equal(warm_tally_add(&t, result), rows[i].class);
		if (json_array_size(t.held) != rows[i].held ||
		    json_array_size(t.failed) != (rows[i].class == WARM_FAILED))
			fail_msg("%s", rows[i].knowledge != NULL ? rows[i].knowledge : "nothing");
		assert_int_equal(t.counts[rows[i].class], 1);
		json_object_set_new(result, "skipped", json_true());
		assert_int_equal(warm_tally_add(&t, result), WARM_SKIPPED);
		assert_int_equal(json_array_size(t.held), rows[i].held);
		warm_tally_release(&t);
		json_decref(result);
	}
	for (int c = 0; c < WARM_CLASS_COUNT; c++)
		assert_int_equal(warm_class_from_name(warm_class_name((enum warm_class)c)), c);
	assert_int_equal(warm_class_from_name("x"), -1);
}

static void a_bar(void **state)
{
	char line[PROGRESS_LINE];

	(void)state;
	assert_string_equal(progress_line(0, 0, 0, 0, "", line), "[####################] 0 of 0");
	assert_string_equal(progress_line(50, 0, 100, 1000, "x", line),
			    "[##########..........] 50 of 100: x");
	assert_string_equal(progress_line(50, 0, 100, 10000, "x", line),
			    "[##########..........] 50 of 100, about 11 s left: x");
	assert_string_equal(progress_line(50, 40, 1000, 10000, "", line),
			    "[#...................] 50 of 1000, about 16 min left");
	assert_string_equal(progress_line(50, 50, 1000, 10000, "", line),
			    "[#...................] 50 of 1000");
	assert_string_equal(progress_line(100, 0, 100, 10000, "", line),
			    "[####################] 100 of 100");
}

/* What is wider than the terminal would leave a line behind at each turn. */
static void a_bar_fits_the_terminal(void **state)
{
	const struct winsize size = { .ws_row = 25, .ws_col = 30 };
	int outer, inner, was = dup(STDERR_FILENO);
	struct progress p;
	char shown[100];
	ssize_t n;

	(void)state;
	assert_int_equal(openpty(&outer, &inner, NULL, NULL, &size), 0);
	assert_int_equal(dup2(inner, STDERR_FILENO), STDERR_FILENO);
	progress_begin(&p, 0, true);
	progress_show(&p, 1000, 5, 0, 10, "0 enforce");
	assert_int_equal(dup2(was, STDERR_FILENO), STDERR_FILENO);
	n = read(outer, shown, sizeof(shown) - 1);
	assert_true(n > 0);
	shown[n] = '\0';
	assert_string_equal(shown, "\r[##########..........] 5 of 1\033[K");
	close(inner);
	close(outer);
	close(was);
}

/* Two answers of query: what is different, and nothing else. */
static void what_a_refresh_has_changed(void **state)
{
	static const char before[] =
		"{\"knowledge\":\"enforce-failed\",\"answer\":\"tempfail\",\"age\":1,"
		"\"policy\":{\"id\":\"1\",\"mode\":\"enforce\",\"mx\":[\"a.example\"],\"age\":9}}";
	static const char after[] =
		"{\"knowledge\":\"enforce-passed\",\"answer\":\"tempfail\",\"age\":2,"
		"\"policy\":{\"id\":\"1\",\"mode\":\"enforce\",\"mx\":[\"a.example\",\"*.b."
		"example\"]},"
		"\"verdict\":{\"result\":\"passed\"}}";
	static const char changes[] =
		"[{\"what\":\"knowledge\",\"before\":\"enforce-failed\",\"after\":\"enforce-"
		"passed\"},"
		"{\"what\":\"mx\",\"before\":\"a.example\",\"after\":\"a.example *.b.example\"},"
		"{\"what\":\"verdict\",\"before\":null,\"after\":\"passed\"}]";
	json_t *a = json_loads(before, 0, NULL), *b = json_loads(after, 0, NULL), *c;
	char *text;

	(void)state;
	c = refresh_changes(a, b);
	text = json_dumps(c, JSON_COMPACT);
	assert_string_equal(text, changes);
	json_decref(c);
	free(text);
	c = refresh_changes(a, a);
	assert_int_equal(json_array_size(c), 0);
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_once_each),
		cmocka_unit_test(lines_of_every_length),
		cmocka_unit_test(a_journal),
		cmocka_unit_test(what_is_no_journal),
		cmocka_unit_test(what_becomes_of_a_domain),
		cmocka_unit_test(a_bar),
		cmocka_unit_test(a_bar_fits_the_terminal),
		cmocka_unit_test(what_a_refresh_has_changed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
