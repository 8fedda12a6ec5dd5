#include "config.h"

#include "tests/bench/cold_world.h"

#include <stdio.h>
#include <string.h>

#include "common/base/num.h"

enum { POLICY_NET = 64, MX_NET = 128 };

static const char ZONE[] = "cold.example";

/* clang-format off */
static const struct {
	const char *name;
	enum knowledge knowledge;
	enum reason reason;
} KIND[] = {
#define X(id, name, knowledge, reason) [COLD_##id] = { name, KNOW_##knowledge, REASON_##reason },
	COLD_KINDS(X)
#undef X
};
static const char *const PREFIX[] = {
	[COLD_DOMAIN] = "", [COLD_RECORD] = "_mta-sts.", [COLD_POLICY_HOST] = "mta-sts.", [COLD_MX_HOST] = "mx."
};
/* clang-format on */

bool cold_is_slow(enum cold_kind kind)
{
	return kind == COLD_TXT_SILENT || kind >= COLD_HTTPS_TARPIT;
}

/* The how manieth of n, spread evenly over `all`, stands at i; -1: none does. */
static int place(unsigned i, unsigned n, unsigned all)
{
	uint64_t before = (uint64_t)i * n / all, after = (uint64_t)(i + 1) * n / all;

	return after > before ? (int)before : -1;
}

static enum cold_kind tarpit_kind(unsigned k)
{
	return COLD_HTTPS_TARPIT + k % (COLD_KIND_COUNT - COLD_HTTPS_TARPIT);
}

unsigned cold_numbers(const struct cold_plan *plan)
{
	return plan->domains + plan->tarpits;
}

enum cold_kind cold_kind_of(const struct cold_plan *plan, unsigned i)
{
	int k;

	if (i >= plan->domains)
		return tarpit_kind(i - plan->domains);
	if (plan->tail == 0)
		return COLD_HEALTHY;
	/* not where the tarpits are */
	k = place((i + plan->domains / plan->tail / 2) % plan->domains, plan->tail, plan->domains);
	return k < 0 ? COLD_HEALTHY
		     : COLD_TXT_SERVFAIL + (unsigned)k % (COLD_HTTPS_TARPIT - COLD_TXT_SERVFAIL);
}

struct cold_host cold_domain(const struct cold_plan *plan, unsigned at)
{
	int k = place(at, plan->tarpits, plan->domains);
	unsigned i = k >= 0 ? plan->domains + (unsigned)k : at;

	return (struct cold_host){ COLD_DOMAIN, cold_kind_of(plan, i), i };
}

enum knowledge cold_knowledge(enum cold_kind kind)
{
	return KIND[kind].knowledge;
}

enum reason cold_reason(enum cold_kind kind)
{
	return KIND[kind].reason;
}

void cold_name(const struct cold_host *h, char out[COLD_NAME])
{
	(void)snprintf(out, COLD_NAME, "%sd%u.%s.%s", PREFIX[h->role], h->i, KIND[h->kind].name,
		       ZONE);
}

static bool starts(struct span *in, const char *prefix)
{
	size_t n = strlen(prefix);

	if (in->n < n || memcmp(in->p, prefix, n) != 0)
		return false;
	*in = span_make(in->p + n, in->n - n);
	return true;
}

bool cold_host_of_name(const char *name, struct cold_host *ret)
{
	struct span rest = span_of(name), label;
	uint64_t i;

	ret->role = COLD_DOMAIN;
	for (unsigned r = COLD_RECORD; r <= COLD_MX_HOST && ret->role == COLD_DOMAIN; r++)
		if (starts(&rest, PREFIX[r]))
			ret->role = (enum cold_role)r;
	if (!starts(&rest, "d") || !span_until(&rest, '.', rest.n, &label) ||
	    !num_u64(label, COLD_DOMAINS - 1, &i) || !span_until(&rest, '.', rest.n, &label) ||
	    !span_eq(rest, ZONE))
		return false;
	ret->i = (unsigned)i;
	for (unsigned k = 0; k < COLD_KIND_COUNT; k++)
		if (span_eq(label, KIND[k].name)) {
			ret->kind = (enum cold_kind)k;
			return true;
		}
	return false;
}

void cold_address(const struct cold_host *h, char out[16])
{
	unsigned net = (h->role == COLD_MX_HOST ? MX_NET : POLICY_NET) + h->kind;

	(void)snprintf(out, 16, "127.%u.%u.%u", net & 0xff, h->i >> 8 & 0xff, h->i & 0xff);
}

bool cold_host_of_address(uint32_t ipv4, struct cold_host *ret)
{
	unsigned net = ipv4 >> 16 & 0xff, first = net >= MX_NET ? MX_NET : POLICY_NET;

	if (ipv4 >> 24 != 127 || net < first || net - first >= COLD_KIND_COUNT)
		return false;
	*ret = (struct cold_host){ .role = net >= MX_NET ? COLD_MX_HOST : COLD_POLICY_HOST,
				   .kind = (enum cold_kind)(net - first),
				   .i = ipv4 & 0xffff };
	return true;
}
