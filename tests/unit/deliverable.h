/* deliverable.h - what becomes of mail to a host when the delivery agent does as it is told; by the facts, not by the verdict */
#ifndef TESTS_UNIT_DELIVERABLE_H
#define TESTS_UNIT_DELIVERABLE_H

#include "common/sts/delivery.h"

#include <string.h>

static inline bool can_deliver(const struct mx_host *h, const struct delivery *d)
{
	bool named = d->demand == DEMAND_DANE && h->dane == DANE_USABLE;

	for (size_t i = 0; d->demand == DEMAND_VERIFY && i < d->n_names; i++)
		named = named || strcmp(d->names[i], h->name) == 0;
	for (size_t i = 0; named && i < h->n_facts; i++) {
		const struct fact *f = &h->facts[i];
		bool by_pkix = f->proof == PROOF_DANE ? f->pkix == REASON_OK
						      : f->outcome == OUTCOME_PASSED;

		if (d->demand == DEMAND_VERIFY ? by_pkix : f->outcome == OUTCOME_PASSED)
			return true;
	}
	return false;
}

#endif
