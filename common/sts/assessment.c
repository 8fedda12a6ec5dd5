#include "config.h"

#include "common/sts/assessment.h"

#include <stdlib.h>
#include <string.h>

struct assessment *assessment_ref(struct assessment *a)
{
	atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
	return a;
}

void assessment_unref(struct assessment *a)
{
	if (a != NULL && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1)
		free(a);
}

size_t assessment_bytes(const struct assessment *a)
{
	size_t bytes = sizeof(*a) + a->n_hosts * sizeof(*a->hosts);

	for (size_t i = 0; i < a->n_hosts; i++)
		bytes += a->hosts[i].n_facts * sizeof(struct fact);
	return bytes;
}

struct assessment *assessment_copy(const struct assessment *a)
{
	struct assessment *copy = malloc(assessment_bytes(a));
	struct fact *facts;

	if (copy == NULL)
		return NULL;
	*copy = (struct assessment){
		.refs = 1,
		.source = a->source,
		.reason = a->reason,
		.assessed_at = a->assessed_at,
		.expires_at = a->expires_at,
		.n_hosts = a->n_hosts,
		.hosts = (struct mx_host *)(copy + 1),
	};
	facts = (struct fact *)(copy->hosts + a->n_hosts);
	for (size_t i = 0; i < a->n_hosts; i++) {
		struct mx_host *host = &copy->hosts[i];

		*host = a->hosts[i];
		host->facts = facts;
		if (host->n_facts > 0)
			memcpy(facts, a->hosts[i].facts, host->n_facts * sizeof(*facts));
		facts += host->n_facts;
	}
	return copy;
}
