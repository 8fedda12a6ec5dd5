#include "tests/unit/test.h"

#include "common/base/limits.h"
#include "common/sts/mx_match.h"
#include "common/sts/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* name: the row of doc/GRAMMAR.md, then the case (tests/unit/test_grammar_doc.sh compares them).
 * want: "mode max_age mx mx" or "" for an invalid policy.
 * errors, warnings: "line:column beginning of the message", in order. */
struct row {
	const char *name, *body, *want;
	const char *errors[5], *warnings[5];
};

#define V    "version: STSv1\n"
#define REST "mx: a.example\nmax_age: 604800\n"
#define GOOD V "mode: enforce\n" REST
#define WANT "enforce 604800 a.example"
#define L63  "a23456789012345678901234567890123456789012345678901234567890123"

/* clang-format off */
static const struct row rows[] = {
	{ "P01 LF", GOOD, WANT },
	{ "P01 CRLF", "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\nmax_age: 604800\r\n", WANT },
	{ "P01 both", "version: STSv1\nmode: enforce\r\nmx: a.example\nmax_age: 604800\r\n", WANT },
	{ "P01 the example of the RFC", "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n",
	  "enforce 604800 mail.example.com *.example.net backupmx.example.com" },
	{ "P02 no LF at the end", V "mode: enforce\nmx: a.example\nmax_age: 604800", WANT },
	{ "P03 blanks at the end of lines", "version: STSv1 \t\r\nmode: enforce  \nmx: a.example\t\nmax_age: 604800 ", WANT },
	{ "P04 no blank behind the colon", "version:STSv1\nmode:enforce\nmx:a.example\nmax_age:604800\n", WANT },
	{ "P04 many, and tabs", "version:  \tSTSv1\nmode:\tenforce\nmx: \t a.example\nmax_age:\t604800\n", WANT },
	{ "P05 any order", "mx: a.example\nmax_age: 604800\nmode: enforce\nversion: STSv1\nmx: b.example\n", "enforce 604800 a.example b.example" },
	{ "P06 unknown fields", "foo: bar\n" GOOD "Foo.bar-baz_9: a b: c\nx:y\n", WANT },
	{ "P06 UTF-8 in their values", GOOD "who: J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x93\xab\n", WANT },
	{ "P06 a name of 32", GOOD "a2345678901234567890123456789012: x\n", WANT },
	{ "P07 mx in any case", V "mode: enforce\nmx: *.Mail.EXAMPLE\nmax_age: 604800\n", "enforce 604800 *.mail.example" },
	{ "P08 mode none without mx", V "mode: none\nmax_age: 86400\n", "none 86400" },
	{ "P08 mode none with mx", V "mode: none\nmx: a.example\nmax_age: 86400\n", "none 86400 a.example" },
	{ "P08 mode none, no age", V "mode: none\nmax_age: 0\n", "none 0" },
	{ "P09 testing", V "mode: testing\n" REST, "testing 604800 a.example" },
	{ "P09 the greatest max_age", V "mode: enforce\nmx: a.example\nmax_age: 31557600\n", "enforce 31557600 a.example" },
	{ "P09 leading zeros", V "mode: enforce\nmx: a.example\nmax_age: 0000604800\n", WANT },
	{ "P10 one label", V "mode: enforce\nmx: localhost\nmax_age: 604800\n", "enforce 604800 localhost" },

	{ "P20 blank lines", "\n" V "\r\n \t\nmode: enforce\n" REST, WANT, {},
	  { "1:1 A blank line", "3:1 A blank line", "4:1 A blank line" } },
	{ "P20 blank lines at the end", GOOD "\n\r\n", WANT, {}, { "5:1 A blank line", "6:1 A blank line" } },
	{ "P21 byte order mark", "\xef\xbb\xbf" GOOD, WANT, {}, { "1:1 A byte order mark" } },
	{ "P21 columns count behind it", "\xef\xbb\xbfversion: STSv2\nmode: enforce\n" REST, "", { "1:10 The version must" }, { "1:1 A byte order mark" } },
	{ "P22 max_age over a year", V "mode: enforce\nmx: a.example\nmax_age: 31557601\n", "enforce 31557600 a.example", {}, { "4:10 The max_age is longer" } },
	{ "P22 past 32 bits", V "mode: enforce\nmx: a.example\nmax_age: 4294967296\n", "enforce 31557600 a.example", {}, { "4:10 The max_age is longer" } },
	{ "P22 ten nines", V "mode: enforce\nmx: a.example\nmax_age: 9999999999\n", "enforce 31557600 a.example", {}, { "4:10 The max_age is longer" } },
	{ "P23 past 64 bits", V "mode: enforce\nmx: a.example\nmax_age: 18446744073709551617\n", "enforce 31557600 a.example", {},
	  { "4:10 A max_age has at most 10 digits", "4:10 The max_age is longer" } },
	{ "P23 many zeros", V "mode: enforce\nmx: a.example\nmax_age: 000000000000604800\n", WANT, {}, { "4:10 A max_age has at most 10 digits" } },
	{ "P24 blanks before the name", V "  mode: enforce\n\t" REST, WANT, {}, { "2:1 A line does not begin", "3:1 A line does not begin" } },
	{ "P25 blank before the colon", V "mode : enforce\nmx\t: a.example\nmax_age: 604800\n", WANT, {}, { "2:5 No blank belongs", "3:3 No blank belongs" } },
	{ "P26 unknown field without value", GOOD "foo:\n", WANT, {}, { "5:5 An unknown field without" } },
	{ "P27 mode again", GOOD "mode: none\n", WANT, {}, { "5:1 The field mode stands here again" } },
	{ "P27 the first mode is none", V "mode: none\nmode: enforce\n" REST, "none 604800 a.example", {}, { "3:1 The field mode stands" } },
	{ "P27 later values are bad", GOOD "mode: Foo\nversion: 2\nmax_age: -1\nmode:\n", WANT, {},
	  { "5:1 The field mode", "6:1 The field version", "7:1 The field max_age", "8:1 The field mode" } },
	{ "P28 mx again", GOOD "mx: A.example\nmx: b.example\n", WANT " b.example", {}, { "5:5 This mx value stands" } },
	{ "P29 a name in upper case", GOOD "Mode: none\n", WANT, {}, { "5:1 The unknown field Mode is ignored; was mode meant?" } },
	{ "P29 missing for that reason", V "Mode: enforce\n" REST, "", { "0:0 The field mode is missing" }, { "2:1 The unknown field Mode is ignored" } },
	{ "P29 hyphen", V "mode: enforce\nmx: a.example\nmax-age: 604800\n", "", { "0:0 The field max_age is missing" }, { "4:1 The unknown field max-age is ignored; was max_age" } },
	{ "P29 slips of the fingers", GOOD "verison: 1\nmodes: 1\nmx-: 1\nmxa: 1\n", WANT, {}, { "5:1 The unknown field verison", "6:1 The unknown field modes", "7:1 The unknown field mx-" } },
	{ "P30 max_age below a day", V "mode: enforce\nmx: a.example\nmax_age: 86399\n", "enforce 86399 a.example", {}, { "0:0 The max_age is less than a day" } },
	{ "P30 max_age of nothing", V "mode: testing\nmx: a.example\nmax_age: 0\n", "testing 0 a.example", {}, { "0:0 The max_age is less than a day" } },
	{ "P30 a day", V "mode: testing\nmx: a.example\nmax_age: 86400\n", "testing 86400 a.example" },
	{ "P31 wildcard of a top-level domain", V "mode: enforce\nmx: *.example\nmax_age: 604800\n", "enforce 604800 *.example", {}, { "3:5 This wildcard covers" } },
	{ "P31 address", V "mode: enforce\nmx: 192.0.2.1\nmax_age: 604800\n", "enforce 604800 192.0.2.1", {}, { "3:5 This mx value looks like an address" } },

	{ "P40 nothing at all", "", "", { "0:0 The policy is empty" } },
	{ "P40 nothing but a byte order mark", "\xef\xbb\xbf", "", { "0:0 The policy is empty" }, { "1:1 A byte order mark" } },
	{ "P40 nothing but a blank line", "\n", "", { "0:0 The field version is missing", "0:0 The field mode is missing", "0:0 The field max_age is missing" }, { "1:1 A blank line" } },
	{ "P43 control byte in a known value", V "mode: enf\x01orce\n" REST, "", { "2:10 A control byte" } },
	{ "P43 in an unknown value", GOOD "foo: a\x1b[31m\n", "", { "5:7 A control byte" } },
	{ "P43 in a value that would be ignored", GOOD "mode: \x08none\n", "", { "5:7 A control byte" } },
	{ "P43 DEL", GOOD "foo: \x7f\n", "", { "5:6 A control byte" } },
	{ "P43 form feed as a blank", GOOD "\f\n", "", { "5:1 A control byte" } },
	{ "P44 CR as the end of lines", "version: STSv1\rmode: enforce\rmx: a.example\rmax_age: 604800\r", "", { "1:15 A CR without LF" } },
	{ "P44 CR at the end", V "mode: enforce\nmx: a.example\nmax_age: 604800\r", "", { "4:16 A CR without LF" } },
	{ "P44 CR CR LF", V "mode: enforce\r\r\n" REST, "", { "2:14 A CR without LF" } },
	{ "P44 mode behind a CR", V "foo: bar\rmode: none\nmode: enforce\n" REST, "", { "2:9 A CR without LF" } },
	{ "P45 tab in an unknown value", GOOD "foo: a\tb\n", "", { "5:7 A tab stands inside" } },
	{ "P45 tab in a known value", V "mode: enforce\tnone\n" REST, "", { "2:14 A tab stands inside" } },
	{ "P45 tab in a value that would be ignored", GOOD "mode: no\tne\n", "", { "5:9 A tab stands inside" } },
	{ "P46 not UTF-8", GOOD "who: J\xf6rg\n", "", { "5:7 The policy is not UTF-8" } },
	{ "P46 overlong", GOOD "who: \xc0\xaf\n", "", { "5:6 The policy is not UTF-8" } },
	{ "P46 UTF-16", "\xff\xfev\n", "", { "1:1 The policy is not UTF-8" } },
	{ "P47 no colon", V "mode enforce\n" REST, "", { "2:1 The line is no field: it has no colon" } },
	{ "P47 comment", "# our policy\n" GOOD, "", { "1:1 The line is no field" } },
	{ "P47 HTML", "<!DOCTYPE html>\n<title>404</title>\n", "", { "1:1 The line is no field", "2:1 The line is no field" } },
	{ "P48 name too long", GOOD "a23456789012345678901234567890123: x\n", "", { "5:1 A field name is" } },
	{ "P48 name begins badly", GOOD "_foo: x\n", "", { "5:1 A field name is" } },
	{ "P48 blank in the name", GOOD "max age: x\n", "", { "5:1 A field name is" } },
	{ "P48 no name", GOOD ": x\n", "", { "5:1 A field name is" } },
	{ "P48 comment with a colon", GOOD "# mode: none\n", "", { "5:1 A field name is" } },
	{ "P48 name in letters beyond ASCII", GOOD "m\xc3\xb6" "de: x\n", "", { "5:1 A field name is" } },
	{ "P49 version missing", "mode: enforce\n" REST, "", { "0:0 The field version is missing" } },
	{ "P49 another version", "version: STSv2\nmode: enforce\n" REST, "", { "1:10 The version must be STSv1" } },
	{ "P49 case", "version: stsv1\nmode: enforce\n" REST, "", { "1:10 The version is written STSv1" } },
	{ "P49 something behind it", "version: STSv1;\nmode: enforce\n" REST, "", { "1:10 The version must" } },
	{ "P49 empty", "version:\nmode: enforce\n" REST, "", { "1:9 The version must" } },
	{ "P49 the first is bad", "version: STSv2\n" GOOD, "", { "1:10 The version must" }, { "2:1 The field version stands" } },
	{ "P50 mode missing", V REST, "", { "0:0 The field mode is missing" } },
	{ "P50 unknown mode", V "mode: report\n" REST, "", { "2:7 The mode must be" } },
	{ "P50 case", V "mode: Enforce\n" REST, "", { "2:7 The names of modes are lower case" } },
	{ "P50 empty", V "mode: \n" REST, "", { "2:6 The mode must be" } },
	{ "P50 two words", V "mode: enforce none\n" REST, "", { "2:7 The mode must be" } },
	{ "P50 the first is bad", V "mode: foo\nmode: enforce\n" REST, "", { "2:7 The mode must be" }, { "3:1 The field mode stands" } },
	{ "P51 max_age missing", V "mode: enforce\nmx: a.example\n", "", { "0:0 The field max_age is missing" } },
	{ "P51 empty", V "mode: enforce\nmx: a.example\nmax_age:\n", "", { "4:9 The max_age must be a number" } },
	{ "P51 sign", V "mode: enforce\nmx: a.example\nmax_age: +604800\n", "", { "4:10 The max_age must be" } },
	{ "P51 negative", V "mode: enforce\nmx: a.example\nmax_age: -1\n", "", { "4:10 The max_age must be" } },
	{ "P51 unit", V "mode: enforce\nmx: a.example\nmax_age: 7d\n", "", { "4:10 The max_age must be" } },
	{ "P51 fraction", V "mode: enforce\nmx: a.example\nmax_age: 604800.0\n", "", { "4:10 The max_age must be" } },
	{ "P51 two numbers", V "mode: enforce\nmx: a.example\nmax_age: 604800 1\n", "", { "4:10 The max_age must be" } },
	{ "P51 digits of another script", V "mode: enforce\nmx: a.example\nmax_age: \xd9\xa1\n", "", { "4:10 The max_age must be" } },
	{ "P52 enforce without mx", V "mode: enforce\nmax_age: 604800\n", "", { "0:0 The field mx is missing" } },
	{ "P52 testing without mx", V "mode: testing\nmax_age: 604800\n", "", { "0:0 The field mx is missing" } },
	{ "P53 trailing dot", GOOD "mx: b.example.\n", "", { "5:5 An mx value does not end in a dot" } },
	{ "P53 leading dot, as in the drafts", GOOD "mx: .example.com\n", "", { "5:5 An mx value does not begin with a dot" } },
	{ "P53 empty", GOOD "mx:\n", "", { "5:4 The field mx has no value" } },
	{ "P53 two names", GOOD "mx: b.example, c.example\n", "", { "5:5 One field mx holds one name" } },
	{ "P53 preference", GOOD "mx: 10 b.example\n", "", { "5:5 One field mx holds one name" } },
	{ "P53 U-label", GOOD "mx: b\xc3\xbc" "cher.example\n", "", { "5:5 An mx value is written in A-labels" } },
	{ "P53 address literal", GOOD "mx: [192.0.2.1]\n", "", { "5:5 An mx value is a host name alone" } },
	{ "P53 port", GOOD "mx: b.example:25\n", "", { "5:5 An mx value is a host name alone" } },
	{ "P53 star alone", GOOD "mx: *\n", "", { "5:5 The wildcard of an mx value" } },
	{ "P53 partial wildcard", GOOD "mx: mx*.example.com\n", "", { "5:5 The wildcard of an mx value" } },
	{ "P53 wildcard not first", GOOD "mx: mx.*.com\n", "", { "5:5 The wildcard of an mx value" } },
	{ "P53 two wildcards", GOOD "mx: *.*.com\n", "", { "5:5 The wildcard of an mx value" } },
	{ "P53 underscore", GOOD "mx: b_c.example\n", "", { "5:5 A host name has no underscore" } },
	{ "P53 hyphen at the end of a label", GOOD "mx: b-.example\n", "", { "5:5 The mx value is no host name" } },
	{ "P53 two dots", GOOD "mx: b..example\n", "", { "5:5 The mx value is no host name" } },
	{ "P53 label of 64", GOOD "mx: " L63 "4.example\n", "", { "5:5 The mx value is no host name" } },
	{ "P53 name of 255", GOOD "mx: " L63 "." L63 "." L63 "." L63 "\n", "", { "5:5 The mx value is no host name" } },
	{ "P54 mode none saves no bad mx", V "mode: none\nmx:\nmax_age: 86400\n", "", { "3:4 The field mx has no value" } },
	{ "P56 folded line", V "mode: enforce\nmx:\n a.example\nmax_age: 604800\n", "", { "3:4 The field mx has no value", "4:2 The line is no field" }, { "4:1 A line does not begin" } },
	{ "several errors", "version: 1\nmode: x\nmx: -\nmax_age: y\n", "", { "1:10 The version", "2:7 The mode", "3:5 The mx value", "4:10 The max_age" } },
};
/* clang-format on */

