#include "tests/unit/test.h"

#include "common/sts/record.h"

#include <stdio.h>
#include <stdlib.h>

/* name: the row of doc/GRAMMAR.md, then the case (tests/unit/test_grammar_doc.sh compares them).
 * error, warnings: "record:column beginning of the message". */
struct row {
	const char *name;
	const char *records[4];
	enum record_verdict verdict;
	const char *id, *error;
	const char *warnings[4];
};

#define ID32 "a2345678901234567890123456789012"

/* clang-format off */
static const struct row rows[] = {
	{ "R01 the least", { "v=STSv1;id=1" }, RECORD_OK, "1" },
	{ "R01 the example of the RFC", { "v=STSv1; id=20160831085700Z;" }, RECORD_OK, "20160831085700Z" },
	{ "R01 id of 32 letters and digits", { "v=STSv1; id=" ID32 }, RECORD_OK, ID32 },
	{ "R01 case of the id is kept", { "v=STSv1; id=aBc" }, RECORD_OK, "aBc" },
	{ "R02 blanks and tabs around semicolons", { "v=STSv1; \t id=1 \t; \t" }, RECORD_OK, "1" },
	{ "R02 semicolon at the end", { "v=STSv1;id=1;" }, RECORD_OK, "1" },
	{ "R03 unknown fields", { "v=STSv1; a=b; id=1; x.y-z_9=!:<>~" }, RECORD_OK, "1" },
	{ "R03 a name of 32", { "v=STSv1; id=1; " ID32 "=x" }, RECORD_OK, "1" },
	{ "R04 other records are dropped", { "v=spf1 -all", "v=STSv1; id=1", "" }, RECORD_OK, "1" },
	{ "R04 also when they are broken", { "v=STSv2; id=2", "v=STSv1; id=1" }, RECORD_OK, "1" },

	{ "R20 blank before the first semicolon, alone", { "v=STSv1 ;id=1" }, RECORD_OK, "1", NULL, { "1:8 A blank before the first semicolon: other senders" } },
	{ "R20 tab and blank", { "v=STSv1\t ; id=1;" }, RECORD_OK, "1", NULL, { "1:8 A blank before" } },
	{ "R20 and then it has to be valid", { "v=STSv1 ; id=-" }, RECORD_INVALID, "", "1:14 An id is", { "1:8 A blank before" } },
	{ "R21 id again", { "v=STSv1; id=1; id=2" }, RECORD_OK, "1", NULL, { "1:16 The field id stands here again" } },
	{ "R21 and the later one is bad", { "v=STSv1; id=1; id=a-b; id=" ID32 "3" }, RECORD_OK, "1", NULL, { "1:16 The field id", "1:24 The field id" } },
	{ "R21 v again", { "v=STSv1; v=STSv2; id=1" }, RECORD_OK, "1", NULL, { "1:10 The field v stands" } },
	{ "R22 a field that looks like id", { "v=STSv1; ID=2; id=1" }, RECORD_OK, "1", NULL, { "1:10 An unknown field is ignored; was id meant?" } },
	{ "R22 missing for that reason", { "v=STSv1; Id=2" }, RECORD_INVALID, "", "1:0 The record has no id", { "1:10 An unknown field is ignored" } },
	{ "R23 dropped although meant", { "V=STSv1; id=2", "v=STSv1; id=1", " v=STSv1; id=3", "v=STSv1" }, RECORD_OK, "1", NULL,
	  { "1:1 This record does not begin", "3:1 This record does not begin", "4:1 This record does not begin" } },

	{ "R40 no record", { NULL }, RECORD_NONE, "", "0:0 No TXT record begins" },
	{ "R40 none that counts", { "v=spf1 -all", "hello" }, RECORD_NONE, "", "0:0 No TXT record begins" },
	{ "R40 version alone", { "v=STSv1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 no semicolon", { "v=STSv1 id=1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 a longer version", { "v=STSv10; id=1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 case", { "v=STSV1; id=1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 case of v", { "V=STSv1; id=1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 blank first", { " v=STSv1; id=1" }, RECORD_NONE, "", "0:0 No TXT record", { "1:1 This record does not begin" } },
	{ "R40 quotes", { "\"v=STSv1; id=1\"" }, RECORD_NONE, "", "0:0 No TXT record" },
	{ "R40 id first", { "id=1; v=STSv1;" }, RECORD_NONE, "", "0:0 No TXT record" },
	{ "R41 two", { "v=STSv1; id=1", "v=STSv1; id=2" }, RECORD_MULTIPLE, "", "0:0 More than one" },
	{ "R41 two of the same", { "v=STSv1; id=1", "v=STSv1; id=1" }, RECORD_MULTIPLE, "", "0:0 More than one" },
	{ "R41 one of two is broken", { "v=STSv1; id=1", "v=STSv1; " }, RECORD_MULTIPLE, "", "0:0 More than one" },
	{ "R42 blank before the first semicolon, not alone", { "v=STSv1 ; id=1", "v=spf1 -all" }, RECORD_NONE, "", "0:0 No TXT record",
	  { "1:8 A blank before the first semicolon: beside" } },
	{ "R42 the other one counts", { "v=STSv1 ; id=1", "v=STSv1; id=2" }, RECORD_OK, "2", NULL, { "1:8 A blank before the first semicolon: beside" } },
	{ "R43 nothing behind the version", { "v=STSv1;" }, RECORD_INVALID, "", "1:0 The record has no id" },
	{ "R43 unknown fields alone", { "v=STSv1; a=b;" }, RECORD_INVALID, "", "1:0 The record has no id" },
	{ "R44 id with a hyphen", { "v=STSv1; id=2016-08-31" }, RECORD_INVALID, "", "1:13 An id is" },
	{ "R44 id of 33", { "v=STSv1; id=" ID32 "3" }, RECORD_INVALID, "", "1:13 An id is" },
	{ "R44 empty id", { "v=STSv1; id=" }, RECORD_INVALID, "", "1:13 The field has no value" },
	{ "R44 empty id, more behind", { "v=STSv1; id=; a=b" }, RECORD_INVALID, "", "1:13 The field has no value" },
	{ "R44 the first id is bad", { "v=STSv1; id=a-b; id=1" }, RECORD_INVALID, "", "1:13 An id is" },
	{ "R45 two semicolons", { "v=STSv1;; id=1" }, RECORD_INVALID, "", "1:9 An empty field" },
	{ "R45 two at the end", { "v=STSv1; id=1; ;" }, RECORD_INVALID, "", "1:16 An empty field" },
	{ "R46 blank before the equals sign", { "v=STSv1; id =1" }, RECORD_INVALID, "", "1:12 No blank may stand before" },
	{ "R46 blank behind it", { "v=STSv1; id= 1" }, RECORD_INVALID, "", "1:13 No blank may stand behind" },
	{ "R46 around that of an unknown field", { "v=STSv1; id=1; a = b" }, RECORD_INVALID, "", "1:17 No blank may stand before" },
	{ "R47 blank at the end", { "v=STSv1; id=1 " }, RECORD_INVALID, "", "1:14 Blanks at the end" },
	{ "R48 two words", { "v=STSv1; id=1 2" }, RECORD_INVALID, "", "1:14 A semicolon must stand" },
	{ "R48 equals sign in a value", { "v=STSv1; id=1; a=b=c" }, RECORD_INVALID, "", "1:19 A semicolon must stand" },
	{ "R48 comma", { "v=STSv1; id=1, a=b" }, RECORD_INVALID, "", "1:13 An id is" },
	{ "R48 in a later id", { "v=STSv1; id=1; id=a=b" }, RECORD_INVALID, "", "1:20 A semicolon must stand", { "1:16 The field id" } },
	{ "R49 not ASCII", { "v=STSv1; id=1; a=\xc3\xbc" }, RECORD_INVALID, "", "1:18 The field has no value" },
	{ "R49 not ASCII, further on", { "v=STSv1; id=1; a=b\xc3\xbc" }, RECORD_INVALID, "", "1:19 A semicolon must stand" },
	{ "R49 control byte", { "v=STSv1; id=1\x01" }, RECORD_INVALID, "", "1:14 A semicolon must stand" },
	{ "R49 line break", { "v=STSv1; id=1\n" }, RECORD_INVALID, "", "1:14 A semicolon must stand" },
	{ "R49 line break as a blank", { "v=STSv1;\nid=1" }, RECORD_INVALID, "", "1:9 A field name is" },
	{ "R50 name begins badly", { "v=STSv1; id=1; _a=b" }, RECORD_INVALID, "", "1:16 A field name is" },
	{ "R50 name of 33", { "v=STSv1; id=1; " ID32 "3=x" }, RECORD_INVALID, "", "1:16 A field name is" },
	{ "R50 no name", { "v=STSv1; id=1; =x" }, RECORD_INVALID, "", "1:16 A field name is" },
	{ "R50 blank in the name", { "v=STSv1; id=1; a b=x" }, RECORD_INVALID, "", "1:16 A field name is" },
	{ "R50 no equals sign", { "v=STSv1; id=1; abc" }, RECORD_INVALID, "", "1:16 A field is a name" },
	{ "R50 no equals sign, more behind", { "v=STSv1; id; a=1" }, RECORD_INVALID, "", "1:10 A field is a name" },
};
/* clang-format on */

static void compare(const char *name, const char *kind, const struct record_remark *got,
		    const char *want)
{
	char text[500];

	snprintf(text, sizeof(text), "%zu:%zu %s", got->record, got->column, got->message);
	if (strncmp(text, want, strlen(want)) != 0)
		fail_msg("%s: %s is \"%s\"", name, kind, text);
}

static void grammar(void **state)
{
	struct sts_record got;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct span records[4];
		size_t n = 0, w = 0;

		for (; n < 4 && row->records[n] != NULL; n++)
			records[n] = span_of(row->records[n]);
		record_select(records, n, &got);
		if (got.verdict != row->verdict || strcmp(got.id, row->id) != 0)
			fail_msg("%s: got %d id \"%s\"", row->name, got.verdict, got.id);
		if ((got.verdict == RECORD_OK) != (got.error.message == NULL))
			fail_msg("%s: error \"%s\"", row->name, got.error.message);
		if (row->error != NULL)
			compare(row->name, "error", &got.error, row->error);
		while (w < 4 && row->warnings[w] != NULL)
			w++;
		if (got.n_warnings != w)
			fail_msg("%s: %zu warnings", row->name, got.n_warnings);
		for (size_t k = 0; k < w; k++)
			compare(row->name, "warning", &got.warnings[k], row->warnings[k]);
	}
}

static void nul_bytes(void **state)
{
	static const char in[] = "v=STSv1; id=1\0; id=2", value[] = "v=STSv1; id=1; a=\0";
	struct span one = span_make(in, sizeof(in) - 1);
	struct sts_record got;
	(void)state;

	record_select(&one, 1, &got);
	assert_int_equal(got.verdict, RECORD_INVALID);
	assert_int_equal(got.error.column, 14);
	one = span_make(value, sizeof(value) - 1);
	record_select(&one, 1, &got);
	assert_int_equal(got.verdict, RECORD_INVALID);
	one = span_make(NULL, 0);
	record_select(&one, 1, &got);
	assert_int_equal(got.verdict, RECORD_NONE);
}

/* R51: what is too long is refused, never cut. */
static void r51_limits(void **state)
{
	static const struct row too_long = {
		"R51 record", { NULL }, RECORD_INVALID, "", "2:8193 The record is longer"
	};
	static const struct row too_many = {
		"R51 number", { NULL }, RECORD_INVALID, "", "0:0 There are more than 64"
	};
	struct span records[LIMIT_TXT_RECORDS + 1];
	char *text = malloc(LIMIT_TXT + 1);
	struct sts_record got;
	(void)state;

	memset(text, 'x', LIMIT_TXT + 1);
	memcpy(text, "v=STSv1; id=1; a=", 17);
	records[0] = span_of("v=spf1 -all");
	records[1] = span_make(text, LIMIT_TXT);
	record_select(records, 2, &got);
	assert_int_equal(got.verdict, RECORD_OK);
	records[1].n++;
	record_select(records, 2, &got);
	assert_int_equal(got.verdict, too_long.verdict);
	assert_string_equal(got.id, "");
	compare(too_long.name, "error", &got.error, too_long.error);

	for (size_t i = 0; i <= LIMIT_TXT_RECORDS; i++)
		records[i] = span_of("v=spf1 -all");
	records[LIMIT_TXT_RECORDS - 1] = span_of("v=STSv1; id=1");
	record_select(records, LIMIT_TXT_RECORDS, &got);
	assert_int_equal(got.verdict, RECORD_OK);
	record_select(records, LIMIT_TXT_RECORDS + 1, &got);
	assert_int_equal(got.verdict, too_many.verdict);
	compare(too_many.name, "error", &got.error, too_many.error);
	free(text);
}

static void warnings_have_a_maximum(void **state)
{
	struct span one = span_of("v=STSv1; id=1; v=1; v=1; v=1; v=1; v=1; v=1; v=1; v=1; v=1");
	struct sts_record got;
	(void)state;

	record_select(&one, 1, &got);
	assert_int_equal(got.verdict, RECORD_OK);
	assert_int_equal(got.n_warnings, RECORD_WARNINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(r51_limits),
		cmocka_unit_test(warnings_have_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
