#include "config.h"

#include "common/sts/mx_seen.h"

#include <string.h>

#include "common/sts/mx_match.h"

static bool is_wildcard(const char *pattern)
{
	return pattern[0] == '*';
}

bool mx_seen_matters(const struct policy *patterns)
{
	for (size_t i = 0; i < patterns->n_mx; i++)
		if (is_wildcard(patterns->mx[i]))
			return true;
	return false;
}

/* By a wildcard, and by no exact name. */
static bool only_wildcard_covers(const struct policy *patterns, const char *name)
{
	bool covered = false;

	if (!domain_is_normal(name))
		return false;
	for (size_t i = 0; i < patterns->n_mx; i++) {
		if (!is_wildcard(patterns->mx[i])) {
			if (strcmp(patterns->mx[i], name) == 0)
				return false;
		} else if (!covered) {
			covered = mx_match(name, patterns->mx[i]);
		}
	}
	return covered;
}

struct list {
	const struct assessment *now;
	const struct policy *patterns;
	struct mx_seen *v;
	size_t n;
};

static bool is_there(const struct list *l, const char *name)
{
	for (size_t i = 0; i < l->now->n_hosts; i++)
		if (strcmp(l->now->hosts[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return true;
	return false;
}

/* A clock that was set back makes nothing last longer. */
static void keep(struct list *l, const char *name, int64_t at)
{
	int64_t now = l->now->assessed_at;

	if (at > now)
		at = now;
	if (l->n < LIMIT_MX_SEEN && now - at < MX_SEEN_FOR && !is_there(l, name) &&
	    only_wildcard_covers(l->patterns, name))
		l->v[l->n++] = (struct mx_seen){ name, at };
}

size_t mx_seen_of(const struct assessment *before, const struct assessment *now,
		  const struct policy *patterns, struct mx_seen *out)
{
	struct list l = { now, patterns, out, 0 };

	if (before == NULL || !mx_seen_matters(patterns))
		return 0;
	for (size_t i = 0; before->source == MX_RECORDS && i < before->n_hosts; i++)
		if (mx_host_dane_objection(&before->hosts[i]) == REASON_OK)
			keep(&l, before->hosts[i].name, before->assessed_at);
	for (size_t i = 0; i < before->n_seen; i++)
		keep(&l, before->seen[i].name, before->seen[i].at);
	return l.n;
}

struct assessment *mx_seen_only(const struct assessment *a)
{
	struct mx_seen seen[LIMIT_MX_HOSTS + LIMIT_MX_SEEN];
	struct assessment only = { .source = MX_UNKNOWN,
				   .reason = REASON_PENDING,
				   .assessed_at = a->assessed_at,
				   .expires_at = a->assessed_at,
				   .seen = seen };

	for (size_t i = 0; a->source == MX_RECORDS && i < a->n_hosts; i++)
		if (mx_host_dane_objection(&a->hosts[i]) == REASON_OK)
			seen[only.n_seen++] = (struct mx_seen){ a->hosts[i].name, a->assessed_at };
	for (size_t i = 0; i < a->n_seen; i++)
		seen[only.n_seen++] = a->seen[i];
	return only.n_seen > 0 ? assessment_copy(&only) : NULL;
}
