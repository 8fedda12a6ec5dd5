#include "config.h"

#include "milter/command/refresh.h"

#include "common/base/cleanup.h"
#include "milter/command/ask.h"
#include "milter/command/output.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 100, GRACE_MS = 5000, OTHERS_MS = 120000 };

/* What an operator asks himself: is it the same policy, the same verdict, the same answer? */
static const struct {
	const char *name, *object, *field;
} watched[] = {
	{ "knowledge", NULL, "knowledge" }, { "answer", NULL, "answer" },
	{ "record", "record", "result" },   { "record id", "record", "id" },
	{ "policy id", "policy", "id" },    { "mode", "policy", "mode" },
	{ "max_age", "policy", "max_age" }, { "mx", "policy", "mx" },
	{ "verdict", "verdict", "result" }, { "decided by", "verdict", "by" },
	{ "reason", NULL, "reason" },	    { "failed fetch", "fetch_failure", "reason" },
};

static const json_t *look_up(const json_t *query, const char *object, const char *field)
{
	return json_object_get(object != NULL ? json_object_get(query, object) : query, field);
}

/* A list becomes its texts with blanks between. */
static json_t *flat(const json_t *value)
{
	json_t *text, *item, *longer;
	size_t i;

	if (!json_is_array(value))
		return value != NULL ? json_deep_copy(value) : json_null();
	text = json_string("");
	json_array_foreach((json_t *)value, i, item)
	{
		longer = json_sprintf("%s%s%s", json_string_value(text), i > 0 ? " " : "",
				      json_string_value(item) != NULL ? json_string_value(item)
								      : "");
		json_decref(text);
		text = longer;
	}
	return text;
}

json_t *refresh_changes(const json_t *before, const json_t *after)
{
	json_t *changes = json_array();

	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		const json_t *was = look_up(before, watched[i].object, watched[i].field);
		const json_t *is = look_up(after, watched[i].object, watched[i].field);

		if (was == is || json_equal(was, is))
			continue;
		json_array_append_new(changes, json_pack("{s:s, s:o, s:o}", "what", watched[i].name,
							 "before", flat(was), "after", flat(is)));
	}
	return changes;
}

static int query(struct client *c, const char *nexthop, json_t **ret)
{
	return client_ask(c, json_pack("{s:s, s:s}", "verb", "query", "nexthop", nexthop), ret);
}

/* Until the daemon is done with it. *ret: the last answer. */
static int await(struct client *c, const char *nexthop, int64_t patience_ms, json_t **ret)
{
	const struct timespec rest = { 0, LOOK_MS * 1000000L };

	for (int64_t waited = 0; waited <= patience_ms; waited += LOOK_MS) {
		json_t *now = NULL;
		int status = query(c, nexthop, &now);

		if (status != EX_OK)
			return status;
		json_decref(*ret);
		*ret = now;
		if (!json_is_true(json_object_get(now, "checking")))
			return EX_OK;
		nanosleep(&rest, NULL);
	}
	complain("the check is still under way; mta-sts query shows how it ends");
	return EX_TEMPFAIL;
}

/* A policy is in force, and mail would go. */
static int status_of(const json_t *query)
{
	const char *answer = json_string_value(json_object_get(query, "answer"));
	bool good = json_is_true(json_object_get(query, "fresh")) &&
		    json_object_get(query, "policy") != NULL && answer != NULL &&
		    strcmp(answer, "accept") == 0;

	return good ? EX_YES : EX_NO;
}

static int refresh(struct client *c, const struct invocation *inv, json_t **before, json_t **after)
{
	const char *nexthop = inv->operands[0];
	json_t *started = NULL;
	int64_t patience;
	/* A check for mail that is under way would be joined, and it does not ask for everything. */
	int status = await(c, nexthop, OTHERS_MS, before);

	if (status == EX_OK)
		status = client_ask(c,
				    json_pack("{s:s, s:s}", "verb", "refresh", "nexthop", nexthop),
				    &started);
	if (status != EX_OK)
		return status;
	patience = json_integer_value(json_object_get(started, "patience_ms")) + GRACE_MS;
	json_decref(started);
	return await(c, nexthop, patience, after);
}

int refresh_run(const struct invocation *inv)
{
	AUTO(client_closep) struct client *c = NULL;
	json_t *before = NULL, *after = NULL;
	int status = ask_open(inv, &c);

	if (status == EX_OK)
		status = refresh(c, inv, &before, &after);
	if (status == EX_OK) {
		status = status_of(after);
		json_object_set_new(after, "changes", refresh_changes(before, after));
		status = ask_show(inv, json_incref(after), status);
	}
	json_decref(before);
	json_decref(after);
	return status;
}
