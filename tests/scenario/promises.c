/* promises [FIRST [COUNT]] - what must hold whatever happens, in as many random lives; without arguments always the same ones
 *
 * A promise that is broken is shown with the life that broke it and its seed; "promises SEED" plays it again. RFC 8461 s2, s3.3, s5, s5.1; doc/DECISIONS.md.
 */
#include "config.h"

#include "tests/scenario/promises.h"

#include "common/sts/mx_match.h"
#include "tests/unit/deliverable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIVES = 150, STEPS = 250 };

/* One answer, and what the onlooker knows. */
struct moment {
	struct life *l;
	const struct seen_domain *d;
	struct judgement j;
	struct delivery_case c;
	struct delivery delivery;
	enum answer answer;
	/* by whose words: */
	bool is_known; /* a policy that has not expired, or the operator's words */
	bool is_doubtful;
	enum policy_mode mode;
};

static bool is_enforce(enum knowledge k)
{
	return k == KNOW_ENFORCE_PASSED || k == KNOW_ENFORCE_FAILED || k == KNOW_ENFORCE_UNKNOWN ||
	       k == KNOW_ENFORCE_UNREACHABLE || k == KNOW_ENFORCE_PENDING;
}

static bool is_policyless(enum knowledge k)
{
	return k == KNOW_NO_POLICY || k == KNOW_FETCH_FAILED || k == KNOW_TXT_FAILED ||
	       k == KNOW_STORE_FAILED || k == KNOW_PENDING || k == KNOW_BUSY;
}

/* RFC 8461 s3.3, s5: an unexpired enforce policy binds both doors, whatever fails. */
static const char *enforce_binds(const struct moment *m)
{
	enum knowledge k = m->j.knowledge;

	if (!m->is_known || m->mode != POLICY_MODE_ENFORCE)
		return NULL;
	if (m->delivery.demand == DEMAND_NOTHING)
		return "an enforce policy is known, and the delivery agent is told nothing";
	if (!is_enforce(k) && k != KNOW_MOOT)
		return "an enforce policy is known, and RCPT is answered as if not";
	if (m->answer == ANSWER_ACCEPT && k != KNOW_ENFORCE_PASSED && k != KNOW_MOOT)
		return "an enforce policy is known and not satisfied, and RCPT accepts";
	if (m->answer == ANSWER_ANNOTATE &&
	    (k != KNOW_ENFORCE_UNREACHABLE || m->l->settings->probe_inconclusive == 0))
		return "RCPT lets pass what no setting lets pass";
	return NULL;
}

/* RFC 8461 s5: testing and none hold nobody's mail; DANE may. */
static const char *the_rest_is_free(const struct moment *m)
{
	enum knowledge k = m->j.knowledge;
	bool held = m->answer != ANSWER_ACCEPT || m->delivery.demand != DEMAND_NOTHING;

	if (m->is_doubtful || !m->is_known || m->mode == POLICY_MODE_ENFORCE)
		return NULL;
	if (held && !knowledge_is_dane(k))
		return "a policy that is not enforce holds mail";
	if (held && m->mode == POLICY_MODE_NONE && !m->d->has_override)
		return "a policy of mode none holds mail";
	return NULL;
}

/* RFC 8461 s3.3: no policy, no hindrance; but what the store may hold is not opened by a fetch that fails. */
static const char *without_a_policy(const struct moment *m)
{
	enum knowledge k = m->j.knowledge;
	int64_t now = m->l->world.wall;

	if (m->l->broken && now - m->l->broken_since > 60 && k == KNOW_FETCH_FAILED)
		return "the store cannot be read, and a fetch that fails opens";
	if (m->is_known || m->is_doubtful || (m->d->known.is && now <= m->d->known.expires_at + 60))
		return NULL;
	if (!is_policyless(k))
		return "no policy is known, and RCPT is answered as if there were one";
	if (k == KNOW_STORE_FAILED && !m->l->broken && now - m->l->broken_since > 60)
		return "the store works, and is said not to";
	return NULL;
}

