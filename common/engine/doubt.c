#include "config.h"

#include "common/engine/core.h"

#include <string.h>

#include "common/engine/job.h"

static bool has_passed(const struct mx_host *host)
{
	for (size_t i = 0; i < host->n_facts; i++)
		if (host->facts[i].outcome == OUTCOME_PASSED)
			return true;
	return false;
}

static bool age_host(struct engine *e, const struct mx_host *host, uint16_t port)
{
	if (!doubts_may(e->doubts, host->name, engine_mono(e))) {
		STAT_INC(&e->stats, doubts_refused);
		return false;
	}
	STAT_INC(&e->stats, doubts);
	facts_age(e->facts, host, port);
	return true;
}

/* What is being found out now would be believed after the doubt: the next one comes soon enough. */
static bool age_hosts(struct engine *e, const struct entry *entry, const char *mx)
{
	const struct assessment *a = entry->rest->assessment;
	bool aged = false;

	if (a == NULL || flights_have(e->flights, entry->item.key))
		return false;
	for (size_t i = 0; i < a->n_hosts; i++)
		if (has_passed(&a->hosts[i]) && (mx == NULL || strcmp(mx, a->hosts[i].name) == 0))
			aged = age_host(e, &a->hosts[i], entry->port) || aged;
	return aged;
}

bool engine_doubt(struct engine *e, const struct nexthop *hop, const char *mx)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));
	char name[DOMAIN_SIZE];
	struct flight *call = NULL;
	bool aged;

	if (mx != NULL && domain_normalize(span_of(mx), name) == DOMAIN_OK)
		mx = name;
	aged = entry != NULL && age_hosts(e, entry, mx);
	if (aged)
		call = job_launch(e, hop, WHY_DOUBT, true);
	if (call != NULL)
		flight_unref(e->flights, call);
	entry_unref(entry);
	return aged;
}