static void describe(const struct policy *p, char *out, size_t size)
{
	int n = snprintf(out, size, "%s %u", policy_mode_name(p->mode), p->max_age);

	for (size_t i = 0; i < p->n_mx; i++)
		n += snprintf(out + n, size - (size_t)n, " %s", p->mx[i]);
}

static void compare(const char *name, const char *kind, const struct policy_remark *got, size_t n,
		    const char *const want[5])
{
	char text[500];

	for (size_t i = 0; i < n || (i < 5 && want[i] != NULL); i++) {
		if (i == n)
			fail_msg("%s: %s %zu missing", name, kind, i);
		snprintf(text, sizeof(text), "%zu:%zu %s", got[i].line, got[i].column,
			 got[i].message);
		if (i == 5 || want[i] == NULL || strncmp(text, want[i], strlen(want[i])) != 0)
			fail_msg("%s: %s %zu is \"%s\"", name, kind, i, text);
		if (text[strlen(text) - 1] != '.' && text[strlen(text) - 1] != '?')
			fail_msg("%s: no sentence: %s", name, text);
	}
}

static int parse(struct span body, char *ret_text, size_t size, const struct row *row)
{
	struct policy_remarks remarks = { 0 };
	struct policy *p = NULL;
	struct arena a;
	int r;

	arena_init(&a, 1 << 20);
	r = policy_parse(body, &a, &p, &remarks);
	ret_text[0] = '\0';
	if (r == 0)
		describe(p, ret_text, size);
	assert_int_equal(r == 0, p != NULL);
	assert_int_equal(r == POLICY_INVALID, remarks.n_errors > 0);
	if (row != NULL) {
		compare(row->name, "error", remarks.errors, remarks.n_errors, row->errors);
		compare(row->name, "warning", remarks.warnings, remarks.n_warnings, row->warnings);
	}
	arena_release(&a);
	policy_unref(p);
	return r;
}

