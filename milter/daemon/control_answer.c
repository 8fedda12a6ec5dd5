#include "config.h"

#include "milter/daemon/control.h"
#include "milter/daemon/control_override.h"
#include "milter/daemon/control_verbs.h"

#include <string.h>
#include <sysexits.h>

static json_t *control_status(struct control_call *call)
{
	return describe_status(call->src);
}

/* The fields of a request stand behind its verb. */
static const struct {
	const char *name;
	control_run *run;
} verbs[] = {
	{ "events", control_events },			/* [nexthop] [before] [limit] */
	{ "export", control_export },			/* [after] */
	{ "flush", control_flush },			/* nexthop [policy] */
	{ "import", control_import },			/* policies */
	{ "outcome", control_outcome }, /* nexthop result [mx address detail helo sending_address] or outcomes */
	{ "outcomes", control_outcomes }, /* [nexthop] [day] [all] [more] */
	{ "override-add", control_override_add },	/* domain mode until reason owner mx */
	{ "override-list", control_override_list },	/* domain all before */
	{ "override-remove", control_override_remove }, /* domain */
	{ "query", control_query },			/* nexthop */
	{ "refresh", control_refresh },			/* nexthop */
	{ "status", control_status },			/* */
	{ "warm", control_warm },			/* nexthop [start] */
};

static json_t *run(struct control_call *call)
{
	const char *verb;

	if (!json_is_object(call->request))
		return control_refuse(call, EX_USAGE, "a request is one JSON object on one line");
	if (!control_text(call, "verb", true, 64, &verb))
		return NULL;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].run(call);
	return control_refuse(call, EX_USAGE, "this daemon does not know the verb %s", verb);
}

char *control_answer(const struct sources *src, int64_t uid, struct span request)
{
	json_t *body =
		json_loadb(request.n > 0 ? request.p : "", request.n, JSON_REJECT_DUPLICATES, NULL);
	struct control_call call = { .src = src, .request = body, .uid = uid };
	json_t *result = run(&call), *answer;
	char *text;

	if (result == NULL && call.status == 0)
		control_refuse(&call, EX_TEMPFAIL, "the daemon is out of memory");
	answer = result != NULL ? json_pack("{s:b, s:o}", "ok", 1, "result", result)
				: json_pack("{s:b, s:s, s:i}", "ok", 0, "error", call.error,
					    "status", call.status);
	text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	json_decref(body);
	return text;
}
