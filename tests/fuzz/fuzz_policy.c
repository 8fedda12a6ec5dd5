#include "tests/fuzz/fuzz.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "common/sts/mx_match.h"
#include "common/sts/policy.h"

static void check_remarks(const struct policy_remark *r, size_t n, size_t size)
{
	MUST(n <= POLICY_REMARKS);
	for (size_t i = 0; i < n; i++) {
		MUST(r[i].line <= size + 1);
		MUST(r[i].column <= size + 1);
		MUST(r[i].message[0] != '\0');
		for (const char *c = r[i].message; *c != '\0'; c++)
			MUST(*c >= 0x20 && *c < 0x7f);
	}
}

static void write_policy(const struct policy *p, struct buf *out)
{
	MUST(buf_addf(out, "version: STSv1\nmode: %s\nmax_age: %u\n", policy_mode_name(p->mode),
		      p->max_age) == 0);
	for (size_t i = 0; i < p->n_mx; i++)
		MUST(buf_addf(out, "mx: %s\n", p->mx[i]) == 0);
}

static void check_policy(const struct policy *p)
{
	MUST(p->max_age <= POLICY_MAX_AGE);
	MUST(p->n_mx > 0 || p->mode == POLICY_MODE_NONE);
	MUST(p->n_mx <= LIMIT_MX_PATTERNS);
	for (size_t i = 0; i < p->n_mx; i++) {
		MUST(mx_pattern_valid(p->mx[i]));
		if (p->mx[i][0] != '*')
			MUST(mx_match_any(p->mx[i], p->mx, p->n_mx) >= 0);
	}
}

/* What was understood, written plainly, is understood in the same way. */
static void check_round_trip(const struct policy *p, struct arena *arena)
{
	AUTO(buf_release) struct buf first, second;
	AUTO(policy_unrefp) struct policy *again = NULL;

	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	write_policy(p, &first);
	if (first.n > LIMIT_POLICY_BODY)
		return;
	MUST(policy_parse(buf_span(&first), arena, &again, NULL) == 0);
	write_policy(again, &second);
	MUST(strcmp(buf_text(&first), buf_text(&second)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(policy_unrefp) struct policy *p = NULL;
	AUTO(arena_release) struct arena arena;
	struct policy_remarks remarks = { 0 };
	int r;

	arena_init(&arena, 1 << 20);
	r = policy_parse(span_make(data, size), &arena, &p, &remarks);
	check_remarks(remarks.errors, remarks.n_errors, size);
	check_remarks(remarks.warnings, remarks.n_warnings, size);
	MUST(r == 0 || r == POLICY_INVALID);
	MUST((r == 0) == (remarks.n_errors == 0));
	MUST((r == 0) == (p != NULL));
	if (p == NULL)
		return 0;
	/* Nothing in a policy that counts may hold what hides text from readers. */
	MUST(memchr(data, '\0', size) == NULL);
	check_policy(p);
	arena_reset(&arena);
	check_round_trip(p, &arena);
	return 0;
}
