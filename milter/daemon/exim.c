/* One line for Exim's ${readsocket}: a question, an answer, and the end. */
#include "config.h"

#include "milter/daemon/delivery_door.h"
#include "milter/daemon/protocol.h"
#include "milter/daemon/rcpt.h"

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

/* What an expansion could take for its own syntax does not leave us; nothing that we say has it, but for what strangers have put into DNS. */
static struct span frame(struct desk *desk)
{
	for (size_t i = PROTOCOL_HEAD; i < desk->out.n; i++)
		if (desk->out.p[i] < ' ' || desk->out.p[i] > '~' ||
		    strchr("${}\\\"", desk->out.p[i]) != NULL)
			desk->out.p[i] = '?';
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
	const struct delivery *d = &desk->delivery;

	delivery_door_decide(desk, q, j, waited_ms);
	if (d->demand == DEMAND_DELAY) {
		buf_addf(&desk->out, "defer %s", reason_sentence(d->reason));
		return;
	}
	switch (desk->host) {
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

static void answer_rcpt(struct desk *desk, const struct question *q, const struct judgement *j,
			int64_t waited_ms)
{
	struct action_view view = rcpt_view(desk->door->settings, q->authenticated, false);
	const struct nexthop *hop = q->hop.kind == NEXTHOP_NONE ? NULL : &q->hop;
	char id[DECISION_ID_SIZE];
	struct rcpt_reply reply;

	door_id(desk->door, id);
	rcpt_decide(desk->door, j, hop, &view, id, &reply);
	rcpt_log(desk->door,
		 &(struct rcpt_line){ .door = q->door,
				      .id = id,
				      .rcpt = q->addr,
				      .hop = hop,
				      .waited_ms = waited_ms },
		 j, &reply);
	if (reply.answer == ANSWER_TEMPFAIL)
		buf_addf(&desk->out, "defer %s %s", reply.code, reply.text);
	else
		buf_addf(&desk->out, "accept id=%s result=%s", id, knowledge_word(j->knowledge));
}

static bool say(struct desk *desk, const char *answer)
{
	buf_adds(&desk->out, answer);
	return false;
}

/* The next word, empty at the end. */
static struct span take_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	if (!span_until(rest, ' ', rest->n, &word)) {
		word = *rest;
		*rest = span_make(word.p + word.n, 0);
	}
	return word;
}

/* Strangers choose what is in front of the domain, blanks too; none of it is a word of Exim's. */
static struct span take_address(struct span *rest)
{
	const char *at = rest->n > 0 ? memrchr(rest->p, '@', rest->n) : NULL;
	size_t n = at != NULL ? (size_t)(at - rest->p) : 0;
	struct span address;

	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	address = span_make(rest->p, n);
	*rest = span_make(rest->p + n, rest->n - n);
	return address;
}

/* [client=ADDRESS] [authenticated]. What is not understood might have been meant to count. */
static bool understand_client(const struct settings *s, struct span words, struct question *ret)
{
	const struct network_list *nets = &s->authenticated_networks;
	struct span word = take_word(&words);
	struct netaddr client;

	ret->authenticated = false;
	if (span_starts(word, "client=")) {
		if (!netaddr_parse(span_make(word.p + 7, word.n - 7), &client))
			return false;
		ret->authenticated = networks_have(nets->v, nets->n, &client);
		word = take_word(&words);
	}
	if (span_eq(word, "authenticated")) {
		ret->authenticated = true;
		word = take_word(&words);
	}
	return word.n == 0;
}

static bool understand_rcpt(struct desk *desk, struct span rest, struct question *ret)
{
	struct judgement none = { .knowledge = KNOW_NOT_JUDGED };
	struct span address = take_address(&rest);
	struct route route;

	ret->answer = answer_rcpt;
	if (address.n == 0 || !span_copy(address, ret->addr, sizeof(ret->addr)))
		return say(desk, "error expected an address of at most 511 octets");
	if (!understand_client(desk->door->settings, rest, ret))
		return say(desk,
			   "error expected behind the address: client=ADDRESS, authenticated");
	route_of(desk->door->settings, &(struct routing){ .addr = ret->addr }, &route);
	if (route.n_hops > 0) {
		ret->hop = route.hops[0];
		return true;
	}
	ret->hop.kind = NEXTHOP_NONE;
	none.reason = route.reason;
	answer_rcpt(desk, ret, &none, 0);
	return false;
}

static bool understand_domain(struct desk *desk, struct span verb, struct span domain,
			      struct span host, struct question *ret)
{
	bool mx = span_eq(verb, "mx");

	if (domain.n == 0 || (mx ? host.n == 0 : !span_eq(verb, "policy") || host.n > 0))
		return say(desk,
			   "error expected: policy DOMAIN, mx DOMAIN HOST, or rcpt ADDRESS ...");
	if (mx && domain_normalize(host, ret->host) != DOMAIN_OK)
		return say(desk, "error the MX host is no host name");
	ret->answer = mx ? answer_mx : answer_policy;
	ret->hop = nexthop_of_route(domain);
	return delivery_door_judges(desk, &ret->hop) || say(desk, mx ? "ok" : "none");
}

static bool understand(struct desk *desk, struct span request, struct question *ret)
{
	struct span rest = request, verb = take_word(&rest), domain;

	ret->door = "exim";
	ret->mta_does_dane = desk->door->settings->dane == DANE_BY_EXIM;
	if (span_eq(verb, "rcpt"))
		return understand_rcpt(desk, span_trim(rest), ret);
	domain = take_word(&rest);
	return understand_domain(desk, verb, domain, span_trim(rest), ret);
}

const struct protocol exim_protocol = { .longest = LINE + 2,
					.ends_with_one = true,
					.take = take,
					.understand = understand,
					.frame = frame };
