#include "config.h"

#include "milter/daemon/desk.h"

#include "milter/daemon/recent.h"

void desk_begin(struct desk *desk)
{
	static const char head[PROTOCOL_HEAD] = "";

	buf_clear(&desk->out);
	buf_add(&desk->out, head, sizeof(head));
}

bool desk_recall(struct desk *desk, struct span request, uint64_t changes, int64_t now,
		 struct span *ret_answer)
{
	struct recent_answer known;

	if (!recent_find(desk->recent, request, changes, now, &known))
		return false;
	service_count(&desk->stats.questions, 1);
	service_count(&desk->stats.answers[known.kind], 1);
	*ret_answer = known.text;
	return true;
}

/* A delay may be over at any moment, and each is said in a line of its own. */
void desk_remember(struct desk *desk, struct span request, const struct nexthop *hop,
		   uint64_t changes, int64_t now, struct span text)
{
	const enum delivery_demand demand = desk->delivery.demand;
	const struct recent_answer answer = { text, (int)demand };

	char key[NEXTHOP_KEY_SIZE];

	if (demand != DEMAND_DELAY)
		recent_keep(desk->recent, request, changes, now, &answer,
			    span_of(nexthop_key(hop, key)));
}
