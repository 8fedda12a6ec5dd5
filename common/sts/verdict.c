#include "config.h"

#include "common/sts/verdict.h"

#include <stddef.h>
#include <string.h>

/* The first host, by preference, of which something holds. */
struct found {
	const struct mx_host *host;
	const struct fact *fact;
	enum reason reason;
	enum verdict_by by;
};

struct survey {
	struct found passed, failed, unknown;
	struct found
		unvouched; /* of unknown: the policy does not list it, and whether DANE protects it cannot be learned */
	bool lookup_missing; /* some unknown is a failed look-up, not an unreachable host */
};

static void note(struct found *f, const struct mx_host *host, const struct fact *fact,
		 enum reason reason, enum verdict_by by)
{
	if (f->host == NULL)
		*f = (struct found){ host, fact, reason, by };
}

/* Never tried: says nothing about the host, least of all that it cannot be reached. */
static bool is_untried(enum reason reason)
{
	return reason == REASON_HOST_BUSY || reason == REASON_PENDING;
}

static void survey_fact(struct survey *s, const struct mx_host *host, const struct fact *fact,
			enum reason reason, enum verdict_by by)
{
	switch (outcome_of_reason(reason)) {
	case OUTCOME_PASSED:
		note(&s->passed, host, fact, reason, by);
		break;
	case OUTCOME_FAILED:
		note(&s->failed, host, fact, reason, by);
		break;
	case OUTCOME_INCONCLUSIVE:
		note(&s->unknown, host, fact, reason, by);
		s->lookup_missing = s->lookup_missing || is_untried(reason);
		break;
	}
}

static void survey_facts(struct survey *s, const struct mx_host *host, enum verdict_by by)
{
	if (host->reason != REASON_OK || host->n_facts == 0) {
		note(&s->unknown, host, NULL,
		     host->reason != REASON_OK ? host->reason : REASON_ADDRESS_NONE, by);
		s->lookup_missing = true;
		return;
	}
	for (size_t i = 0; i < host->n_facts; i++)
		survey_fact(s, host, &host->facts[i], host->facts[i].reason, by);
}

/* DANE decides about the host, and mail would be held to PKIX all the same: it takes both. Under an objection the host is not even named
 * (delivery.h), whatever else it has passed. */
static void survey_both(struct survey *s, const struct mx_host *host)
{
	bool barred = mx_host_dane_objection(host) != REASON_OK;

	if (host->reason != REASON_OK || host->n_facts == 0) {
		survey_facts(s, host, BY_DANE);
		return;
	}
	for (size_t i = 0; i < host->n_facts; i++) {
		const struct fact *fact = &host->facts[i];

		if (fact->outcome != OUTCOME_PASSED)
			survey_fact(s, host, fact, fact->reason, BY_DANE);
		else if (!barred && fact->pkix == REASON_OK)
			survey_fact(s, host, fact, fact->reason, BY_DANE);
		else if (!barred)
			survey_fact(s, host, fact, fact->pkix, BY_MTA_STS);
	}
}

/* What an MX host is held to. */
enum standard {
	BY_EITHER, /* DANE where it decides, else MTA-STS: MTA-STS never rescues what fails DANE (RFC 8461 s2) */
	BY_BOTH,   /* MTA-STS, since the delivery agent will demand it; and DANE where it decides */
	DANE_ONLY, /* MTA-STS has no say */
};

static void survey_host(struct survey *s, const struct mx_host *host, enum standard standard)
{
	if (standard == BY_BOTH && !host->in_policy) {
		note(&s->failed, host, NULL, REASON_MX_MISMATCH, BY_MTA_STS);
		return;
	}
	switch (host->dane) {
	case DANE_USABLE:
		if (standard == BY_BOTH)
			survey_both(s, host);
		else
			survey_facts(s, host, BY_DANE);
		return;
	case DANE_FAILED:
		note(&s->unknown, host, NULL, host->reason, BY_DANE);
		s->lookup_missing = true;
		if (standard != DANE_ONLY && !host->in_policy)
			note(&s->unvouched, host, NULL, host->reason, BY_DANE);
		return;
	case DANE_NONE:
	case DANE_UNUSABLE:
		break;
	}
	if (standard == DANE_ONLY)
		note(&s->passed, host, NULL, REASON_OVERRIDE_NONE, BY_OVERRIDE);
	else if (!host->in_policy)
		note(&s->failed, host, NULL, REASON_MX_MISMATCH, BY_MTA_STS);
	else
		survey_facts(s, host, BY_MTA_STS);
}

