#include "config.h"

#include "common/sts/verdict.h"

#include <stddef.h>

/* The first host, by preference, of which something holds. */
struct found {
	const struct mx_host *host;
	const struct fact *fact;
	enum reason reason;
};

struct survey {
	struct found passed, failed, unknown;
	bool lookup_missing; /* some unknown is a failed look-up, not an unreachable host */
};

static void note(struct found *f, const struct mx_host *host, const struct fact *fact,
		 enum reason reason)
{
	if (f->host == NULL)
		*f = (struct found){ host, fact, reason };
}

static void survey_host(struct survey *s, const struct mx_host *host)
{
	if (!host->in_policy) {
		note(&s->failed, host, NULL, REASON_MX_MISMATCH);
		return;
	}
	if (host->reason != REASON_OK || host->n_facts == 0) {
		note(&s->unknown, host, NULL,
		     host->reason != REASON_OK ? host->reason : REASON_ADDRESS_NONE);
		s->lookup_missing = true;
		return;
	}
	for (size_t i = 0; i < host->n_facts; i++) {
		const struct fact *fact = &host->facts[i];
		struct found *f = fact->outcome == OUTCOME_PASSED   ? &s->passed
				  : fact->outcome == OUTCOME_FAILED ? &s->failed
								    : &s->unknown;

		note(f, host, fact, fact->reason);
	}
}

static struct verdict decide(enum verdict_result result, const struct found *f)
{
	return (struct verdict){
		.result = result,
		.reason = f->reason,
		.mx = f->host != NULL ? f->host->name : NULL,
		.fact = f->fact,
	};
}

/* Could the MTA try a before, or at equal preference to, b? */
static bool not_after(const struct found *a, const struct found *b)
{
	return a->host != NULL && a->host->preference <= b->host->preference;
}

struct verdict verdict_of(const struct assessment *a, bool delivery_bound)
{
	struct survey s = { 0 };
	struct verdict v;
	bool exposed;

	if (a->source == MX_MOOT)
		return (struct verdict){ .result = VERDICT_MOOT, .reason = a->reason };
	if (a->source == MX_UNKNOWN)
		return (struct verdict){ .result = VERDICT_UNKNOWN, .reason = a->reason };

	for (size_t i = 0; i < a->n_hosts; i++)
		survey_host(&s, &a->hosts[i]);

	if (s.passed.host != NULL) {
		exposed = !delivery_bound && not_after(&s.failed, &s.passed);
		return exposed ? decide(VERDICT_FAILED, &s.failed)
			       : decide(VERDICT_PASSED, &s.passed);
	}
	if (s.unknown.host != NULL) {
		exposed = !delivery_bound && not_after(&s.failed, &s.unknown);
		v = decide(VERDICT_UNKNOWN, &s.unknown);
		v.unreachable = !exposed && !s.lookup_missing;
		return v;
	}
	if (s.failed.host != NULL)
		return decide(VERDICT_FAILED, &s.failed);
	return (struct verdict){ .result = VERDICT_UNKNOWN, .reason = REASON_INTERNAL };
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
