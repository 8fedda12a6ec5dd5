#include "config.h"

#include "milter/daemon/control_verbs.h"

#include "common/base/moment.h"
#include "common/base/kv.h"
#include "common/engine/transfer.h"

#include <sysexits.h>

/* What stands in each line of an export file. */
static void each_policy(void *arg, const char *domain, const struct stored_policy *p)
{
	char fetched[MOMENT_TEXT], expires[MOMENT_TEXT];
	json_t *row =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s%}", "domain", domain, "id", p->id, "mode",
			  policy_mode_name(p->mode), "fetched_at",
			  moment_format(p->fetched_at, fetched), "expires_at",
			  moment_format(p->expires_at, expires), "policy", p->body.p, p->body.n);

	json_array_append_new(
		arg, row); /* NULL, text that is not UTF-8, is left out: no policy is such */
}

/* after: a domain. "more": the domain to go on with, when there may be more. */
json_t *control_export(struct control_call *call)
{
	char last[DOMAIN_SIZE];
	const char *after;
	json_t *policies, *result;

	if (!control_text(call, "after", false, LIMIT_DOMAIN, &after))
		return NULL;
	policies = json_array();
	if (transfer_export(call->src->env, after, CONTROL_EXPORT_AT_ONCE, each_policy, policies,
			    last) < 0) {
		json_decref(policies);
		return control_refuse(call, EX_TEMPFAIL, "the database cannot be read; try again");
	}
	result = json_pack("{s:o}", "policies", policies);
	if (last[0] != '\0')
		json_object_set_new(result, "more", json_string(last));
	return result;
}

static const char *text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

/* What is wrong with a line of an export file; NULL: nothing, and *ret is filled with what row owns. */
static const char *read_row(const json_t *row, struct exported *ret)
{
	const json_t *policy = json_object_get(row, "policy");
	const char *fetched = text_of(row, "fetched_at"), *expires = text_of(row, "expires_at");

	*ret = (struct exported){ .domain = text_of(row, "domain"),
				  .id = text_of(row, "id"),
				  .mode = text_of(row, "mode"),
				  .body = span_make(json_string_value(policy),
						    json_string_length(policy)) };
	if (json_object_size(row) != 6 || ret->domain == NULL || ret->id == NULL ||
	    ret->mode == NULL || fetched == NULL || expires == NULL || ret->body.p == NULL)
		return "A policy has the fields domain, id, mode, fetched_at, expires_at and "
		       "policy, and they are texts.";
	if (!moment_read_stamp(span_of(fetched), &ret->fetched_at) ||
	    !moment_read_stamp(span_of(expires), &ret->expires_at))
		return "A time is written 2026-11-22T14:30:00Z.";
	return NULL;
}

static json_t *import_row(const struct sources *src, const json_t *row)
{
	struct exported policy;
	const char *why = read_row(row, &policy);
	enum transfer_result result = TRANSFER_INVALID;

	if (why == NULL)
		result = transfer_import(src->engine, src->env, &policy, &why);
	return json_pack("{s:s, s:s*}", "result", transfer_result_name(result), "error", why);
}

static void note_import(const struct control_call *call, size_t n)
{
	const struct engine_env *env = call->src->env;
	struct kv kv;

	kv_begin(&kv, "import");
	kv_int(&kv, "count", (int64_t)n);
	kv_int(&kv, "uid", call->uid);
	env->notice(env->notice_arg, LOG_LEVEL_INFO, kv_end(&kv));
}

/* policies: lines of an export file. results: what became of each, in the same order. */
json_t *control_import(struct control_call *call)
{
	json_t *policies = json_object_get(call->request, "policies"), *results, *row, *done;
	size_t i, imported = 0;

	if (!json_is_array(policies) || json_array_size(policies) > CONTROL_IMPORT_AT_ONCE)
		return control_refuse(call, EX_USAGE, "policies is no list of at most %d",
				      CONTROL_IMPORT_AT_ONCE);
	results = json_array();
	json_array_foreach(policies, i, row)
	{
		done = import_row(call->src, row);
		imported += text_of(done, "result") != NULL &&
			    span_eq(span_of(text_of(done, "result")),
				    transfer_result_name(TRANSFER_IMPORTED));
		json_array_append_new(results, done);
	}
	if (imported > 0)
		note_import(call, imported);
	return json_pack("{s:o}", "results", results);
}
