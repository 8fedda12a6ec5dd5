#include "config.h"

#include "common/sts/remarks.h"

void remarks_add(struct remarks *r, size_t line, size_t column, const char *message)
{
	if (r->v == NULL)
		r->v = arena_array(r->arena, POLICY_REMARKS, sizeof(*r->v));
	if (r->v == NULL || message == NULL) {
		r->failed = true;
		return;
	}
	if (r->n == POLICY_REMARKS) {
		r->left_out++;
		return;
	}
	r->v[r->n++] = (struct policy_remark){ line, column, message };
}

void remarks_end(struct remarks *r)
{
	struct policy_remark *last;

	if (r->left_out == 0)
		return;
	last = &r->v[r->n - 1];
	/* The last place is given up for the sentence: one more is left out. */
	last->message = arena_printf(r->arena, "%zu more remarks from this line on are left out.",
				     r->left_out + 1);
	last->column = 0;
	if (last->message == NULL)
		r->failed = true;
}