static void grammar(void **state)
{
	char text[2000];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int r = parse(span_of(rows[i].body), text, sizeof(text), &rows[i]);

		if (strcmp(text, rows[i].want) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, text);
		assert_int_equal(r, rows[i].want[0] != '\0' ? 0 : POLICY_INVALID);
	}
}

/* P42: what follows a NUL must not be lost, nor hide anything. */
static void p42_nul_bytes(void **state)
{
	static const struct row row = { "P42 in an unknown value", NULL, "", { "5:7 A NUL byte" } };
	static const struct row cut = { "P42 instead of LF", NULL, "", { "1:15 A NUL byte" } };
	static const char body[] = GOOD "foo: a\0b\n",
			  instead[] = "version: STSv1\0mode: enforce\n" REST;
	char text[100];
	(void)state;

	assert_int_equal(parse(span_make(body, sizeof(body) - 1), text, sizeof(text), &row),
			 POLICY_INVALID);
	assert_int_equal(parse(span_make(instead, sizeof(instead) - 1), text, sizeof(text), &cut),
			 POLICY_INVALID);
}

/* P41: RFC 8461 s3.3 suggests 64 kB. */
static void p41_large_bodies(void **state)
{
	static const struct row row = { "P41", NULL, "", { "0:0 The policy is larger" } };
	char *body = malloc(LIMIT_POLICY_BODY + 1), text[100];
	size_t n = strlen(GOOD "foo: ");
	(void)state;

	memset(body, 'x', LIMIT_POLICY_BODY + 1);
	memcpy(body, GOOD "foo: ", n);
	assert_int_equal(parse(span_make(body, LIMIT_POLICY_BODY), text, sizeof(text), NULL), 0);
	assert_string_equal(text, WANT);
	assert_int_equal(parse(span_make(body, LIMIT_POLICY_BODY + 1), text, sizeof(text), &row),
			 POLICY_INVALID);
	free(body);
}

