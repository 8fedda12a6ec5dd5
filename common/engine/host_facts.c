#include "config.h"

#include "common/engine/host_facts.h"

#include "common/engine/facts.h"
#include "common/sts/verdict.h"

#include <string.h>

/* The probes of one round, and where it goes what PKIX says of a host beside DANE. */
struct round {
	struct fact_host v[2 * LIMIT_MX_HOSTS];
	size_t n;
	struct fact *pkix[LIMIT_MX_HOSTS];
	struct tlsa_set plain[LIMIT_MX_HOSTS]; /* the sets without the next-hop's names */
	bool wants_pkix;
};

/* Is there somebody who decides by what a probe finds? */
static bool is_probed(const struct host_facts *f, const struct mx_host *host)
{
	if (host->reason != REASON_OK)
		return false;
	return host->dane == DANE_USABLE || (host->in_policy && f->mode != POLICY_MODE_NONE);
}

size_t host_facts_count(const struct host_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->a->n_hosts; i++)
		n += is_probed(f, &f->a->hosts[i]) ? f->addrs[i].n : 0;
	return n;
}

/* Adds one host to the round. NULL: no memory. */
static struct fact *add(struct task *t, const struct host_facts *f, struct round *r, size_t i,
			const struct tlsa_set *tlsa)
{
	const struct addresses *addrs = &f->addrs[i];
	struct fact *facts = arena_array(&t->arena, addrs->n, sizeof(*facts));

	if (facts != NULL)
		r->v[r->n++] = (struct fact_host){ .name = f->a->hosts[i].name,
						   .port = f->port,
						   .addrs = addrs->v,
						   .n = addrs->n,
						   .facts = facts,
						   .tlsa = tlsa,
						   .wants_pkix = r->wants_pkix };
	return facts;
}

static void want(struct task *t, struct host_facts *f, struct round *r, size_t i)
{
	struct mx_host *host = &f->a->hosts[i];
	const struct tlsa_set *tlsa = NULL;

	if (host->dane == DANE_USABLE) {
		r->plain[i] = f->sets[i];
		memset(r->plain[i].also, 0, sizeof(r->plain[i].also));
		tlsa = &r->plain[i];
		host->tlsa_hash[0] = tlsa_set_hash(tlsa);
		if (strcmp(tlsa->base, host->name) != 0)
			r->pkix[i] = add(t, f, r, i, NULL);
	}
	host->facts = add(t, f, r, i, tlsa);
	if (host->facts != NULL)
		host->n_facts = f->addrs[i].n;
	else
		host->reason = REASON_INTERNAL;
}

/* A pass that takes both lasts as long as the shorter of the two. */
static void note_pkix(const struct host_facts *f, const struct round *r)
{
	for (size_t i = 0; i < f->a->n_hosts; i++)
		for (size_t j = 0; r->pkix[i] != NULL && j < f->a->hosts[i].n_facts; j++) {
			struct fact *fact = &f->a->hosts[i].facts[j];

			fact->pkix = r->pkix[i][j].reason;
			if (fact->pkix == REASON_OK && r->pkix[i][j].expires_at < fact->expires_at)
				fact->expires_at = r->pkix[i][j].expires_at;
		}
}

static bool passes(const struct task *t, const struct host_facts *f)
{
	enum delivery_agent agent = settings_delivery_agent(t->settings);

	return verdict_of(f->a, f->mode, agent).result == VERDICT_PASSED;
}

static void fill(struct task *t, const struct host_facts *f, struct round *r)
{
	if (r->n > 0 && facts_recall(t, r->v, r->n)) {
		note_pkix(f, r);
		if (passes(t, f))
			return;
	}
	if (r->n > 0)
		facts_gather(t, r->v, r->n);
	note_pkix(f, r);
}

/* May a certificate that is for another name be for the next-hop? */
static bool may_have_other_name(const struct mx_host *host, const struct tlsa_set *set)
{
	if (host->dane != DANE_USABLE || set->also[0] == NULL)
		return false;
	for (size_t i = 0; i < host->n_facts; i++)
		if (host->facts[i].reason == REASON_CERT_NAME)
			return true;
	return false;
}

static void try_other_names(struct task *t, struct host_facts *f, struct round *r)
{
	r->n = 0;
	for (size_t i = 0; i < f->a->n_hosts; i++) {
		struct mx_host *host = &f->a->hosts[i];
		struct fact *facts;

		if (!may_have_other_name(host, &f->sets[i]))
			continue;
		facts = add(t, f, r, i, &f->sets[i]);
		if (facts == NULL)
			continue; /* what is known already stands */
		host->facts = facts;
		host->tlsa_hash[1] = tlsa_set_hash(&f->sets[i]);
	}
	fill(t, f, r);
}

void host_facts_find(struct task *t, struct host_facts *f)
{
	struct round *r = arena_alloc(&t->arena, sizeof(*r));

	if (r != NULL)
		r->wants_pkix =
			verdict_wants_pkix(f->a, f->mode, settings_delivery_agent(t->settings));
	for (size_t i = 0; i < f->a->n_hosts; i++) {
		if (!is_probed(f, &f->a->hosts[i]))
			continue;
		if (r != NULL)
			want(t, f, r, i);
		else
			f->a->hosts[i].reason = REASON_INTERNAL;
	}
	if (r == NULL)
		return;
	fill(t, f, r);
	if (f->sets != NULL)
		try_other_names(t, f, r);
}
