#include "tests/unit/test.h"

#include "milter/command/output.h"

#include <errno.h>
#include <stdlib.h>

static void print(const struct output *out, bool json, const char *want)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_int_equal(output_print(out, json, f), 0);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void every_kind_of_field(void **state)
{
	struct output out;
	struct row row, item;
	struct row_list list, deep;
	(void)state;

	output_init(&out);
	row = output_row(&out);
	row_text(row, "name", "a b");
	row_text(row, "nothing", NULL);
	row_nothing(row, "nor this");
	row_number(row, "number", -5);
	row_truth(row, "truth", true);
	row_truth(row, "lie", false);
	list = row_list(row, "mx");
	list_text(list, "a");
	list_text(list, "b c");
	row_list(row, "empty");
	row_text(row_row(row, "policy"), "mode", "none");
	list = row_list(row, "hosts");
	item = list_row(list);
	row_text(item, "host", "mx1");
	deep = row_list(item, "facts");
	row_text(item, "why", "it \"said\" no");
	row_text(item, "text", "");
	row_text(list_row(deep), "ip", "192.0.2.1");
	row_number(list_row(deep), "port", 25);
	list_row(list);

	print(&out, false,
	      "name: a b\n"
	      "nothing: -\n"
	      "nor this: -\n"
	      "number: -5\n"
	      "truth: yes\n"
	      "lie: no\n"
	      "mx: a\n"
	      "mx: b c\n"
	      "empty: -\n"
	      "policy:\n"
	      "  mode: none\n"
	      "hosts:\n"
	      "  host=mx1 why=\"it \\x22said\\x22 no\" text=\"\"\n"
	      "    facts:\n"
	      "      ip=192.0.2.1\n"
	      "      port=25\n"
	      "  \n");
	print(&out, true,
	      "{\"name\":\"a b\",\"nothing\":null,\"nor this\":null,\"number\":-5,\"truth\":true,"
	      "\"lie\":false,\"mx\":[\"a\",\"b c\"],\"empty\":[],\"policy\":{\"mode\":\"none\"},"
	      "\"hosts\":[{\"host\":\"mx1\",\"facts\":[{\"ip\":\"192.0.2.1\"},{\"port\":25}],"
	      "\"why\":\"it \\\"said\\\" no\",\"text\":\"\"},{}]}\n");
	output_release(&out);
}

static void hostile_bytes(void **state)
{
	struct output out;
	struct row row;
	(void)state;

	output_init(&out);
	row = output_row(&out);
	row_text(row, "escape", "\033[31m\r\n\x7f");
	row_text(row, "utf8", "\xc3\xbc\xc2\x9b");
	row_text(row, "latin1", "\xfc\"");
	row_span(row, "nul", span_make("a\0b", 3));
	row_text(list_row(row_list(row, "list")), "x", "\033 \xff");

	print(&out, false,
	      "escape: \\x1b[31m\\x0d\\x0a\\x7f\n"
	      "utf8: \\xc3\\xbc\\xc2\\x9b\n"
	      "latin1: \\xfc\\x22\n"
	      "nul: a\\x00b\n"
	      "list:\n"
	      "  x=\"\\x1b \\xff\"\n");
	print(&out, true,
	      "{\"escape\":\"\\u001B[31m\\r\\n\\u007F\",\"utf8\":\"\\u00FC\\u009B\","
	      "\"latin1\":\"\\\\xfc\\\\x22\",\"nul\":\"a\\u0000b\",\"list\":[{\"x\":\"\\\\x1b "
	      "\\\\xff\"}]}\n");
	output_release(&out);
}

static void writing_fails(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct output out;
	(void)state;

	assert_non_null(full);
	output_init(&out);
	assert_int_equal(output_print(&out, true, full), -ENOSPC);
	fclose(full);
	output_release(&out);
}

/* jansson is given an allocator that fails: nothing is printed that lacks something. */
static size_t allocations_left;

static void *scarce_malloc(size_t n)
{
	return allocations_left > 0 && allocations_left-- ? malloc(n) : NULL;
}

static void memory_runs_out(void **state)
{
	size_t failed = 0;
	(void)state;

	json_set_alloc_funcs(scarce_malloc, free);
	for (size_t n = 0; n < 40; n++) {
		struct output out;
		char *text = NULL;
		size_t size = 0;
		FILE *f = open_memstream(&text, &size);
		struct row row;
		int r;

		allocations_left = n;
		output_init(&out);
		row = output_row(&out);
		row_text(list_row(row_list(row, "a")), "b", "\xff");
		list_text(row_list(row_row(row, "c"), "d"), "e");
		allocations_left = SIZE_MAX;
		r = output_print(&out, true, f);
		assert_true(r == 0 || r == -ENOMEM);
		failed += r != 0;
		fclose(f);
		if (r == 0)
			assert_string_equal(
				text, "{\"a\":[{\"b\":\"\\\\xff\"}],\"c\":{\"d\":[\"e\"]}}\n");
		free(text);
		output_release(&out);
	}
	json_set_alloc_funcs(malloc, free);
	assert_in_range(failed, 5, 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_field),
		cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(writing_fails),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
