#include "config.h"

#include "common/sts/settings_print.h"

#include "common/sts/settings_private.h"

#include <ctype.h>
#include <string.h>

enum { WRAP = 78 };

typedef int print_row(const struct settings *s, size_t i, struct buf *out);

/* "name = value"; nothing behind the sign when the value is empty. */
static int print_pair(const struct settings *s, size_t i, struct buf *out)
{
	int r = buf_addf(out, "%s =", setting_row(i)->name);
	size_t before;

	if (r == 0)
		r = buf_addc(out, ' ');
	before = out->n;
	if (r == 0)
		r = settings_value(s, i, out);
	if (r == 0 && out->n == before)
		out->n--;
	return r == 0 ? buf_addc(out, '\n') : r;
}

static int wrap_words(const char *prefix, const char *text, struct buf *out)
{
	struct span rest = span_of(text);
	size_t column = 0;
	int r = 0;

	while (rest.n > 0 && r == 0) {
		struct span word = rest;

		if (!span_until(&rest, ' ', rest.n, &word))
			rest.n = 0;
		if (column > 0 && column + 1 + word.n > WRAP) {
			r = buf_addc(out, '\n');
			column = 0;
		}
		if (r == 0)
			r = buf_adds(out, column == 0 ? prefix : " ");
		column += (column == 0 ? strlen(prefix) : 1) + word.n;
		if (r == 0)
			r = buf_add(out, word.p, word.n);
	}
	return r == 0 ? buf_addc(out, '\n') : r;
}

static int add_expected(size_t i, struct buf *out)
{
	struct buf text;
	int r;

	buf_init(&text, 512);
	r = setting_expected(setting_kind(i), setting_row(i), &text);
	if (r == 0)
		r = buf_addf(out, "%c%s", toupper((unsigned char)buf_text(&text)[0]),
			     buf_text(&text) + 1);
	buf_release(&text);
	return r;
}

static int print_sample(const struct settings *s, size_t i, struct buf *out)
{
	const struct setting_row *row = setting_row(i);
	struct buf expected;
	int r;

	(void)s;
	buf_init(&expected, 512);
	r = add_expected(i, &expected);
	if (r == 0)
		r = buf_addc(&expected, '.');
	if (r == 0)
		r = wrap_words("# ", row->doc, out);
	if (r == 0)
		r = wrap_words("# ", buf_text(&expected), out);
	if (r == 0)
		r = buf_addf(out, "#%s =%s%s\n\n", row->name, row->def[0] != '\0' ? " " : "",
			     row->def);
	buf_release(&expected);
	return r;
}

/* Text for a man page: a sentence a line, nothing that roff would take for itself. */
static int add_roff(const char *text, struct buf *out)
{
	bool line_start = true;
	int r = 0;

	for (const char *p = text; *p != '\0' && r == 0; p++) {
		bool ends = p > text && strchr(".?!", p[-1]) != NULL && *p == ' ';

		if (ends)
			r = buf_addc(out, '\n');
		else if (*p == '\\')
			r = buf_adds(out, "\\e");
		else if (line_start && (*p == '.' || *p == '\''))
			r = buf_addf(out, "\\&%c", *p);
		else
			r = buf_addc(out, *p);
		line_start = ends;
	}
	return r == 0 ? buf_addc(out, '\n') : r;
}

static int print_mdoc(const struct settings *s, size_t i, struct buf *out)
{
	const struct setting_row *row = setting_row(i);
	int r = buf_addf(out, ".It Ic %s\n", row->name);

	(void)s;
	if (r == 0)
		r = add_roff(row->doc, out);
	if (r == 0)
		r = add_expected(i, out);
	if (r == 0)
		r = buf_adds(out, ".\n");
	if (r == 0 && row->def[0] == '\0')
		r = buf_adds(out, "Default: empty.\n");
	else if (r == 0)
		r = buf_addf(out, "Default:\n.Ql %s .\n", row->def);
	return r;
}

static int begin_section(enum settings_form form, const char *section, struct buf *out)
{
	if (form == SETTINGS_MDOC)
		return buf_addf(out, ".Ss Section \\(lB%s\\(rB\n.Bl -tag -width Ds\n", section);
	return buf_addf(out, "%s[%s]\n", out->n > 0 && form != SETTINGS_SAMPLE ? "\n" : "",
			section);
}

static print_row *printer(enum settings_form form)
{
	switch (form) {
	case SETTINGS_SAMPLE:
		return print_sample;
	case SETTINGS_MDOC:
		return print_mdoc;
	default:
		return print_pair;
	}
}

int settings_print(const struct settings *s, enum settings_form form, struct buf *out)
{
	const char *section = NULL;
	int r = 0;

	for (size_t i = 0; i < SETTING_COUNT && r == 0; i++) {
		const struct setting_row *row = setting_row(i);

		if (form == SETTINGS_CHANGED && settings_is_default(s, i))
			continue;
		if (section == NULL || strcmp(section, row->section) != 0) {
			if (section != NULL && form == SETTINGS_MDOC)
				r = buf_adds(out, ".El\n");
			section = row->section;
			if (r == 0)
				r = begin_section(form, section, out);
		}
		if (r == 0)
			r = printer(form)(s, i, out);
	}
	return r == 0 && form == SETTINGS_MDOC ? buf_adds(out, ".El\n") : r;
}