static size_t with_mx(char *body, size_t size, size_t n_names, size_t n_again)
{
	int n = snprintf(body, size, V "mode: enforce\nmax_age: 604800\n");

	for (size_t i = 0; i < n_names; i++)
		n += snprintf(body + n, size - (size_t)n, "mx: m%zu.example\n", i);
	for (size_t i = 0; i < n_again; i++)
		n += snprintf(body + n, size - (size_t)n, "mx: m%zu.example\n", i);
	return (size_t)n;
}

/* P55: LIMIT_MX_PATTERNS different ones; again and again the same costs nothing. */
static void p55_many_mx(void **state)
{
	static char body[LIMIT_POLICY_BODY], text[LIMIT_POLICY_BODY];
	static const struct row row = { "P55", NULL, "", { "1004:5 There are more than 1000" } };
	(void)state;

	assert_int_equal(parse(span_make(body, with_mx(body, sizeof(body), 1000, 900)), text,
			       sizeof(text), NULL),
			 0);
	assert_string_equal(text + strlen(text) - 13, " m999.example");
	assert_int_equal(parse(span_make(body, with_mx(body, sizeof(body), 1001, 0)), text,
			       sizeof(text), &row),
			 POLICY_INVALID);
}

static void remarks_have_a_maximum(void **state)
{
	static char body[LIMIT_POLICY_BODY];
	struct policy_remarks remarks;
	struct policy *p = NULL;
	struct arena a;
	(void)state;

	memset(body, '\n', sizeof(body));
	arena_init(&a, 1 << 20);
	assert_int_equal(policy_parse(span_make(body, sizeof(body)), &a, &p, &remarks),
			 POLICY_INVALID);
	assert_int_equal(remarks.n_warnings, POLICY_REMARKS);
	assert_int_equal(remarks.n_errors, 3);
	assert_string_equal(remarks.warnings[POLICY_REMARKS - 1].message,
			    "65473 more remarks from this line on are left out.");
	assert_int_equal(remarks.warnings[POLICY_REMARKS - 1].line, POLICY_REMARKS);
	arena_release(&a);
}

