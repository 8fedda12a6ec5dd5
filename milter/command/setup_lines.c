#include "config.h"

#include "milter/command/setup_lines.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "milter/command/output.h"
#include "milter/command/table.h"

#include <stdarg.h>
#include <string.h>

enum { MEMORY = 1 << 20, LINE_MOST = 4000 };

void setup_lines_init(struct setup_lines *l)
{
	*l = (struct setup_lines){ .n = 0 };
	arena_init(&l->arena, MEMORY);
}

void setup_lines_release(struct setup_lines *l)
{
	arena_release(&l->arena);
}

static void add(struct setup_lines *l, enum setup_line kind, const char *where, const char *text)
{
	if (l->n == SETUP_LINES || text == NULL) {
		l->failed = true;
		return;
	}
	l->v[l->n].kind = kind;
	l->v[l->n].where = where;
	l->v[l->n++].text = text;
}

void setup_setting(struct setup_lines *l, const char *section, const char *name, const char *value)
{
	add(l, LINE_SETTING, section, arena_printf(&l->arena, "%s = %s", name, value));
}

__attribute__((format(printf, 4, 0))) static void add_formatted(struct setup_lines *l,
								enum setup_line kind,
								const char *where,
								const char *format, va_list ap)
{
	char text[LINE_MOST];
	int n = vsnprintf(text, sizeof(text), format, ap);

	add(l, kind, where,
	    n >= 0 && (size_t)n < sizeof(text) ? arena_strdup(&l->arena, span_of(text)) : NULL);
}

void setup_command(struct setup_lines *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_formatted(l, LINE_COMMAND, "", format, ap);
	va_end(ap);
}

void setup_text(struct setup_lines *l, const char *where, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_formatted(l, LINE_TEXT, where, format, ap);
	va_end(ap);
}

void setup_note(struct setup_lines *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_formatted(l, LINE_NOTE, "", format, ap);
	va_end(ap);
}

static void print_line(const char *before, const char *text)
{
	fputs(before, stdout);
	output_printable(span_of(text), stdout);
	putchar('\n');
}

static bool has(const struct setup_lines *l, enum setup_line kind)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == kind)
			return true;
	return false;
}

/* One part of the text: the lines of one kind, under the names of where they belong. */
static void print_part(const struct setup_lines *l, enum setup_line kind, const char *heading,
		       const char *(*place)(const char *, struct buf *))
{
	AUTO(buf_release) struct buf b = { .max = LINE_MOST };
	const char *where = "";

	if (!has(l, kind))
		return;
	print_line("\n# ", heading);
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].kind != kind)
			continue;
		if (strcmp(l->v[i].where, where) != 0) {
			where = l->v[i].where;
			print_line("", place(where, &b));
		}
		print_line(kind == LINE_NOTE ? "# " : "", l->v[i].text);
	}
}

static const char *place_section(const char *where, struct buf *b)
{
	buf_clear(b);
	buf_addf(b, "[%s]", where);
	return buf_text(b);
}

static const char *place_file(const char *where, struct buf *b)
{
	buf_clear(b);
	buf_addf(b, "# %s", where);
	return buf_text(b);
}

static int print_json(const struct setup_lines *l, const char *mta, const char *version,
		      const char *config)
{
	AUTO(output_release) struct output out;
	struct row_list settings, texts, commands, notes;

	output_init(&out);
	row_text(output_row(&out), "mta", mta);
	row_text(output_row(&out), "version", version);
	row_text(output_row(&out), "configuration", config);
	settings = row_list(output_row(&out), "settings");
	texts = row_list(output_row(&out), "lines");
	commands = row_list(output_row(&out), "commands");
	notes = row_list(output_row(&out), "notes");
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].kind == LINE_COMMAND || l->v[i].kind == LINE_NOTE) {
			list_text(l->v[i].kind == LINE_COMMAND ? commands : notes, l->v[i].text);
			continue;
		}
		struct row row = list_row(l->v[i].kind == LINE_SETTING ? settings : texts);

		row_text(row, l->v[i].kind == LINE_SETTING ? "section" : "file", l->v[i].where);
		row_text(row, "line", l->v[i].text);
	}
	return output_answer(&out, true, EX_YES);
}

int setup_lines_print(const struct setup_lines *l, const char *mta, const char *version,
		      const char *title, const char *config, bool json)
{
	if (l->failed) {
		complain("out of memory");
		return EX_TEMPFAIL;
	}
	if (json)
		return print_json(l, mta, version, config);
	print_line("# ", title);
	print_part(l, LINE_SETTING, config, place_section);
	print_part(l, LINE_TEXT, "in the MTA's configuration", place_file);
	print_part(l, LINE_COMMAND, "as root", place_file);
	print_part(l, LINE_NOTE, "notes", place_file);
	return fflush(stdout) == 0 && !ferror(stdout) ? EX_YES : EX_TEMPFAIL;
}
