#include "config.h"

#include "common/sts/settings.h"

#include "common/sts/settings_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 16 << 20, VALUE_TEXT_MAX = 64 << 10 };

/* The public struct comes first: a pointer to it is a pointer to its owner. */
struct owner {
	struct settings settings;
	struct arena arena;
};

/* Of a choice and of a grace rule, the table's min column holds the words. */
#define HAS_CHOICES(kind) ((kind) == SETTING_ENUM || (kind) == SETTING_GRACE)

static const struct setting_row rows[SETTING_COUNT] = {
#define SETTING(section_, type_, name_, def_, min_, max_, doc_)                                    \
	[ROW_##name_] = {                                                                          \
		.section = #section_,                                                              \
		.name = #name_,                                                                    \
		.type = #type_,                                                                    \
		.def = def_,                                                                       \
		.min = HAS_CHOICES(SETTING_##type_) ? "" : min_,                                   \
		.max = max_,                                                                       \
		.choices = HAS_CHOICES(SETTING_##type_) ? min_ : "",                               \
		.doc = doc_,                                                                       \
	},
#include "common/sts/settings_table.h"
#undef SETTING
};

static const struct {
	enum setting_kind kind;
	size_t offset;
} fields[SETTING_COUNT] = {
#define SETTING(section, type, name, def, min, max, doc)                                           \
	[ROW_##name] = { SETTING_##type, offsetof(struct settings, name) },
#include "common/sts/settings_table.h"
#undef SETTING
};

size_t settings_rows(const struct setting_row **ret)
{
	*ret = rows;
	return SETTING_COUNT;
}

const struct setting_row *setting_row(size_t i)
{
	return &rows[i];
}

enum setting_kind setting_kind(size_t i)
{
	return fields[i].kind;
}

int settings_set(struct settings *s, size_t i, struct span text, struct span *ret_bad)
{
	struct owner *owner = (struct owner *)s;

	return setting_parse(fields[i].kind, &rows[i], text, &owner->arena,
			     (char *)s + fields[i].offset, ret_bad);
}

struct settings *settings_free(struct settings *s)
{
	struct owner *owner = (struct owner *)s;

	if (owner != NULL)
		arena_release(&owner->arena);
	free(owner);
	return NULL;
}

struct settings *settings_defaults(void)
{
	struct owner *owner = calloc(1, sizeof(*owner));
	struct span bad;

	if (owner == NULL)
		return NULL;
	arena_init(&owner->arena, VALUES_MAX);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings_set(&owner->settings, i, span_of(rows[i].def), &bad) != 0)
			return settings_free(&owner->settings);
	return &owner->settings;
}

enum delivery_agent settings_delivery_agent(const struct settings *s)
{
	if (!s->delivery_bound)
		return AGENT_UNBOUND;
	return s->dane == DANE_BY_NOBODY ? AGENT_PKIX : AGENT_DANE;
}

int settings_value(const struct settings *s, size_t i, struct buf *out)
{
	return setting_format(fields[i].kind, &rows[i], (const char *)s + fields[i].offset, out);
}

bool settings_is_default(const struct settings *s, size_t i)
{
	struct buf value;
	bool same;

	/* Defaults stand in the table as settings_value() writes them (test_settings.c). */
	buf_init(&value, VALUE_TEXT_MAX);
	same = settings_value(s, i, &value) == 0 && strcmp(buf_text(&value), rows[i].def) == 0;
	buf_release(&value);
	return same;
}
