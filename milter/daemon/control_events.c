#include "config.h"

#include "milter/daemon/control_verbs.h"

#include <sysexits.h>

enum { EVENTS_AT_ONCE = 100 };

struct page {
	json_t *events;
	int64_t serial; /* of the oldest */
};

static void each_event(void *arg, const struct stored_event *e)
{
	struct page *page = arg;

	json_array_append_new(page->events, describe_event(e));
	page->serial = e->serial;
}

/* The newest first. before: a serial; "more": the serial to go on with, when there may be older ones. */
json_t *control_events(struct control_call *call)
{
	const struct store *store = &call->src->env->store;
	struct page page = { .events = NULL };
	struct nexthop hop = { .domain = "" };
	int64_t limit, before;
	json_t *result;

	if ((json_object_get(call->request, "nexthop") != NULL && !control_hop(call, &hop)) ||
	    !control_number(call, "before", 0, INT64_MAX, 0, &before) ||
	    !control_number(call, "limit", 1, EVENTS_AT_ONCE, EVENTS_AT_ONCE, &limit))
		return NULL;
	page.events = json_array();
	if (store->events(store->ctx, hop.domain[0] != '\0' ? hop.domain : NULL, before,
			  (unsigned)limit, each_event, &page) < 0) {
		json_decref(page.events);
		return control_refuse(call, EX_TEMPFAIL, "the database cannot be read: %s",
				      store->trouble(store->ctx) != NULL
					      ? store->trouble(store->ctx)
					      : "try again");
	}
	result = json_pack("{s:o}", "events", page.events);
	if (json_array_size(page.events) == (size_t)limit)
		json_object_set_new(result, "more", json_integer(page.serial));
	return result;
}
