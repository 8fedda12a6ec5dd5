#include "config.h"

#include "milter/command/setup_exim_text.h"

#include <string.h>

static bool begins(struct span line, struct span *ret_name)
{
	line = span_trim(line);
	if (!span_starts(line, "begin "))
		return false;
	*ret_name = span_trim(span_make(line.p + 6, line.n - 6));
	return true;
}

struct span exim_section(struct span config, const char *name)
{
	const char *from = name[0] == '\0' ? config.p : NULL, *end = config.p + config.n;
	struct span line, found;

	while (span_line(&config, &line)) {
		if (!begins(line, &found))
			continue;
		if (from != NULL)
			return span_make(from, (size_t)(line.p - from));
		if (span_eq(found, name))
			from = config.p;
	}
	return from != NULL ? span_make(from, (size_t)(end - from)) : span_make("", 0);
}

/* "name:" and nothing else. */
static bool heads(struct span line, struct span *ret_name)
{
	line = span_trim(line);
	if (line.n < 2 || line.p[line.n - 1] != ':')
		return false;
	*ret_name = span_make(line.p, line.n - 1);
	for (size_t i = 0; i < ret_name->n; i++) {
		char c = ret_name->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return true;
}

bool exim_block(struct span *section, struct arena *arena, struct exim_block *ret)
{
	struct span line, name, next;

	while (span_line(section, &line)) {
		if (!heads(line, &name))
			continue;
		ret->name = arena_strdup(arena, name);
		ret->text = span_make(section->p, 0);
		for (next = *section; span_line(&next, &line) && !heads(line, &name);)
			*section = next;
		ret->text.n = (size_t)(section->p - ret->text.p);
		return ret->name != NULL;
	}
	return false;
}

const char *exim_option(struct span text, const char *name, struct arena *arena)
{
	struct span line, key;
	const char *value = "";

	while (span_line(&text, &line)) {
		line = span_trim(line);
		if (span_eq(line, name))
			value = "true";
		else if ((span_starts(line, "no_") &&
			  span_eq(span_make(line.p + 3, line.n - 3), name)) ||
			 (span_starts(line, "not_") &&
			  span_eq(span_make(line.p + 4, line.n - 4), name)))
			value = "false";
		else if (span_until(&line, '=', line.n, &key) && span_eq(span_trim(key), name))
			value = arena_strdup(arena, span_trim(line));
	}
	return value != NULL ? value : "";
}

bool exim_says(struct span text, const char *words, struct span *ret_behind)
{
	const char *at = text.n > 0 ? memmem(text.p, text.n, words, strlen(words)) : NULL;
	struct span rest;

	if (at == NULL)
		return false;
	at += strlen(words);
	rest = span_make(at, (size_t)(text.p + text.n - at));
	if (!span_line(&rest, ret_behind))
		*ret_behind = span_make(at, 0);
	return true;
}
