/* Following files: every line once, whatever is done to the file. Each step is a look; nothing waits. */
#include "tests/unit/test.h"

#include "common/base/buf.h"
#include "milter/command/feed_cursor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/test_follow.XXXXXX";
static char path[64], older[64], cursor[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(older, sizeof(older), "%s/log.1", dir);
	snprintf(cursor, sizeof(cursor), "%s/cursor", dir);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(path);
	unlink(older);
	unlink(cursor);
	return 0;
}

static int tear_down(void **state)
{
	clean(state);
	return rmdir(dir);
}

static void put(const char *to, const char *mode, const void *text, size_t n)
{
	FILE *file = fopen(to, mode);

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void add(const char *text)
{
	put(path, "a", text, strlen(text));
}

/* All lines that are there now, with "|" behind each; "!" behind what it gives instead of 0 at the end. */
static const char *look(struct follow_file *f)
{
	static char got[512];
	size_t at = 0;
	struct span line;
	int r;

	got[0] = '\0';
	while ((r = follow_file_next(f, &line)) > 0)
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%.*s|", (int)line.n, line.p);
	if (r < 0)
		snprintf(got + at, sizeof(got) - at, "!");
	return got;
}

static struct follow_file begin(enum follow_from from)
{
	struct follow_file f;

	assert_int_equal(follow_file_open(&f, path, from), 0);
	return f;
}

static void from_now_on(void **state)
{
	struct follow_file f;

	(void)state;
	add("old\n");
	f = begin(FOLLOW_FROM_END);
	assert_string_equal(look(&f), "");
	add("a\nb\n");
	assert_string_equal(look(&f), "a|b|");
	assert_string_equal(look(&f), "");
	add("c");
	assert_string_equal(look(&f), "");
	add("d\ne");
	assert_string_equal(look(&f), "cd|");
	add("\n");
	assert_string_equal(look(&f), "e|");
	follow_file_close(&f);
}

static void from_the_beginning(void **state)
{
	struct follow_file f;

	(void)state;
	add("old\n\nnew\n");
	f = begin(FOLLOW_FROM_START);
	assert_string_equal(look(&f), "old||new|");
	follow_file_close(&f);
}

static void appears_later(void **state)
{
	struct follow_file f = begin(FOLLOW_FROM_END);

	(void)state;
	assert_string_equal(look(&f), "");
	add("a\n");
	assert_string_equal(look(&f), "a|");
	follow_file_close(&f);
}

static void renamed(void **state)
{
	struct follow_file f;

	(void)state;
	add("old\n");
	f = begin(FOLLOW_FROM_END);
	add("a\n");
	assert_string_equal(look(&f), "a|");
	assert_int_equal(rename(path, older), 0);
	/* Whoever writes has not noticed yet. */
	put(older, "a", "b\n", 2);
	assert_string_equal(look(&f), "b|");
	add("");
	put(older, "a", "c\nlast", 6);
	assert_string_equal(look(&f), "c|");
	put(older, "a", " d", 2);
	add("e\n");
	assert_string_equal(look(&f), "last d|e|");
	add("f\n");
	assert_string_equal(look(&f), "f|");
	follow_file_close(&f);
}

static void removed_and_made_anew(void **state)
{
	struct follow_file f;

	(void)state;
	add("old\n");
	f = begin(FOLLOW_FROM_END);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(look(&f), "");
	add("a\n");
	assert_string_equal(look(&f), "a|");
	follow_file_close(&f);
}

static void cut_off(void **state)
{
	struct follow_file f;

	(void)state;
	add("old\n");
	f = begin(FOLLOW_FROM_END);
	add("a long line\nhalf");
	assert_string_equal(look(&f), "a long line|");
	assert_int_equal(truncate(path, 0), 0);
	add("b\n");
	assert_string_equal(look(&f), "b|");
	assert_int_equal(truncate(path, 0), 0);
	assert_string_equal(look(&f), "");
	add("c\n");
	assert_string_equal(look(&f), "c|");
	follow_file_close(&f);
}

static void long_lines(void **state)
{
	static char big[3 * FOLLOW_LINE];
	struct follow_file f = begin(FOLLOW_FROM_START);
	struct span line;

	(void)state;
	memset(big, 'x', sizeof(big));
	put(path, "a", big, sizeof(big));
	assert_string_equal(look(&f), "");
	add("x\na\n");
	assert_string_equal(look(&f), "a|");
	put(path, "a", big, FOLLOW_LINE - 1);
	add("\n");
	assert_int_equal(follow_file_next(&f, &line), 1);
	assert_int_equal(line.n, FOLLOW_LINE - 1);
	put(path, "a", big, FOLLOW_LINE);
	add("\nb\n");
	assert_string_equal(look(&f), "b|");
	follow_file_close(&f);
}

static void any_bytes(void **state)
{
	struct follow_file f = begin(FOLLOW_FROM_START);
	struct span line;

	(void)state;
	put(path, "a", "a\0b\xff\n\0\n", 7);
	assert_int_equal(follow_file_next(&f, &line), 1);
	assert_int_equal(line.n, 4);
	assert_memory_equal(line.p, "a\0b\xff", 4);
	assert_int_equal(follow_file_next(&f, &line), 1);
	assert_int_equal(line.n, 1);
	assert_int_equal(follow_file_next(&f, &line), 0);
	follow_file_close(&f);
}

static void no_file(void **state)
{
	struct follow_file f;

	(void)state;
	assert_int_equal(follow_file_open(&f, dir, FOLLOW_FROM_END), -EINVAL);
}

/* A later run: the place is found again, in the file, in the rotated one, or is gone. */
static struct follow_file resume(const struct follow_place *place)
{
	struct follow_file f = begin(FOLLOW_FROM_END);

	assert_int_equal(follow_file_resume(&f, place), 0);
	return f;
}

static void resumed(void **state)
{
	struct follow_file f;
	struct follow_place place;
	struct span line;

	(void)state;
	add("a\nb\nhalf");
	f = begin(FOLLOW_FROM_START);
	assert_int_equal(follow_file_next(&f, &line), 1);
	place = follow_file_place(&f);
	follow_file_close(&f);
	add(" of it\n");
	f = resume(&place);
	assert_string_equal(look(&f), "b|half of it|");
	follow_file_close(&f);

	assert_int_equal(rename(path, older), 0);
	add("c\n");
	f = resume(&place);
	assert_string_equal(look(&f), "b|half of it|c|");
	follow_file_close(&f);

	assert_int_equal(unlink(older), 0);
	place.inode = 1;
	f = resume(&place);
	assert_string_equal(look(&f), "c|");
	follow_file_close(&f);

	f = begin(FOLLOW_FROM_END);
	place = follow_file_place(&f);
	follow_file_close(&f);
	place.offset = 100;
	f = resume(&place);
	assert_string_equal(look(&f), "c|");
	follow_file_close(&f);
}

static const char *mark_of(const char *name)
{
	static char mark[100];
	struct buf text;

	buf_init(&text, FEED_CURSOR);
	assert_int_equal(feed_cursor_load(cursor, &text), 0);
	assert_true(span_copy(feed_cursor_mark(&text, name), mark, sizeof(mark)));
	buf_release(&text);
	return mark;
}

static void cursor_file(void **state)
{
	struct follow sources[2];
	struct logline line;
	struct buf text;
	bool known;
	char mark[100];

	(void)state;
	assert_string_equal(mark_of(path), "");
	add("a\nb\n");
	assert_int_equal(follow_open(&sources[0], path, FOLLOW_FROM_START, span_of("")), 0);
	assert_int_equal(follow_open(&sources[1], "-", FOLLOW_FROM_START, span_of("")), 0);
	assert_int_equal(follow_next(&sources[0], &line, &known), 1);
	assert_false(known);
	assert_int_equal(feed_cursor_save(cursor, sources, 2), 0);
	follow_close(&sources[0]);
	follow_close(&sources[1]);
	assert_string_equal(mark_of("-"), "");
	snprintf(mark, sizeof(mark), "%s", mark_of(path));
	assert_non_null(strstr(mark, " 2"));
	assert_int_equal(follow_open(&sources[0], path, FOLLOW_FROM_END, span_of(mark)), 0);
	assert_string_equal(look(&sources[0].file), "b|");
	follow_close(&sources[0]);
	assert_int_equal(follow_open(&sources[0], path, FOLLOW_FROM_END, span_of("4 x")), 0);
	assert_string_equal(look(&sources[0].file), "");
	follow_close(&sources[0]);

	buf_init(&text, FEED_CURSOR);
	assert_int_equal(feed_cursor_load(path, &text), -EINVAL);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(from_now_on, clean),
		cmocka_unit_test_teardown(from_the_beginning, clean),
		cmocka_unit_test_teardown(appears_later, clean),
		cmocka_unit_test_teardown(renamed, clean),
		cmocka_unit_test_teardown(removed_and_made_anew, clean),
		cmocka_unit_test_teardown(cut_off, clean),
		cmocka_unit_test_teardown(long_lines, clean),
		cmocka_unit_test_teardown(any_bytes, clean),
		cmocka_unit_test_teardown(no_file, clean),
		cmocka_unit_test_teardown(resumed, clean),
		cmocka_unit_test_teardown(cursor_file, clean),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
