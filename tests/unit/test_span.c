#include "tests/unit/test.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/text.h"

#include <errno.h>

static void lines(void **state)
{
	struct span in = span_of("one\r\ntwo\n\nfour\rx");
	static const char *const want[] = { "one", "two", "", "four\rx" };
	struct span line;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(span_line(&in, &line));
		assert_true(span_eq(line, want[i]));
	}
	assert_false(span_line(&in, &line));
}

static void tokens(void **state)
{
	struct span in = span_of("key: value"), token = { 0 };
	(void)state;

	assert_false(span_until(&in, ':', 2, &token));
	assert_int_equal(in.n, 10);
	assert_true(span_until(&in, ':', 3, &token));
	assert_true(span_eq(token, "key"));
	assert_true(span_eq(span_trim(in), "value"));
}

static void buffers_have_a_maximum(void **state)
{
	struct buf b;
	(void)state;

	buf_init(&b, 5);
	assert_int_equal(buf_adds(&b, "12345"), 0);
	assert_int_equal(buf_addc(&b, '6'), -EMSGSIZE);
	assert_int_equal(buf_addf(&b, "%d", 6), -EMSGSIZE);
	assert_string_equal(buf_text(&b), "12345");
	buf_release(&b);
	assert_string_equal(buf_text(&b), "");
}

static void arenas_have_a_maximum(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 10000);
	assert_non_null(arena_alloc(&a, 9000));
	assert_null(arena_alloc(&a, 2000));
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	arena_reset(&a);
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 5), "x-5");
	arena_release(&a);
}

static void strangers_are_escaped(void **state)
{
	char out[12];
	(void)state;

	assert_string_equal(text_printable(span_of("a\r\nb"), out, sizeof(out)), "a\\x0d\\x0ab");
	assert_string_equal(text_printable(span_of("a \"\\"), out, sizeof(out)), "a \\x22\\x5c");
	assert_string_equal(text_printable(span_of("0123456789abcdef"), out, sizeof(out)), "01234567...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(tokens),
		cmocka_unit_test(buffers_have_a_maximum),
		cmocka_unit_test(arenas_have_a_maximum),
		cmocka_unit_test(strangers_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
