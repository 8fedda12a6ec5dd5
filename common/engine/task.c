#include "config.h"

#include "common/engine/task.h"

#include "common/engine/gate.h"
#include "common/sts/rdata.h"

enum { ADDRESS_RETRY = 60 }; /* seconds until an address look-up that failed is repeated */

int64_t task_patience(const struct settings *s)
{
	return 7 * s->dns_timeout + s->fetch_timeout + 2 * s->probe_timeout + 3 * GATE_PATIENCE;
}

int64_t task_until(const struct task *t, int64_t ms)
{
	int64_t until = task_mono(t) + ms;

	return until < t->deadline ? until : t->deadline;
}

void task_dns(struct task *t, struct dns_query *q, size_t n)
{
	t->env->resolver.query(t->env->resolver.ctx, q, n, task_until(t, t->settings->dns_timeout),
			       &t->arena);
}

void task_foresee_mx(struct task *t, const struct nexthop *hop)
{
	if (t->env->resolver.foresee != NULL && hop->kind == NEXTHOP_DOMAIN)
		t->env->resolver.foresee(t->env->resolver.ctx, hop->domain);
}

void addresses_ask(const char *host, struct dns_query q[2])
{
	q[0] = (struct dns_query){ .name = host, .type = DNS_A };
	q[1] = (struct dns_query){ .name = host, .type = DNS_AAAA };
}

static void add_answer(const struct dns_query *q, enum addr_family family, struct addresses *ret)
{
	struct netaddr a;

	for (size_t i = 0; i < q->n_rdata; i++) {
		if (!rdata_address(q->rdata[i], family, &a))
			continue;
		ret->more = ret->n == LIMIT_MX_ADDRESSES;
		if (ret->more)
			break;
		ret->v[ret->n++] = a;
	}
}

static void add_query(const struct dns_query *q, enum addr_family family, struct addresses *ret)
{
	uint32_t ttl = q->ttl; /* of what is not there as well: it may come to be */

	switch (q->status) {
	case DNS_FOUND:
		add_answer(q, family, ret);
		ret->secure = ret->secure && q->secure;
		if (ret->canonical == NULL)
			ret->canonical = q->canonical;
		break;
	case DNS_FAILED:
	case DNS_BOGUS:
		ret->failed = true;
		ret->why = q->why;
		ttl = ADDRESS_RETRY;
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		break;
	}
	if (ttl < ret->ttl)
		ret->ttl = ttl;
}

static bool is_used(const struct task *t, enum addr_family family)
{
	switch (t->settings->address_families) {
	case FAMILIES_IPV4:
		return family == ADDR_V4;
	case FAMILIES_IPV6:
		return family == ADDR_V6;
	}
	return true;
}

void addresses_of(const struct task *t, const struct dns_query q[2], struct addresses *ret)
{
	*ret = (struct addresses){ .ttl = UINT32_MAX, .secure = true, .why = "" };
	for (size_t i = 0; i < 2; i++) {
		enum addr_family family = i == 0 ? ADDR_V4 : ADDR_V6;

		if (is_used(t, family))
			add_query(&q[i], family, ret);
		else
			ret->others = ret->others || q[i].status == DNS_FOUND;
	}
	/* A broken AAAA beside a good A must not cost the host. */
	if (ret->n > 0)
		ret->failed = false;
}

bool task_may_connect(const struct task *t, const struct netaddr *a)
{
	return netaddr_is_global(a) ||
	       networks_have(t->settings->allow_networks.v, t->settings->allow_networks.n, a);
}
