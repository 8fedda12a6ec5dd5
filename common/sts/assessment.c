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
		bytes += a->hosts[i].n_facts * sizeof(struct fact) + strlen(a->hosts[i].name) + 1;
	return bytes;
}

static size_t count_facts(const struct assessment *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_hosts; i++)
		n += a->hosts[i].n_facts;
	return n;
}

/* The parts of the one allocation: assessment, hosts, facts, names. */
struct assessment *assessment_copy(const struct assessment *a)
{
	struct assessment *copy = malloc(assessment_bytes(a));
	struct fact *facts;
	char *names;

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
	names = (char *)(facts + count_facts(a));
	for (size_t i = 0; i < a->n_hosts; i++) {
		struct mx_host *host = &copy->hosts[i];
		size_t n_name = strlen(a->hosts[i].name) + 1;

		*host = a->hosts[i];
		host->facts = facts;
		if (host->n_facts > 0)
			memcpy(facts, a->hosts[i].facts, host->n_facts * sizeof(*facts));
		facts += host->n_facts;
		host->name = memcpy(names, a->hosts[i].name, n_name);
		names += n_name;
	}
	return copy;
}