static void remarks_may_be_declined(void **state)
{
	struct policy *p = NULL, *same;
	struct arena a;
	(void)state;

	arena_init(&a, 1 << 20);
	assert_int_equal(policy_parse(span_of("x"), &a, &p, NULL), POLICY_INVALID);
	assert_null(p);
	assert_int_equal(policy_parse(span_of(GOOD), &a, &p, NULL), 0);
	arena_release(&a); /* the policy lives on */
	same = policy_ref(p);
	policy_unrefp(&p);
	assert_null(p);
	assert_string_equal(same->mx[0], "a.example");
	policy_unref(same);
	policy_unref(NULL);
	assert_null(policy_ref(NULL));
}

/* Every allocation fails once: an arena with less and less room. */
static void memory_runs_out(void **state)
{
	static const char body[] = GOOD "Mode: x\nmode: y\n\nmx: b.example\n";
	struct policy_remarks remarks;
	size_t failed = 0;
	(void)state;

	for (size_t max = 0; max < 20000; max += 16) {
		struct policy *p = NULL;
		struct arena a;
		int r;

		arena_init(&a, max);
		r = policy_parse(span_of(body), &a, &p, &remarks);
		assert_true(r == 0 || r == -ENOMEM);
		assert_int_equal(r == 0, p != NULL);
		failed += r != 0;
		policy_unref(p);
		arena_release(&a);
	}
	assert_true(failed > 100 && failed < 1000);
}

static void mode_names(void **state)
{
	(void)state;
	assert_string_equal(policy_mode_name(POLICY_MODE_ENFORCE), "enforce");
	assert_string_equal(policy_mode_name(POLICY_MODE_TESTING), "testing");
	assert_string_equal(policy_mode_name(POLICY_MODE_NONE), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(p42_nul_bytes),
		cmocka_unit_test(p41_large_bodies),
		cmocka_unit_test(p55_many_mx),
		cmocka_unit_test(remarks_have_a_maximum),
		cmocka_unit_test(remarks_may_be_declined),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(mode_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
