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

enum reason mx_host_dane_objection(const struct mx_host *host)
{
	bool passed = false;

	if (host->dane == DANE_NONE || host->dane == DANE_UNUSABLE)
		return REASON_OK;
	if (host->dane == DANE_FAILED || host->reason != REASON_OK)
		return host->reason != REASON_OK ? host->reason : REASON_TLSA_FAILED;
	for (size_t i = 0; i < host->n_facts; i++) {
		if (host->facts[i].outcome == OUTCOME_FAILED)
			return host->facts[i].reason;
		passed = passed || host->facts[i].outcome == OUTCOME_PASSED;
	}
	if (passed)
		return REASON_OK;
	return host->n_facts > 0 ? host->facts[0].reason : REASON_ADDRESS_NONE;
}

bool assessment_dane_governs(const struct assessment *a)
{
	size_t usable = 0;

	for (size_t i = 0; i < a->n_hosts; i++) {
		const struct mx_host *host = &a->hosts[i];

		if (host->dane == DANE_USABLE)
			usable++;
		else if (host->dane != DANE_FAILED && host->in_policy)
			return false;
	}
	return usable > 0;
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
	size_t bytes = sizeof(*a) + a->n_hosts * sizeof(*a->hosts) + a->n_seen * sizeof(*a->seen);

	for (size_t i = 0; i < a->n_hosts; i++)
		bytes += a->hosts[i].n_facts * sizeof(struct fact) + text_bytes(a->hosts[i].name) +
			 text_bytes(a->hosts[i].tlsa_base);
	for (size_t i = 0; i < a->n_seen; i++)
		bytes += text_bytes(a->seen[i].name);
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

/* The parts of the one allocation: assessment, hosts, facts, seen, names. */
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
		.n_seen = a->n_seen,
	};
	facts = (struct fact *)(copy->hosts + a->n_hosts);
	copy->seen = (struct mx_seen *)(facts + count_facts(a));
	names = (char *)(copy->seen + a->n_seen);
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
	for (size_t i = 0; i < a->n_seen; i++)
		copy->seen[i] =
			(struct mx_seen){ copy_text(a->seen[i].name, &names), a->seen[i].at };
	return copy;
}
