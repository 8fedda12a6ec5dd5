/* What a program of the MTA's has printed, however it ends. */
#include "tests/unit/test.h"

#include "common/base/cleanup.h"
#include "milter/command/setup_spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name, *script, *enough;
	bool errors_too;
	int status;
	const char *printed;
} cases[] = {
	{ "its output", "echo a; echo b >&2", NULL, false, 0, "a\n" },
	{ "its errors as well", "echo a; echo b >&2", NULL, true, 0, "a\nb\n" },
	{ "its status", "exit 3", NULL, false, 3, "" },
	{ "it is killed", "kill -TERM $$", NULL, false, 128 + 15, "" },
	{ "no input", "cat; echo end", NULL, false, 0, "end\n" },
	{ "too much", "echo 12345678901234567890", NULL, false, -ENOMEM, "" },
	/* It would go on for longer than this test may. */
	{ "enough", "echo words; echo 'that do'; exec sleep 1000", "that", false, 0,
	  "words\nthat do\n" },
	{ "in two pieces", "printf wo; echo rds; exec sleep 1000", "words", false, 0, "words\n" },
	{ "enough, and then an error", "echo words; exit 3", "words", false, 0, "words\n" },
	{ "never enough", "echo words; exit 3", "others", false, 3, "words\n" },
};

static void scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_release) struct buf out = { .max = 20 };
		const char *argv[] = { "sh", "-c", cases[i].script, NULL };
		int r = setup_spawn(argv, cases[i].errors_too, cases[i].enough, &out);

		if (r != cases[i].status ||
		    (r >= 0 && strcmp(buf_text(&out), cases[i].printed) != 0))
			fail_msg("%s: %d, '%s'", cases[i].name, r, buf_text(&out));
	}
}

static void no_program(void **state)
{
	AUTO(buf_release) struct buf out = { .max = 20 };
	const char *argv[] = { "no-such-program", NULL };

	(void)state;
	assert_int_equal(setup_spawn(argv, false, NULL, &out), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts),
		cmocka_unit_test(no_program),
	};

	(void)alarm(20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
