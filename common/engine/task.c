#include "config.h"

#include "common/engine/task.h"

#include "common/sts/rdata.h"

void task_dns(struct task *t, struct dns_query *q, size_t n)
{
	t->env->resolver.query(t->env->resolver.ctx, q, n, task_mono(t) + t->settings->dns_timeout,
			       &t->arena);
}

void addresses_ask(const char *host, struct dns_query q[2])
{
	q[0] = (struct dns_query){ .name = host, .type = DNS_A };
	q[1] = (struct dns_query){ .name = host, .type = DNS_AAAA };
}

static void add_answer(const struct dns_query *q, enum addr_family family, struct addresses *ret)
{
	for (size_t i = 0; i < q->n_rdata && ret->n < LIMIT_MX_ADDRESSES; i++)
		if (rdata_address(q->rdata[i], family, &ret->v[ret->n]))
			ret->n++;
	if (q->ttl < ret->ttl)
		ret->ttl = q->ttl;
}

static void add_query(const struct dns_query *q, enum addr_family family, struct addresses *ret)
{
	switch (q->status) {
	case DNS_FOUND:
		add_answer(q, family, ret);
		break;
	case DNS_FAILED:
	case DNS_BOGUS:
		ret->failed = true;
		ret->why = q->why;
		break;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		break;
	}
}

void addresses_of(const struct task *t, const struct dns_query q[2], struct addresses *ret)
{
	*ret = (struct addresses){ .ttl = UINT32_MAX, .why = "" };
	if (t->settings->address_families != FAMILIES_IPV6)
		add_query(&q[0], ADDR_V4, ret);
	if (t->settings->address_families != FAMILIES_IPV4)
		add_query(&q[1], ADDR_V6, ret);
	/* A broken AAAA beside a good A must not cost the host. */
	if (ret->n > 0)
		ret->failed = false;
}

bool task_may_connect(const struct task *t, const struct netaddr *a)
{
	return netaddr_is_global(a) ||
	       networks_have(t->settings->allow_networks.v, t->settings->allow_networks.n, a);
}
