#include "config.h"

#include "common/sts/event.h"

#include <string.h>

static const struct {
	const char *name, *sentence;
	bool standing;
} table[EVENT_COUNT] = {
#define X(id, name, standing, sentence) [EVENT_##id] = { name, sentence, standing },
	EVENTS(X)
#undef X
};

const char *event_name(enum event_kind k)
{
	return table[k].name;
}

const char *event_sentence(enum event_kind k)
{
	return table[k].sentence;
}

bool event_is_standing(enum event_kind k)
{
	return table[k].standing;
}

int event_from_name(const char *name)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return i;
	return -1;
}

const char *event_source_name(enum event_source s)
{
	static const char *const names[SEEN_SOURCES] = {
		[SEEN_BY_MAIL] = "mail",
		[SEEN_BY_REFRESH] = "refresh",
		[SEEN_BY_OPERATOR] = "operator",
	};

	return names[s];
}
