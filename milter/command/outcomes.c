#include "config.h"

#include "milter/command/outcomes.h"

#include "common/base/cleanup.h"
#include "common/base/num.h"
#include "milter/command/ask.h"
#include "milter/command/output.h"

enum { OUTCOMES = 50, OUTCOMES_MOST = 1000000 };

static json_t *request(const struct invocation *inv, const char *more)
{
	json_t *o = json_pack("{s:s, s:b}", "verb", "outcomes", "all",
			      (inv->options & OPTION_BIT(OPTION_ALL)) != 0);

	if (inv->values[OPTION_DAY] != NULL)
		json_object_set_new(o, "day", json_string(inv->values[OPTION_DAY]));
	if (more != NULL)
		json_object_set_new(o, "more", json_string(more));
	if (inv->n_operands == 0 ||
	    json_object_set_new(o, "nexthop", json_string(inv->operands[0])) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Page by page, as many as are wanted. */
static int collect(struct client *c, const struct invocation *inv, uint64_t limit, json_t *outcomes)
{
	json_t *more = NULL;
	int status = EX_OK;

	do {
		json_t *page = NULL;

		status = client_ask(c, request(inv, json_string_value(more)), &page);
		json_decref(more);
		more = NULL;
		if (status != EX_OK)
			break;
		json_array_extend(outcomes, json_object_get(page, "outcomes"));
		more = json_incref(json_object_get(page, "more"));
		json_decref(page);
	} while (more != NULL && json_array_size(outcomes) < limit);
	json_decref(more);
	while (json_array_size(outcomes) > limit)
		json_array_remove(outcomes, json_array_size(outcomes) - 1);
	return status;
}

int outcomes_run(const struct invocation *inv)
{
	AUTO(client_closep) struct client *c = NULL;
	const char *given = inv->values[OPTION_LIMIT];
	uint64_t limit = OUTCOMES;
	json_t *outcomes;
	int status;

	if (given != NULL && (!num_u64(span_of(given), OUTCOMES_MOST, &limit) || limit == 0)) {
		complain("--limit takes a number from 1 to %d", OUTCOMES_MOST);
		return EX_USAGE;
	}
	status = ask_open(inv, &c);
	if (status != EX_OK)
		return status;
	outcomes = json_array();
	status = collect(c, inv, limit, outcomes);
	if (status == EX_OK)
		return ask_show(inv, json_pack("{s:o}", "outcomes", outcomes),
				json_array_size(outcomes) > 0 ? EX_YES : EX_NO);
	json_decref(outcomes);
	return status;
}
