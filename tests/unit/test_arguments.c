#include "tests/unit/test.h"

#include "milter/command/arguments.h"

#define OPTION_WITH_VALUE OPTION_JSON

static const struct option_row options[] = {
	{ OPTION_HELP, "--help", NULL, "" },
	{ OPTION_VERSION, "-v", NULL, "" },
	{ OPTION_WITH_VALUE, "--file", "FILE", "" },
};

static const struct verb verbs[] = {
	{ "get", "NAME", 1, 1, OPTION_BIT(OPTION_WITH_VALUE) },
	{ "get all", "", 0, 0, OPTION_BIT(OPTION_VERSION) },
	{ "put one", "NAME...", 1, OPERANDS_MANY, 0 },
};

static const struct table table = { verbs, ARRAY_LEN(verbs), options, ARRAY_LEN(options) };

/* want: "verb|operand|operand", then "+value" of --file; "!" and the error when it is wrong use. */
static const struct {
	const char *line, *want;
} cases[] = {
	{ "get x", "get|x" },
	{ "get all", "get all" },
	{ "get -- all", "get|all" },
	{ "get --file f x", "get|x+f" },
	{ "--file f get x", "get|x+f" },
	{ "get x --file=f=g", "get|x+f=g" },
	{ "get --file --file x", "get|x+--file" },
	{ "get -- --file", "get|--file" },
	{ "get -", "get|-" },
	{ "put one a b -- -c --", "put one|a|b|-c|--" },
	{ "--help", "" },
	{ "--help get", "get" },
	{ "get all --help", "get all" },
	{ "--help nonsense", "|nonsense" },
	{ "", "!a verb is missing" },
	{ "--", "!a verb is missing" },
	{ "-- get x", "!a verb is missing" },
	{ "got", "!there is no verb got" },
	{ "put", "!another word has to stand behind put" },
	{ "put two", "!another word has to stand behind put" },
	{ "a\033b", "!there is no verb a\\x1bb" },
	{ "get", "!too few arguments for get" },
	{ "get x y", "!too many arguments for get" },
	{ "get all x", "!too many arguments for get all" },
	{ "put one", "!too few arguments for put one" },
	{ "get --json x", "!there is no option --json" },
	{ "get -x x", "!there is no option -x" },
	{ "get --files=x x", "!there is no option --files=x" },
	{ "get --file", "!a value is missing behind --file" },
	{ "get x --help=1", "!no value belongs to --help" },
	{ "put one x --file f", "!this verb has no option --file" },
	{ "get x -v", "|early" },
};

static size_t words_of(char *line, char **argv)
{
	static char program[] = "mta-sts";
	size_t n = 0;

	argv[n++] = program;
	while (*line != '\0') {
		argv[n++] = line;
		line += strcspn(line, " ");
		if (*line != '\0')
			*line++ = '\0';
	}
	return n;
}

static void describe(const struct invocation *inv, struct buf *out)
{
	buf_adds(out, inv->verb != NULL ? inv->verb->words : "");
	for (size_t i = 0; i < inv->n_operands; i++)
		buf_addf(out, "|%s", inv->operands[i]);
	if (inv->options & OPTION_BIT(OPTION_WITH_VALUE))
		buf_addf(out, "+%s", inv->values[OPTION_WITH_VALUE]);
}

static void lines(void **state)
{
	char line[100], *argv[20];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct invocation inv;
		struct buf error, got;
		int r;

		buf_init(&error, 1000);
		buf_init(&got, 1000);
		assert_true(span_copy(span_of(cases[i].line), line, sizeof(line)));
		r = arguments_parse(&table, (int)words_of(line, argv), argv, &inv, &error);
		assert_int_equal(r, cases[i].want[0] == '!' ? EX_USAGE : 0);
		if (r != 0)
			buf_addf(&got, "!%s", buf_text(&error));
		else if (inv.options & OPTION_BIT(OPTION_VERSION))
			buf_adds(&got, "|early");
		else
			describe(&inv, &got);
		if (strcmp(buf_text(&got), cases[i].want) != 0)
			fail_msg("\"%s\": got \"%s\"", cases[i].line, buf_text(&got));
		buf_release(&error);
		buf_release(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
