/* One line for Exim's ${readsocket}: a question, an answer, and the end. */
#include "config.h"

#include "milter/daemon/delivery_door.h"
#include "milter/daemon/protocol.h"

#include <string.h>

enum { LINE = 1024 }; /* octets of a question: an address or two names */

static enum request take(struct span in, bool ended, struct span *ret_request, size_t *ret_size)
{
	const char *end = memchr(in.p, '\n', in.n);
	size_t n = end != NULL ? (size_t)(end - in.p) : in.n;

	*ret_size = 0;
	if (n > LINE)
		return REQUEST_BAD;
	if (end == NULL && !(ended && in.n > 0))
		return REQUEST_PART;
	*ret_size = end != NULL ? n + 1 : n;
	if (n > 0 && in.p[n - 1] == '\r')
		n--;
	*ret_request = span_make(in.p, n);
	return REQUEST_WHOLE;
}

static struct span frame(struct desk *desk)
{
	buf_addc(&desk->out, '\n');
	return span_make(desk->out.p + PROTOCOL_HEAD, desk->out.n - PROTOCOL_HEAD);
}

static void answer_policy(struct desk *desk, const struct question *q, const struct judgement *j,
			  int64_t waited_ms)
{
	const struct delivery *d = &desk->delivery;

	delivery_door_decide(desk, q, j, waited_ms);
	switch (d->demand) {
	case DEMAND_NOTHING:
		buf_adds(&desk->out, "none");
		break;
	case DEMAND_DANE:
		buf_adds(&desk->out, "dane");
		break;
	case DEMAND_DELAY:
		buf_addf(&desk->out, "defer %s %s", reason_name(d->reason),
			 reason_sentence(d->reason));
		break;
	case DEMAND_VERIFY:
		for (size_t i = 0; i < d->n_names; i++)
			buf_addf(&desk->out, "%s%s", i == 0 ? "secure " : ":", d->names[i]);
		break;
	}
}

static void answer_mx(struct desk *desk, const struct question *q, const struct judgement *j,
		      int64_t waited_ms)
{
	struct delivery_case c = delivery_door_decide(desk, q, j, waited_ms);
	const struct delivery *d = &desk->delivery;

	if (d->demand == DEMAND_DELAY) {
		buf_addf(&desk->out, "defer %s", reason_sentence(d->reason));
		return;
	}
	switch (delivery_host(&c, d, q->host)) {
	case HOST_ALLOWED:
		buf_adds(&desk->out, "ok");
		break;
	case HOST_OUTSIDE_POLICY:
		buf_addf(&desk->out, "refuse %s", reason_sentence(REASON_MX_MISMATCH));
		break;
	case HOST_FAILS_DANE:
		buf_addf(&desk->out, "refuse the MX host fails DANE");
		break;
	}
}

static bool say(struct desk *desk, const char *answer)
{
	buf_adds(&desk->out, answer);
	return false;
}

static bool understand(struct desk *desk, struct span request, struct question *ret)
{
	struct span rest = request, verb, domain, host, more;

	ret->door = "exim";
	ret->host[0] = '\0';
	if (!span_word(&rest, &verb) || !span_word(&rest, &domain))
		return say(desk, "error expected: policy DOMAIN, mx DOMAIN HOST, or rcpt ADDRESS");
	ret->hop = nexthop_of_route(domain);
	if (span_eq(verb, "policy") && !span_word(&rest, &more)) {
		ret->answer = answer_policy;
		return delivery_door_judges(desk, &ret->hop) || say(desk, "none");
	}
	if (span_eq(verb, "mx") && span_word(&rest, &host) && !span_word(&rest, &more)) {
		ret->answer = answer_mx;
		if (domain_normalize(host, ret->host) != DOMAIN_OK)
			return say(desk, "error the MX host is no host name");
		return delivery_door_judges(desk, &ret->hop) || say(desk, "ok");
	}
	return say(desk, "error expected: policy DOMAIN, mx DOMAIN HOST, or rcpt ADDRESS");
}

const struct protocol exim_protocol = { .longest = LINE + 2,
					.ends_with_one = true,
					.take = take,
					.understand = understand,
					.frame = frame };
