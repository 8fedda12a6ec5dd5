#include "config.h"

#include "milter/daemon/control.h"

#include <stdlib.h>

static json_t *error_of(const char *text)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static json_t *result_of(json_t *result)
{
	return json_pack("{s:b, s:o}", "ok", 1, "result", result);
}

static json_t *answer_query(const struct sources *src, struct span argument)
{
	struct nexthop hop = nexthop_of_route(argument);
	struct entry *entry;
	json_t *result;

	if (hop.kind != NEXTHOP_DOMAIN && hop.kind != NEXTHOP_HOST)
		return error_of("expected a domain name or a next-hop like [mx.example.com]:587");
	entry = engine_peek(src->engine, &hop);
	result = describe_entry(src, &hop, entry);
	entry_unref(entry);
	return result_of(result);
}

char *control_answer(const struct sources *src, struct span request)
{
	struct span verb, argument = request;
	json_t *answer;
	char *text;

	if (!span_word(&argument, &verb))
		answer = error_of("expected a request");
	else if (span_eq(verb, "status"))
		answer = result_of(describe_status(src));
	else if (span_eq(verb, "query"))
		answer = answer_query(src, span_trim(argument));
	else
		answer = error_of("unknown request; expected status or query");
	text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	return text;
}
