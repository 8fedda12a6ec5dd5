#include "config.h"

#include "milter/command/show_config.h"

#include "common/base/cleanup.h"
#include "common/sts/settings_print.h"
#include "milter/command/output.h"
#include "milter/shared/settings_file.h"

#include <stdio.h>

static bool has(const struct invocation *inv, enum option_id id)
{
	return (inv->options & OPTION_BIT(id)) != 0;
}

static struct settings *load(const struct invocation *inv)
{
	AUTO(buf_release) struct buf error = { .max = 4096 };
	const char *given = inv->values[OPTION_CONFIG];
	struct settings *s = NULL;

	if (has(inv, OPTION_DEFAULTS))
		return settings_defaults();
	if (settings_file_load(given != NULL ? given : SETTINGS_FILE, &s, &error) != 0)
		complain("%s", buf_text(&error));
	return s;
}

static int show_json(const struct settings *s, bool changed)
{
	AUTO(output_release) struct output out;
	const struct setting_row *rows;
	size_t n = settings_rows(&rows);

	output_init(&out);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf_release) struct buf value = { .max = SETTINGS_TEXT_MAX };

		if (changed && settings_is_default(s, i))
			continue;
		if (settings_value(s, i, &value) != 0)
			return EX_TEMPFAIL;
		row_text(output_row(&out), rows[i].name, buf_text(&value));
	}
	return output_answer(&out, true, EX_YES);
}

static int show_text(const struct settings *s, bool changed)
{
	AUTO(buf_release) struct buf text;

	buf_init(&text, SETTINGS_TEXT_MAX);
	if (settings_print(s, changed ? SETTINGS_CHANGED : SETTINGS_ALL, &text) != 0)
		return EX_TEMPFAIL;
	return fputs(buf_text(&text), stdout) >= 0 && fflush(stdout) == 0 ? EX_YES : EX_TEMPFAIL;
}

int show_config(const struct invocation *inv)
{
	bool changed = has(inv, OPTION_CHANGED);
	struct settings *s = load(inv);
	int status;

	if (s == NULL)
		return EX_CONFIG;
	status = has(inv, OPTION_JSON) ? show_json(s, changed) : show_text(s, changed);
	settings_free(s);
	return status;
}
