#include "config.h"

#include "common/sts/settings_print.h"

#include "common/sts/settings_private.h"

#include <string.h>

enum { WRAP = 78, EXPECTED_MAX = 512 };

/* Where text goes; after the first error nothing more is written. */
struct page {
	const struct settings *settings;
	struct buf *out;
	int error;
};

static void put_bytes(struct page *p, struct span text)
{
	if (p->error == 0)
		p->error = buf_add(p->out, text.p, text.n);
}

static void put(struct page *p, const char *text)
{
	put_bytes(p, span_of(text));
}

static void put_line(struct page *p, const char *before, const char *text, const char *after)
{
	put(p, before);
	put(p, text);
	put(p, after);
}

/* "name = value"; nothing behind the sign when the value is empty. */
static void print_pair(struct page *p, size_t i)
{
	struct buf value;

	buf_init(&value, SETTINGS_TEXT_MAX);
	if (p->error == 0)
		p->error = settings_value(p->settings, i, &value);
	put_line(p, setting_row(i)->name, value.n > 0 ? " = " : " =", "");
	put_line(p, "", buf_text(&value), "\n");
	buf_release(&value);
}

static bool ends_sentence(struct span word)
{
	return word.n > 0 && strchr(".?!", word.p[word.n - 1]) != NULL;
}

/* A word of a man page; nothing that roff would take for itself. */
static void put_roff(struct page *p, struct span word, bool line_start)
{
	struct span piece;

	if (line_start && (span_starts(word, ".") || span_starts(word, "'")))
		put(p, "\\&");
	while (span_until(&word, '\\', word.n, &piece)) {
		put_bytes(p, piece);
		put(p, "\\e");
	}
	put_bytes(p, word);
}

/* Lines of at most WRAP bytes. With a prefix they are comments; without one they are roff, a
 * sentence a line. */
static void put_wrapped(struct page *p, const char *prefix, const char *text)
{
	bool roff = prefix[0] == '\0', new_line = true;
	struct span rest = span_of(text);
	size_t column = 0;

	while (rest.n > 0) {
		struct span word = rest;

		if (!span_until(&rest, ' ', rest.n, &word))
			rest.n = 0;
		if (!new_line && column + 1 + word.n > WRAP) {
			put(p, "\n");
			new_line = true;
		}
		put(p, new_line ? prefix : " ");
		column = (new_line ? strlen(prefix) : column + 1) + word.n;
		if (roff)
			put_roff(p, word, new_line);
		else
			put_bytes(p, word);
		new_line = roff && ends_sentence(word) && rest.n > 0;
		if (new_line)
			put(p, "\n");
	}
	put(p, "\n");
}

/* "Value: a whole number from 1 to 1000." */
static void put_expected(struct page *p, const char *prefix, size_t i)
{
	struct buf value;

	buf_init(&value, EXPECTED_MAX);
	if (p->error == 0)
		p->error = buf_adds(&value, "Value: ");
	if (p->error == 0)
		p->error = setting_expected(setting_kind(i), setting_row(i), &value);
	if (p->error == 0)
		p->error = buf_addc(&value, '.');
	put_wrapped(p, prefix, buf_text(&value));
	buf_release(&value);
}

static void print_sample(struct page *p, size_t i)
{
	const struct setting_row *row = setting_row(i);

	put_wrapped(p, "# ", row->doc);
	put_expected(p, "# ", i);
	put_line(p, "#", row->name, row->def[0] != '\0' ? " = " : " =");
	put_line(p, "", row->def, "\n\n");
}

static void print_mdoc(struct page *p, size_t i)
{
	const struct setting_row *row = setting_row(i);

	put_line(p, ".It Ic ", row->name, "\n");
	put_wrapped(p, "", row->doc);
	put(p, ".br\n");
	put_expected(p, "", i);
	if (row->def[0] != '\0')
		put_line(p, "Default:\n.Ql \"", row->def, "\" .\n");
	else
		put(p, "Default: nothing.\n");
}

static void begin_section(struct page *p, enum settings_form form, size_t i, bool first)
{
	const char *section = setting_row(i)->section;

	if (form == SETTINGS_MDOC) {
		put(p, first ? "" : ".El\n");
		put_line(p, ".Ss Section \\(lB", section, "\\(rB\n.Bl -tag -width Ds\n");
		return;
	}
	put(p, first || form == SETTINGS_SAMPLE ? "" : "\n");
	put_line(p, "[", section, "]\n");
}

static void print_row(struct page *p, enum settings_form form, size_t i)
{
	switch (form) {
	case SETTINGS_SAMPLE:
		print_sample(p, i);
		break;
	case SETTINGS_MDOC:
		print_mdoc(p, i);
		break;
	default:
		print_pair(p, i);
		break;
	}
}

int settings_print(const struct settings *s, enum settings_form form, struct buf *out)
{
	struct page p = { .settings = s, .out = out };
	const char *section = NULL;

	if (form == SETTINGS_SAMPLE)
		put(&p,
		    "# Configuration of mta-sts-milter(8), explained in mta-sts.conf(5).\n"
		    "# Every setting stands here at its default, commented out.\n"
		    "# mta-sts-milter -t checks this file; it is read when the daemon starts.\n\n");
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = setting_row(i);

		if (form == SETTINGS_CHANGED && settings_is_default(s, i))
			continue;
		if (section == NULL || strcmp(section, row->section) != 0)
			begin_section(&p, form, i, section == NULL);
		section = row->section;
		print_row(&p, form, i);
	}
	if (form == SETTINGS_MDOC)
		put(&p, ".El\n");
	return p.error;
}