/* What stands in the way of all mail at one door stands in its way at the other. */
static const char *doors_agree(const struct moment *m)
{
	if (is_enforce(m->j.knowledge) || m->j.knowledge == KNOW_MOOT)
		return NULL;
	if (knowledge_is_dane(m->j.knowledge) && m->l->settings->dane != DANE_BY_NOBODY)
		return NULL;
	if ((m->answer == ANSWER_TEMPFAIL) != (m->delivery.demand == DEMAND_DELAY) &&
	    m->j.knowledge != KNOW_DANE_UNREACHABLE)
		return "one door lets mail go, the other one does not";
	return NULL;
}

/* What is accepted under a policy can be delivered; where the delivery agent is bound, by that very demand. */
static const char *accepted_is_deliverable(const struct moment *m)
{
	const struct verdict *v = m->j.entry != NULL ? entry_verdict(m->j.entry) : NULL;
	const struct assessment *a = m->c.a;
	bool good = false, bound = m->l->settings->delivery_bound;

	if (m->j.knowledge != KNOW_ENFORCE_PASSED)
		return NULL;
	if (v == NULL || a == NULL || v->mx == NULL)
		return "passed, and nobody knows where";
	for (size_t i = 0; i < a->n_hosts; i++)
		good = good || can_deliver(&a->hosts[i], &m->delivery);
	if (bound && !good)
		return "RCPT accepts what the delivery agent would refuse entirely";
	for (size_t h = 0; h < ALL_HOSTS; h++)
		if (strcmp(m->l->hosts[h], v->mx) == 0 &&
		    m->l->world.wall - m->l->passed_at[h] > m->l->settings->facts_ttl_good / 1000)
			return "passed, by a probe that is too old";
	return NULL;
}

/* RFC 8461 s5.1: an MTA that picks by itself could try a bad host first, or as well. */
static const char *nothing_bad_comes_first(const struct moment *m)
{
	const struct verdict *v = m->j.entry != NULL ? entry_verdict(m->j.entry) : NULL;
	const struct assessment *a = m->c.a;
	unsigned best = UINT32_MAX;

	if (m->j.knowledge != KNOW_ENFORCE_PASSED || m->l->settings->delivery_bound || v == NULL ||
	    a == NULL)
		return NULL;
	for (size_t i = 0; i < a->n_hosts; i++)
		for (size_t k = 0; k < a->hosts[i].n_facts; k++)
			if (a->hosts[i].facts[k].outcome == OUTCOME_PASSED &&
			    a->hosts[i].preference < best)
				best = a->hosts[i].preference;
	for (size_t i = 0; i < a->n_hosts; i++) {
		const struct mx_host *h = &a->hosts[i];
		bool bad = !h->in_policy && h->dane != DANE_USABLE;

		for (size_t k = 0; k < h->n_facts; k++)
			bad = bad || h->facts[k].outcome == OUTCOME_FAILED;
		if (bad && h->preference <= best)
			return "RCPT accepts, and a bad host could be tried first";
	}
	return NULL;
}

/* RFC 8461 s2, s4.1: the names are host names, of the policy, and none that DANE objects to. */
static const char *names_are_the_policys(const struct moment *m)
{
	const struct delivery *d = &m->delivery;

	if (d->demand == DEMAND_VERIFY && d->n_names == 0)
		return "the delivery agent is told to verify nothing";
	for (size_t i = 0; d->demand == DEMAND_VERIFY && i < d->n_names; i++) {
		bool covered = m->d->has_override || m->is_doubtful;

		if (strchr(d->names[i], '*') != NULL)
			return "the delivery agent is told a wildcard";
		for (size_t k = 0; k < m->d->known.n_mx; k++) {
			const char *pattern = m->d->known.mx[k];

			covered = covered || mx_match_any(d->names[i], &pattern, 1) >= 0;
		}
		if (!covered)
			return "the delivery agent is told a name that the policy does not cover";
		for (size_t k = 0; m->c.a != NULL && k < m->c.a->n_hosts; k++)
			if (strcmp(m->c.a->hosts[k].name, d->names[i]) == 0 &&
			    mx_host_dane_objection(&m->c.a->hosts[k]) != REASON_OK)
				return "the delivery agent is told a host that DANE objects to";
	}
	return NULL;
}

