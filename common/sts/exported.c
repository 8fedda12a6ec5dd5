#include "config.h"

#include "common/sts/exported.h"

#include "common/sts/domain.h"

#include <string.h>

static bool is_id(const char *id)
{
	size_t n = strlen(id);

	for (size_t i = 0; i < n; i++)
		if (!((id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'z') ||
		      (id[i] >= 'A' && id[i] <= 'Z')))
			return false;
	return n >= 1 && n <= LIMIT_STS_ID;
}

/* What is wrong with the frame; NULL: nothing. */
static const char *fault_of_frame(const struct exported *e, int64_t now)
{
	if (!domain_is_normal(e->domain))
		return "The domain is no name in lower case and A-labels.";
	if (!is_id(e->id))
		return "An id is 1 to 32 letters and digits, nothing else.";
	if (e->fetched_at <= 0 || e->fetched_at > now)
		return "The policy says that it was fetched in the future.";
	if (e->body.n > LIMIT_POLICY_BODY)
		return "The policy is larger than 64 KiB.";
	return NULL;
}

static const char *fault_of_policy(const struct exported *e, const struct policy *p)
{
	if (strcmp(policy_mode_name(p->mode), e->mode) != 0)
		return "The mode is not that of the policy.";
	if (e->expires_at > e->fetched_at + p->max_age)
		return "The policy would last longer than its max_age.";
	if (e->expires_at < e->fetched_at)
		return "The policy ends before it was fetched.";
	return NULL;
}

enum exported_verdict exported_check(const struct exported *e, int64_t now, struct arena *arena,
				     enum policy_mode *ret_mode, int64_t *ret_expires_at,
				     const char **ret_why)
{
	const char *why = fault_of_frame(e, now);
	struct policy *p = NULL;

	if (why == NULL && policy_parse(e->body, arena, &p, NULL) != 0)
		why = "The policy is malformed; mta-sts lint policy says how.";
	if (why == NULL)
		why = fault_of_policy(e, p);
	if (why == NULL)
		*ret_mode = p->mode;
	policy_unref(p);
	if (why != NULL) {
		*ret_why = why;
		return EXPORTED_INVALID;
	}
	if (e->expires_at <= now)
		return EXPORTED_EXPIRED;
	*ret_expires_at = e->expires_at;
	return EXPORTED_GOOD;
}
