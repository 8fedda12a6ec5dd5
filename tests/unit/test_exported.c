/* A line of an import file can make no policy last longer, demand something else, or stand for no name (RFC 8461 s3.2, s5.1). */
#include "tests/unit/test.h"

#include "common/base/limits.h"
#include "common/sts/exported.h"

#include <stdio.h>
#include <string.h>

enum { NOW = 1800000000, DAY = 86400 };

#define BODY "version: STSv1\nmode: enforce\nmx: mx.d.example\nmax_age: 86400\n"
#define LONG "version: STSv1\nmode: enforce\nmx: mx.d.example\nmax_age: 9999999999\n"

struct row {
	const char *name, *domain, *id, *mode, *body;
	int64_t fetched_at, expires_at;
	const char *why; /* "": good; "expired" */
};

/* clang-format off */
static const struct row rows[] = {
	{ "good", "d.example", "7", "enforce", BODY, NOW - 100, NOW - 100 + DAY, "" },
	{ "fetched this second", "d.example", "7", "enforce", BODY, NOW, NOW + DAY, "" },
	{ "an earlier end is kept", "d.example", "7", "enforce", BODY, NOW - 100, NOW + 5, "" },
	{ "a year at most (s3.2)", "d.example", "7", "enforce", LONG, NOW - 100, NOW - 100 + POLICY_MAX_AGE, "" },
	{ "not a second longer", "d.example", "7", "enforce", BODY, NOW - 100, NOW - 100 + DAY + 1, "The policy would last longer than its max_age." },
	{ "nor longer than a year", "d.example", "7", "enforce", LONG, NOW - 100, NOW - 100 + POLICY_MAX_AGE + 1, "The policy would last longer than its max_age." },
	{ "expired", "d.example", "7", "enforce", BODY, NOW - DAY, NOW, "expired" },
	{ "its last second", "d.example", "7", "enforce", BODY, NOW - DAY + 1, NOW + 1, "" },
	{ "from the future", "d.example", "7", "enforce", BODY, NOW + 1, NOW + DAY, "The policy says that it was fetched in the future." },
	{ "from before time", "d.example", "7", "enforce", BODY, INT64_MIN, NOW + 1, "The policy says that it was fetched in the future." },
	{ "the end of time", "d.example", "7", "enforce", BODY, NOW, INT64_MAX, "The policy would last longer than its max_age." },
	{ "ends before it begins", "d.example", "7", "enforce", BODY, NOW, INT64_MIN, "The policy ends before it was fetched." },
	{ "another mode", "d.example", "7", "none", BODY, NOW, NOW + DAY, "The mode is not that of the policy." },
	{ "no mode", "d.example", "7", "", BODY, NOW, NOW + DAY, "The mode is not that of the policy." },
	{ "no id", "d.example", "", "enforce", BODY, NOW, NOW + DAY, "An id is 1 to 32 letters and digits, nothing else." },
	{ "a long id", "d.example", "123456789012345678901234567890123", "enforce", BODY, NOW, NOW + DAY, "An id is 1 to 32 letters and digits, nothing else." },
	{ "an id of other letters", "d.example", "a-b", "enforce", BODY, NOW, NOW + DAY, "An id is 1 to 32 letters and digits, nothing else." },
	{ "upper case", "D.example", "7", "enforce", BODY, NOW, NOW + DAY, "The domain is no name in lower case and A-labels." },
	{ "no name", "a..b", "7", "enforce", BODY, NOW, NOW + DAY, "The domain is no name in lower case and A-labels." },
	{ "empty name", "", "7", "enforce", BODY, NOW, NOW + DAY, "The domain is no name in lower case and A-labels." },
	{ "no policy", "d.example", "7", "enforce", "", NOW, NOW + DAY, "The policy is malformed; mta-sts lint policy says how." },
	{ "half a policy", "d.example", "7", "enforce", "version: STSv1\nmode: enforce\n", NOW, NOW + DAY, "The policy is malformed; mta-sts lint policy says how." },
};
/* clang-format on */

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct exported e = { r->domain,     r->id,	    r->mode,
				      r->fetched_at, r->expires_at, span_of(r->body) };
		enum policy_mode mode = POLICY_MODE_NONE;
		const char *why = "";
		int64_t expires = 0;
		struct arena arena;

		arena_init(&arena, 1 << 20);
		if (exported_check(&e, NOW, &arena, &mode, &expires, &why) == EXPORTED_EXPIRED)
			why = "expired";
		arena_release(&arena);
		if (strcmp(why, r->why) != 0)
			fail_msg("%s: got \"%s\", not \"%s\"", r->name, why, r->why);
		if (r->why[0] == '\0')
			assert_true(expires == r->expires_at && mode == POLICY_MODE_ENFORCE);
	}
}

static void a_body_of_more_than_64_kib(void **state)
{
	static char body[LIMIT_POLICY_BODY + 2];
	struct exported e = { "d.example", "7", "enforce", NOW, NOW + DAY, { body, 0 } };
	enum policy_mode mode;
	const char *why = "";
	int64_t expires;
	struct arena arena;
	size_t n = strlen(BODY "x: ");

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, BODY "x: ", n);
	for (int extra = 0; extra < 2; extra++) {
		e.body.n = LIMIT_POLICY_BODY + (size_t)extra;
		arena_init(&arena, 4 << 20);
		assert_int_equal(exported_check(&e, NOW, &arena, &mode, &expires, &why),
				 extra ? EXPORTED_INVALID : EXPORTED_GOOD);
		arena_release(&arena);
	}
	assert_string_equal(why, "The policy is larger than 64 KiB.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(a_body_of_more_than_64_kib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
