#include "config.h"

#include "common/net/content_type.h"

bool content_type_is_text_plain(struct span value)
{
	struct span type = value;

	if (span_until(&value, ';', value.n, &type))
		return span_caseeq(span_trim(type), "text/plain");
	return span_caseeq(span_trim(value), "text/plain");
}