static struct verdict decide(enum verdict_result result, const struct found *f)
{
	return (struct verdict){
		.result = result,
		.reason = f->reason,
		.by = f->by,
		.mx = f->host != NULL ? f->host->name : NULL,
		.fact = f->fact,
	};
}

/* Could the MTA try a before, or at equal preference to, b? */
static bool not_after(const struct found *a, const struct found *b)
{
	return a->host != NULL && a->host->preference <= b->host->preference;
}

static struct verdict conclude(const struct survey *s, bool delivery_bound)
{
	struct verdict v;

	if (s->passed.host != NULL) {
		if (!delivery_bound && not_after(&s->failed, &s->passed))
			return decide(VERDICT_FAILED, &s->failed);
		if (!delivery_bound && not_after(&s->unvouched, &s->passed))
			return decide(VERDICT_UNKNOWN, &s->unvouched);
		return decide(VERDICT_PASSED, &s->passed);
	}
	if (s->unknown.host != NULL) {
		bool exposed = !delivery_bound && not_after(&s->failed, &s->unknown);

		v = decide(VERDICT_UNKNOWN, &s->unknown);
		v.unreachable = !exposed && !s->lookup_missing;
		return v;
	}
	if (s->failed.host != NULL)
		return decide(VERDICT_FAILED, &s->failed);
	return (struct verdict){ .result = VERDICT_UNKNOWN, .reason = REASON_INTERNAL };
}

static struct verdict judge(const struct assessment *a, enum standard standard,
			    enum delivery_agent agent)
{
	struct survey s = { 0 };

	for (size_t i = 0; i < a->n_hosts; i++)
		survey_host(&s, &a->hosts[i], standard);
	return conclude(&s, agent != AGENT_UNBOUND);
}

bool verdict_wants_pkix(const struct assessment *a, enum policy_mode mode,
			enum delivery_agent agent)
{
	if (mode == POLICY_MODE_NONE || agent == AGENT_UNBOUND)
		return false;
	return agent == AGENT_PKIX || !assessment_dane_governs(a);
}

struct verdict verdict_of(const struct assessment *a, enum policy_mode mode,
			  enum delivery_agent agent)
{
	enum standard standard = verdict_wants_pkix(a, mode, agent) ? BY_BOTH : BY_EITHER;
	struct verdict v;

	if (a->source == MX_MOOT)
		return (struct verdict){ .result = VERDICT_MOOT, .reason = a->reason };
	if (a->source == MX_UNKNOWN)
		return (struct verdict){ .result = VERDICT_UNKNOWN, .reason = a->reason };
	if (mode == POLICY_MODE_ENFORCE)
		return judge(a, standard, agent);

	v = judge(a, DANE_ONLY, agent);
	v.dane_bars = v.by == BY_DANE && v.result != VERDICT_PASSED;
	return v.dane_bars || mode == POLICY_MODE_NONE ? v : judge(a, standard, agent);
}

const char *verdict_result_name(enum verdict_result r)
{
	static const char *const names[] = {
		[VERDICT_PASSED] = "passed",
		[VERDICT_FAILED] = "failed",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_MOOT] = "moot",
	};

	return names[r];
}

const char *verdict_by_name(enum verdict_by by)
{
	static const char *const names[] = {
		[BY_MTA_STS] = "mta-sts",
		[BY_DANE] = "dane",
		[BY_OVERRIDE] = "override",
	};

	return names[by];
}

const char *verdict_rfc(enum verdict_by by, enum reason reason)
{
	const char *rfc = reason_rfc(reason);

	return by == BY_DANE && strncmp(rfc, "RFC 8461", 8) == 0 ? "RFC 7672 s2.2" : rfc;
}
