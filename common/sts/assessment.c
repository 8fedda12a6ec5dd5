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

const char *dane_state_name(enum dane_state s)
{
	static const char *const names[] = {
		[DANE_NONE] = "none",
		[DANE_USABLE] = "usable",
		[DANE_UNUSABLE] = "unusable",
		[DANE_FAILED] = "failed",
	};

	return names[s];
}

static size_t text_bytes(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

size_t assessment_bytes(const struct assessment *a)
{
	size_t bytes = sizeof(*a) + a->n_hosts * sizeof(*a->hosts);

	for (size_t i = 0; i < a->n_hosts; i++)
		bytes += a->hosts[i].n_facts * sizeof(struct fact) + text_bytes(a->hosts[i].name) +
			 text_bytes(a->hosts[i].tlsa_base);
	return bytes;
}

static size_t count_facts(const struct assessment *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_hosts; i++)
		n += a->hosts[i].n_facts;
	return n;
}

/* NULL stays NULL. */
static const char *copy_text(const char *text, char **at)
{
	size_t n = text_bytes(text);
	char *copy = *at;

	*at += n;
	return n > 0 ? memcpy(copy, text, n) : NULL;
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

		*host = a->hosts[i];
		host->facts = facts;
		if (host->n_facts > 0)
			memcpy(facts, a->hosts[i].facts, host->n_facts * sizeof(*facts));
		facts += host->n_facts;
		host->name = copy_text(a->hosts[i].name, &names);
		host->tlsa_base = copy_text(a->hosts[i].tlsa_base, &names);
	}
	return copy;
}
