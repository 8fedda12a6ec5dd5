#include "config.h"

#include "common/sts/reason.h"

#include <string.h>

static const struct {
	const char *name, *code, *sentence, *rfc;
} table[REASON_COUNT] = {
#define X(id, name, code, sentence, rfc) [REASON_##id] = { name, code, sentence, rfc },
	REASONS(X)
#undef X
};

const char *reason_name(enum reason r)
{
	return table[r].name;
}

const char *reason_code(enum reason r)
{
	return table[r].code;
}

const char *reason_sentence(enum reason r)
{
	return table[r].sentence;
}

const char *reason_rfc(enum reason r)
{
	return table[r].rfc;
}

int reason_from_name(const char *name)
{
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return i;
	return -1;
}
