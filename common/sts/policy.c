#include "config.h"

#include "common/sts/policy.h"

#include "common/sts/policy_fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[] = {
	[POLICY_MODE_NONE] = "none",
	[POLICY_MODE_TESTING] = "testing",
	[POLICY_MODE_ENFORCE] = "enforce",
};

const char *policy_mode_name(enum policy_mode mode)
{
	return modes[mode];
}

/* Header, pointers and text in one block. */
static struct policy *build(const struct policy_fields *f)
{
	size_t size = sizeof(struct policy) + f->mx.n * sizeof(char *);
	const char **names;
	struct policy *p;
	char *text;

	for (size_t i = 0; i < f->mx.n; i++)
		size += strlen(f->mx.v[i]) + 1;
	p = malloc(size);
	if (p == NULL)
		return NULL;
	names = (const char **)(p + 1);
	text = (char *)(names + f->mx.n);
	for (size_t i = 0; i < f->mx.n; i++) {
		size_t n = strlen(f->mx.v[i]) + 1;

		names[i] = memcpy(text, f->mx.v[i], n);
		text += n;
	}
	*p = (struct policy){
		.mode = f->mode_value, .max_age = f->max_age_value, .n_mx = f->mx.n, .mx = names
	};
	atomic_init(&p->refs, 1);
	return p;
}

int policy_parse(struct span body, struct arena *arena, struct policy **ret,
		 struct policy_remarks *remarks)
{
	struct policy_fields *f = arena_alloc(arena, sizeof(*f));
	struct policy *p;

	if (f == NULL)
		return -ENOMEM;
	policy_fields_read(f, arena, body);
	if (f->failed || f->errors.failed || f->warnings.failed)
		return -ENOMEM;
	if (remarks != NULL)
		*remarks = (struct policy_remarks){ f->errors.v, f->errors.n, f->warnings.v,
						    f->warnings.n };
	if (f->errors.n > 0)
		return POLICY_INVALID;
	p = build(f);
	if (p == NULL)
		return -ENOMEM;
	*ret = p;
	return 0;
}

struct policy *policy_ref(struct policy *p)
{
	if (p != NULL)
		atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void policy_unref(struct policy *p)
{
	if (p != NULL && atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1)
		free(p);
}

void policy_unrefp(struct policy **p)
{
	policy_unref(*p);
	*p = NULL;
}
