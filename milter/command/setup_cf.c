#include "config.h"

#include "milter/command/setup_cf.h"

#include <string.h>

bool cf_line(struct span cf, const char *begin, struct span *ret)
{
	size_t n = strlen(begin);
	struct span line;

	while (span_line(&cf, &line)) {
		if (!span_starts(line, begin) || (line.n > n && strchr(" \t,", line.p[n]) == NULL))
			continue;
		*ret = span_trim(span_make(line.p + n, line.n - n));
		return true;
	}
	return false;
}

bool cf_has(struct span cf, const char *begin)
{
	struct span rest;

	return cf_line(cf, begin, &rest);
}

static const char *copied(struct arena *arena, struct span text)
{
	const char *copy = arena_strdup(arena, text);

	return copy != NULL ? copy : "";
}

const char *cf_option(struct span cf, const char *name, struct arena *arena)
{
	struct span line, key, value = { 0 };

	while (span_line(&cf, &line)) {
		if (!span_starts(line, "O "))
			continue;
		line = span_make(line.p + 2, line.n - 2);
		if (span_until(&line, '=', line.n, &key) && span_caseeq(span_trim(key), name))
			value = span_trim(line);
	}
	return copied(arena, value);
}

const char *cf_smart_host(struct span cf, struct arena *arena)
{
	struct span line, value = { 0 };

	while (span_line(&cf, &line))
		if (span_starts(line, "DS"))
			value = span_trim(span_make(line.p + 2, line.n - 2));
	return copied(arena, value);
}

/* T=C:10s;S:10s;R:30s */
static const char *reading_time(struct span times, struct arena *arena)
{
	struct span part;

	while (times.n > 0) {
		if (!span_until(&times, ';', times.n, &part)) {
			part = times;
			times.n = 0;
		}
		part = span_trim(part);
		if (part.n > 2 && (part.p[0] == 'R' || part.p[0] == 'r') && part.p[1] == ':')
			return copied(arena, span_make(part.p + 2, part.n - 2));
	}
	return "";
}

static bool take_part(struct span *rest, struct span *ret)
{
	if (rest->n == 0)
		return false;
	if (!span_until(rest, ',', rest->n, ret)) {
		*ret = *rest;
		rest->n = 0;
	}
	*ret = span_trim(*ret);
	return true;
}

bool cf_milter(struct span *cf, struct arena *arena, struct cf_milter *ret)
{
	struct span line, part;

	while (span_line(cf, &line)) {
		if (line.n < 2 || line.p[0] != 'X' || !take_part(&line, &part))
			continue;
		*ret = (struct cf_milter){ copied(arena, span_make(part.p + 1, part.n - 1)), "", "",
					   "" };
		while (take_part(&line, &part)) {
			struct span value =
				part.n > 2 ? span_make(part.p + 2, part.n - 2) : span_make("", 0);

			if (span_starts(part, "S="))
				ret->socket = copied(arena, value);
			else if (span_starts(part, "F="))
				ret->flags = copied(arena, value);
			else if (span_starts(part, "T="))
				ret->wait = reading_time(value, arena);
		}
		return true;
	}
	return false;
}
