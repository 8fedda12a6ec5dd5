#include "config.h"

#include "milter/daemon/control_call.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

json_t *control_refuse(struct control_call *call, int status, const char *format, ...)
{
	char text[sizeof(call->error)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_printable(span_of(text), call->error, sizeof(call->error));
	call->status = status;
	return NULL;
}

bool control_text(struct control_call *call, const char *name, bool required, size_t max,
		  const char **ret)
{
	const json_t *value = json_object_get(call->request, name);

	if (value == NULL && !required) {
		*ret = "";
		return true;
	}
	if (!json_is_string(value) || (required && json_string_length(value) == 0)) {
		control_refuse(call, EX_USAGE, "%s is missing, or is no text", name);
		return false;
	}
	if (json_string_length(value) > max) {
		control_refuse(call, EX_USAGE, "%s is longer than %zu octets", name, max);
		return false;
	}
	*ret = json_string_value(value);
	return true;
}

bool control_number(struct control_call *call, const char *name, int64_t least, int64_t most,
		    int64_t otherwise, int64_t *ret)
{
	const json_t *value = json_object_get(call->request, name);
	int64_t number = json_integer_value(value);

	if (value == NULL) {
		*ret = otherwise;
		return true;
	}
	if (!json_is_integer(value) || number < least || number > most) {
		control_refuse(call, EX_USAGE, "%s is no number from %lld to %lld", name,
			       (long long)least, (long long)most);
		return false;
	}
	*ret = number;
	return true;
}

bool control_truth(struct control_call *call, const char *name, bool *ret)
{
	const json_t *value = json_object_get(call->request, name);

	if (value != NULL && !json_is_boolean(value)) {
		control_refuse(call, EX_USAGE, "%s is neither true nor false", name);
		return false;
	}
	*ret = json_is_true(value);
	return true;
}

bool control_hop(struct control_call *call, struct nexthop *ret)
{
	const char *text;

	if (!control_text(call, "nexthop", true, 2 * LIMIT_DOMAIN, &text))
		return false;
	*ret = nexthop_of_route(span_of(text));
	if (ret->kind == NEXTHOP_DOMAIN || ret->kind == NEXTHOP_HOST)
		return true;
	control_refuse(call, EX_USAGE,
		       "expected a domain name or a next-hop like [mx.example.com]:587");
	return false;
}
