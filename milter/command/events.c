#include "config.h"

#include "milter/command/events.h"

#include "common/base/cleanup.h"
#include "common/base/num.h"
#include "milter/command/ask.h"
#include "milter/command/output.h"

enum { EVENTS = 50, EVENTS_MOST = 100000, EVENTS_AT_ONCE = 100 };

static json_t *request(const struct invocation *inv, int64_t before, uint64_t limit)
{
	json_t *o =
		json_pack("{s:s, s:I, s:I}", "verb", "events", "before", (json_int_t)before,
			  "limit", (json_int_t)(limit < EVENTS_AT_ONCE ? limit : EVENTS_AT_ONCE));

	if (inv->n_operands == 0 ||
	    json_object_set_new(o, "nexthop", json_string(inv->operands[0])) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Page by page, as many as are wanted. */
static int collect(struct client *c, const struct invocation *inv, uint64_t limit, json_t *events)
{
	int64_t before = 0;

	while (json_array_size(events) < limit) {
		json_t *page = NULL, *more;
		int status =
			client_ask(c, request(inv, before, limit - json_array_size(events)), &page);

		if (status != EX_OK)
			return status;
		json_array_extend(events, json_object_get(page, "events"));
		more = json_object_get(page, "more");
		before = json_integer_value(more);
		json_decref(page);
		if (before <= 0)
			break;
	}
	return EX_OK;
}

int events_run(const struct invocation *inv)
{
	AUTO(client_closep) struct client *c = NULL;
	const char *given = inv->values[OPTION_LIMIT];
	uint64_t limit = EVENTS;
	json_t *events;
	int status;

	if (given != NULL && (!num_u64(span_of(given), EVENTS_MOST, &limit) || limit == 0)) {
		complain("--limit takes a number from 1 to %d", EVENTS_MOST);
		return EX_USAGE;
	}
	status = ask_open(inv, &c);
	if (status != EX_OK)
		return status;
	events = json_array();
	status = collect(c, inv, limit, events);
	if (status == EX_OK)
		return ask_show(inv, json_pack("{s:o}", "events", events),
				json_array_size(events) > 0 ? EX_YES : EX_NO);
	json_decref(events);
	return status;
}
