/* setup_kit.h - what the tests of `mta-sts setup` for each MTA have in common */
#ifndef TESTS_UNIT_SETUP_KIT_H
#define TESTS_UNIT_SETUP_KIT_H

#include "tests/unit/test.h"

#include "common/base/cleanup.h"
#include "common/sts/settings.h"
#include "milter/command/setup_lines.h"

#include <string.h>

#define BOUND "[action]\ndelivery_bound = yes\n"

/* NULL: BOUND */
static inline struct settings *settings_of(const char *text)
{
	AUTO(buf_release) struct buf error = { .max = 2000 };
	struct settings *s = NULL;

	if (settings_parse(span_of(text != NULL ? text : BOUND), "test", &s, &error) != 0)
		fail_msg("%s", buf_text(&error));
	return s;
}

/* Is there such a line, other than a note? With "!" in front: is there none? */
static inline bool tells(const struct setup_lines *l, const char *line)
{
	bool absent = line[0] == '!', found = false;

	for (size_t i = 0; i < l->n; i++)
		found |= l->v[i].kind != LINE_NOTE && strstr(l->v[i].text, line + absent) != NULL;
	return found != absent;
}

#endif
