/* settings_private.h - what settings.c, settings_parse.c and settings_check.c share */
#ifndef COMMON_STS_SETTINGS_PRIVATE_H
#define COMMON_STS_SETTINGS_PRIVATE_H

#include "common/base/arena.h"
#include "common/sts/setting_type.h"

enum setting_index {
#define SETTING(section, type, name, def, min, max, doc) ROW_##name,
#include "common/sts/settings_table.h"
#undef SETTING
	SETTING_COUNT
};

const struct setting_row *setting_row(size_t i);
enum setting_kind setting_kind(size_t i);

/* As setting_parse(), into row i of s. */
int settings_set(struct settings *s, size_t i, struct span text, struct span *ret_bad);

/* What no single line can show: settings that contradict each other.
 * SETTINGS_INVALID: rows[0] and rows[1] are to blame, *why says what is wrong and what was
 * expected. */
int settings_check(const struct settings *s, size_t ret_rows[2], struct buf *why);

#endif
