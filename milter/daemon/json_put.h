/* json_put.h - fields of the objects that the operator's command shows: what is not there is left out
 *
 * A value that could not be made for want of memory is left out as well.
 */
#ifndef MILTER_DAEMON_JSON_PUT_H
#define MILTER_DAEMON_JSON_PUT_H

#include "common/base/moment.h"

#include <jansson.h>

static inline void put(json_t *object, const char *key, json_t *value)
{
	if (value != NULL)
		json_object_set_new(object, key, value);
}

static inline void put_text(json_t *object, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		put(object, key, json_string(value));
}

static inline void put_int(json_t *object, const char *key, int64_t value)
{
	put(object, key, json_integer(value));
}

static inline void put_time(json_t *object, const char *key, int64_t at)
{
	char text[MOMENT_TEXT];

	if (at != 0)
		put_text(object, key, moment_format(at, text));
}

#endif