static const char *broken_promise(const struct moment *m)
{
	static const char *(*const promises[])(const struct moment *) = {
		enforce_binds,	       the_rest_is_free,	without_a_policy,
		doors_agree,	       accepted_is_deliverable, nothing_bad_comes_first,
		names_are_the_policys,
	};
	const char *broken = NULL;

	for (size_t i = 0; broken == NULL && i < sizeof(promises) / sizeof(promises[0]); i++)
		broken = promises[i](m);
	return broken;
}

static void look(struct moment *m)
{
	const struct seen_domain *d = m->d;
	const struct settings *s = m->l->settings;
	const struct action_view rcpt = { .action = (enum action_kind)s->action,
					  .accept_unreachable = s->probe_inconclusive == 1,
					  .txt_failure = s->txt_failure,
					  .pending = s->pending };
	const struct delivery_view view = { s->txt_failure, s->pending, s->dane != DANE_BY_NOBODY };
	int64_t now = m->l->world.wall;

	m->answer = action_for(m->j.knowledge, &rcpt, m->j.failing_ms);
	m->c = judgement_delivery(&m->j);
	delivery_of(&m->c, &view, &m->delivery);
	if (d->has_override && now < d->override_until) {
		m->is_doubtful = d->override_lost;
		m->is_known = !d->override_lost;
		m->mode = d->override;
	} else {
		m->is_doubtful = now < d->doubtful_until;
		m->is_known = !m->is_doubtful && d->known.is && now < d->known.expires_at;
		if (!m->is_known) /* what could not be kept may give way to what was kept before */
			m->is_doubtful = m->is_doubtful || life_has_stored(m->l, d);
		m->mode = d->known.mode;
	}
}

static void never(void *arg)
{
	(void)arg;
	abort(); /* all work is done on the asking thread */
}

/* Asks at one door or the other: the answer is the same. What is fetched meanwhile may be for the next one (the check in the background). */
static const char *ask(struct life *l)
{
	static struct moment m; /* large */
	struct seen_domain *d = &l->domains[life_roll(l, DOMAINS)], before = *d;
	struct nexthop hop = nexthop_of_route(span_of(d->name));
	const char *broken;

	m = (struct moment){ .l = l, .d = d };
	if (life_roll(l, 2) == 0)
		engine_check(l->engine, &hop, l->world.mono + 10000, &m.j);
	else if (engine_ask(l->engine, &hop, never, NULL, &m.j) != NULL)
		abort();
	look(&m);
	life_note(l, "ask %s -> %s %s, %s, %s %s (%s)", m.d->name, knowledge_name(m.j.knowledge),
		  reason_name(m.j.reason), answer_name(m.answer),
		  delivery_demand_name(m.delivery.demand),
		  m.delivery.n_names > 0 ? m.delivery.names[0] : "-",
		  m.is_doubtful ? "?"
		  : m.is_known	? policy_mode_name(m.mode)
				: "-");
	broken = broken_promise(&m);
	if (broken != NULL && memcmp(&before, d, sizeof(before)) != 0) {
		m.d = &before;
		look(&m);
		if (broken_promise(&m) == NULL)
			broken = NULL;
	}
	life_remember(l, d);
	judgement_release(&m.j);
	return broken;
}

static bool play(uint64_t seed)
{
	static struct life l; /* large */
	const char *broken = NULL;

	if (!life_begin(&l, seed)) {
		printf("seed %llu: cannot begin\n", (unsigned long long)seed);
		exit(1);
	}
	for (l.step = 1; broken == NULL && l.step <= STEPS; l.step++) {
		if (life_roll(&l, 2) == 0)
			life_happen(&l);
		else
			broken = ask(&l);
	}
	if (broken != NULL)
		printf("%sseed %llu: %s\n", buf_text(&l.log), (unsigned long long)seed, broken);
	life_end(&l);
	return broken == NULL;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? 1 : LIVES;

	for (uint64_t seed = first; seed < first + n; seed++)
		if (!play(seed))
			return 1;
	printf("%llu lives from seed %llu\n", (unsigned long long)n, (unsigned long long)first);
	return 0;
}
