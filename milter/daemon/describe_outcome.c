#include "config.h"

#include "milter/daemon/describe_outcome.h"

#include "common/base/moment.h"
#include "milter/daemon/json_put.h"
#include "milter/daemon/tlsrpt_socket.h"

#include <string.h>

enum { DAY = 86400, DATE = 10 };

static void put_span(json_t *object, const char *key, struct span text)
{
	if (text.n > 0)
		put(object, key, json_stringn(text.p, text.n));
}

json_t *describe_outcomes(const struct sources *src, uint64_t kept)
{
	const struct outcomes_status st = outcomes_status(src->outcomes);
	struct tlsrpt_status tlsrpt = { 0 };
	json_t *o = json_object();

	if (src->tlsrpt != NULL)
		tlsrpt = tlsrpt_socket_status(src->tlsrpt);
	put_int(o, "successes", (int64_t)st.successes);
	put_int(o, "failures", (int64_t)st.failures);
	put_int(o, "doubted", (int64_t)st.doubted);
	put_int(o, "dropped", (int64_t)st.dropped);
	put_int(o, "waiting", (int64_t)st.waiting);
	put_int(o, "kept", (int64_t)kept);
	put_int(o, "datagrams", (int64_t)tlsrpt.datagrams);
	put_int(o, "datagrams_refused", (int64_t)tlsrpt.refused);
	put_int(o, "datagrams_malformed", (int64_t)tlsrpt.malformed);
	return o;
}

static void put_policy(json_t *object, const char *policy)
{
	struct span rest = span_of(policy), key, value;
	json_t *strings = json_array(), *mx = json_array();

	while (outcome_policy_next(&rest, &key, &value)) {
		if (span_eq(key, "string"))
			json_array_append_new(strings, json_stringn(value.p, value.n));
		else if (span_eq(key, "mx"))
			json_array_append_new(mx, json_stringn(value.p, value.n));
	}
	put_span(object, "policy_domain", outcome_policy_value(policy, "domain"));
	json_object_set_new(object, "policy_strings", strings);
	json_object_set_new(object, "mx_patterns", mx);
}

json_t *describe_outcome(const struct tls_outcome *o, bool all)
{
	struct span type = outcome_policy_value(o->policy, "type");
	char day[MOMENT_TEXT];
	json_t *object = json_object();

	moment_format(o->day * DAY, day);
	put_span(object, "day", span_make(day, strnlen(day, DATE)));
	put_text(object, "domain", o->domain);
	put_text(object, "source", outcome_source_name(o->source));
	put_span(object, "policy", type.n > 0 ? type : span_of("unknown"));
	put_text(object, "result", tls_result_name(o->result));
	put_text(object, "mx", o->mx);
	put_int(object, "count", (int64_t)o->count);
	put_text(object, "reason", o->reason);
	if (!all)
		return object;
	put_int(object, "failed_sessions", (int64_t)o->sessions);
	put_text(object, "address", o->receiving_ip);
	put_text(object, "sending_address", o->sending_ip);
	put_text(object, "helo", o->helo);
	put_text(object, "additional_information", o->info);
	put_text(object, "tlsrpt_record", o->record);
	put_policy(object, o->policy);
	return object;
}

bool describe_outcome_merge(json_t *into, const json_t *more)
{
	static const char *const keys[] = { "day", "domain", "source", "policy", "result", "mx" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *a = json_object_get(into, keys[i]),
			     *b = json_object_get(more, keys[i]);

		if (a == NULL || b == NULL ? a != b : json_equal(a, b) == 0)
			return false;
	}
	json_object_set_new(into, "count",
			    json_integer(json_integer_value(json_object_get(into, "count")) +
					 json_integer_value(json_object_get(more, "count"))));
	/* What is said of all of them has to be true of each. */
	if (json_equal(json_object_get(into, "reason"), json_object_get(more, "reason")) == 0)
		json_object_del(into, "reason");
	return true;
}
