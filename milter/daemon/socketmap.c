/* The socketmap protocol (postconf(5) socketmap_table, Sendmail's op.me 5.12): netstrings "MAP KEY" and "STATUS TEXT". */
#include "config.h"

#include "milter/daemon/delivery_door.h"
#include "milter/daemon/protocol.h"

#include "common/base/kv.h"
#include "common/sts/netstring.h"
#include "common/sts/sts_map.h"
#include "common/sts/tls_policy.h"

#include <string.h>

static enum request take(struct span in, bool ended, struct span *ret_request, size_t *ret_size)
{
	(void)ended;
	switch (netstring_take(in, LIMIT_MAP_KEY, ret_request, ret_size)) {
	case NETSTRING_WHOLE:
		return REQUEST_WHOLE;
	case NETSTRING_PART:
		return REQUEST_PART;
	case NETSTRING_BAD:
		break;
	}
	return REQUEST_BAD;
}

static struct span frame(struct desk *desk)
{
	char *content = desk->out.p + PROTOCOL_HEAD;
	char *begin = netstring_head(content, desk->out.n - PROTOCOL_HEAD);

	buf_addc(&desk->out, ',');
	return span_make(begin, desk->out.n - (size_t)(begin - desk->out.p));
}

static void answer_postfix(struct desk *desk, const struct question *q, const struct judgement *j,
			   int64_t waited_ms)
{
	struct delivery_case c = delivery_door_decide(desk, q, j, waited_ms);
	const bool own_words = j->entry != NULL && !j->entry->is_overridden;
	const struct tls_policy t = { .delivery = &desk->delivery,
				      .domain = q->hop.domain,
				      .published = own_words ? c.patterns : NULL,
				      .narrowed = desk->postfix == POSTFIX_PATTERNS &&
						  tls_policy_narrowed(&c, &desk->delivery),
				      .postfix = desk->postfix };

	tls_policy_write(&t, LIMIT_MAP_REPLY, &desk->out);
}

static void answer_sendmail(struct desk *desk, const struct question *q, const struct judgement *j,
			    int64_t waited_ms)
{
	delivery_door_decide(desk, q, j, waited_ms);
	sts_map_write(&desk->delivery, &desk->out);
}

static bool is_postfix_map(const struct settings *s, struct span map)
{
	for (size_t i = 0; i < s->postfix_maps.n; i++)
		if (span_eq(map, s->postfix_maps.v[i]))
			return true;
	return false;
}

/* Parts of domains (".example.com"), addresses and the like have no policy. */
static bool nothing_to_ask(struct desk *desk)
{
	buf_adds(&desk->out, "NOTFOUND ");
	return false;
}

static bool understand(struct desk *desk, struct span request, struct question *ret)
{
	struct span key = request, map;

	if (!span_until(&key, ' ', request.n, &map)) {
		buf_adds(&desk->out, "PERM a request is the name of a map, a blank, and a key");
		return false;
	}
	if (is_postfix_map(desk->door->settings, map)) {
		ret->door = "postfix";
		ret->answer = answer_postfix;
		ret->mta_does_dane = desk->door->settings->dane == DANE_BY_POSTFIX;
	} else if (span_eq(map, "sts")) {
		ret->door = "sendmail";
		ret->answer = answer_sendmail;
		ret->mta_does_dane = false; /* where it does, that comes first by itself */
	} else {
		buf_adds(&desk->out, "PERM there is no map of this name here; see postfix_maps");
		return false;
	}
	if (key.n > 0 && key.p[0] == '.')
		return nothing_to_ask(desk);
	ret->hop = nexthop_of_route(key);
	return delivery_door_judges(desk, &ret->hop) ? true : nothing_to_ask(desk);
}

const struct protocol socketmap_protocol = { .longest = LIMIT_MAP_KEY + NETSTRING_HEAD,
					     .is_repeated = true,
					     .take = take,
					     .understand = understand,
					     .frame = frame };
