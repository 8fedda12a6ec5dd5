#include "config.h"

#include "common/sts/settings.h"

#include "common/base/cleanup.h"
#include "common/base/distance.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/sts/settings_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHY_MAX = 1000, QUOTED_MAX = 64, FILE_NAME_MAX = 256 };

struct parser {
	const char *file;
	unsigned line;
	const char *section; /* NULL before the first one */
	struct settings *settings;
	unsigned given[SETTING_COUNT]; /* the line in which a setting was given; 0: nowhere yet */
	struct buf why;
};

/* A word of the file as it may stand in a message. */
struct quoted {
	char text[QUOTED_MAX];
};

static struct quoted quote(struct span word)
{
	struct quoted q;

	text_printable(word, q.text, sizeof(q.text));
	return q;
}

__attribute__((format(printf, 2, 3))) static int fail(struct parser *p, const char *format, ...)
{
	char text[WHY_MAX];
	va_list ap;
	int r;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	r = buf_adds(&p->why, text);
	return r == -ENOMEM ? r : SETTINGS_INVALID;
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static int check_bytes(struct parser *p, struct span line, bool comment)
{
	size_t at;

	if (line.n > LIMIT_CONFIG_LINE)
		return fail(p, "the line is %zu bytes long, expected at most %d", line.n,
			    LIMIT_CONFIG_LINE);
	for (size_t i = 0; i < line.n; i++)
		if (is_control(line.p[i]))
			return fail(p, "control byte \\x%02x in column %zu, expected text",
				    (unsigned char)line.p[i], i + 1);
	/* Comments may be in whatever character set their writer uses. */
	if (!comment && !utf8_is_text(line, &at))
		return fail(p, "byte \\x%02x in column %zu, expected text in ASCII or UTF-8",
			    (unsigned char)line.p[at], at + 1);
	return 0;
}

static bool first_of_section(size_t i)
{
	return i == 0 || strcmp(setting_row(i)->section, setting_row(i - 1)->section) != 0;
}

static int unknown_section(struct parser *p, struct span name)
{
	const char *nearest = NULL;
	unsigned least = DISTANCE_FAR;
	char list[256] = "";

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *known = setting_row(i)->section;
		unsigned d = distance_between(name, span_of(known));
		size_t used = strlen(list);

		if (!first_of_section(i))
			continue;
		snprintf(list + used, sizeof(list) - used, "%s[%s]", used > 0 ? ", " : "", known);
		if (d < least) {
			least = d;
			nearest = known;
		}
	}
	if (nearest != NULL && distance_is_slip(least, span_of(nearest)))
		return fail(p, "unknown section [%s], expected [%s] perhaps", quote(name).text,
			    nearest);
	return fail(p, "unknown section [%s], expected one of %s", quote(name).text, list);
}

static int parse_section(struct parser *p, struct span line)
{
	struct span name;

	if (line.p[line.n - 1] != ']')
		return fail(p, "\"%s\" is no section, expected [SECTION] alone on its line",
			    quote(line).text);
	name = span_trim(span_make(line.p + 1, line.n - 2));
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (span_eq(name, setting_row(i)->section)) {
			p->section = setting_row(i)->section;
			return 0;
		}
	}
	return unknown_section(p, name);
}

static bool in_section(const struct parser *p, size_t i)
{
	return p->section != NULL && strcmp(setting_row(i)->section, p->section) == 0;
}

static size_t nearest_setting(struct span name)
{
	size_t nearest = SETTING_COUNT;
	unsigned least = DISTANCE_FAR;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct span known = span_of(setting_row(i)->name);
		unsigned d = distance_between(name, known);

		if (distance_is_slip(d, known) && d < least) {
			least = d;
			nearest = i;
		}
	}
	return nearest;
}

/* The name is not known in the section where it stands. */
static int misplaced(struct parser *p, struct span name)
{
	size_t i = nearest_setting(name);
	const struct setting_row *row = i < SETTING_COUNT ? setting_row(i) : NULL;
	struct quoted q = quote(name);
	char where[64] = "before any section";

	if (p->section != NULL)
		snprintf(where, sizeof(where), "in [%s]", p->section);
	if (row == NULL)
		return fail(p, "unknown setting \"%s\" %s, expected one of mta-sts.conf(5)", q.text,
			    where);
	if (span_eq(name, row->name))
		return fail(p, "\"%s\" stands %s, expected it in [%s]", q.text, where,
			    row->section);
	if (in_section(p, i))
		return fail(p, "unknown setting \"%s\" %s, expected \"%s\" perhaps", q.text, where,
			    row->name);
	return fail(p, "unknown setting \"%s\" %s, expected \"%s\" in [%s] perhaps", q.text, where,
		    row->name, row->section);
}

static int bad_value(struct parser *p, size_t i, struct span value, struct span bad)
{
	int r;

	if (value.n == 0)
		r = fail(p, "%s has no value, expected ", setting_row(i)->name);
	else
		r = fail(p, "bad value \"%s\" for %s, expected ", quote(bad).text,
			 setting_row(i)->name);
	if (r == SETTINGS_INVALID &&
	    setting_expected(setting_kind(i), setting_row(i), &p->why) == -ENOMEM)
		return -ENOMEM;
	return r;
}

/* Habits from other files that would silently become part of the value. */
static int check_habits(struct parser *p, struct span value)
{
	for (size_t i = 1; i < value.n; i++)
		if ((value.p[i] == '#' || value.p[i] == ';') &&
		    (value.p[i - 1] == ' ' || value.p[i - 1] == '\t'))
			return fail(
				p, "\"%c\" behind a value, expected comments on lines of their own",
				value.p[i]);
	if (value.n > 0 && (value.p[0] == '"' || value.p[0] == '\''))
		return fail(p, "the value begins with a quotation mark, expected it without");
	return 0;
}

static int parse_pair(struct parser *p, struct span line)
{
	struct span value = line, name, bad = { 0 };
	size_t i = 0;
	int r;

	if (!span_until(&value, '=', value.n, &name))
		return fail(p, "\"%s\" has no \"=\", expected NAME = VALUE", quote(line).text);
	name = span_trim(name);
	value = span_trim(value);
	while (i < SETTING_COUNT && !(in_section(p, i) && span_eq(name, setting_row(i)->name)))
		i++;
	if (i == SETTING_COUNT)
		return misplaced(p, name);
	if (p->given[i] != 0)
		return fail(p, "%s was given in line %u already, expected it once",
			    setting_row(i)->name, p->given[i]);
	p->given[i] = p->line;
	r = check_habits(p, value);
	if (r != 0)
		return r;
	r = settings_set(p->settings, i, value, &bad);
	return r == SETTINGS_INVALID ? bad_value(p, i, value, bad) : r;
}

static int parse_line(struct parser *p, struct span line)
{
	struct span text = span_trim(line);
	bool comment = text.n > 0 && (text.p[0] == '#' || text.p[0] == ';');
	int r = check_bytes(p, line, comment);

	if (r != 0 || text.n == 0 || comment)
		return r;
	if (text.p != line.p)
		return fail(
			p,
			"the line begins with a blank, expected NAME = VALUE from its first column "
			"(lines are not continued)");
	return text.p[0] == '[' ? parse_section(p, text) : parse_pair(p, text);
}

static int parse_text(struct parser *p, struct span text)
{
	size_t rows[2];
	struct span line;
	int r = 0;

	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_make(text.p + 3, text.n - 3);
	while (r == 0 && span_line(&text, &line)) {
		p->line++;
		r = parse_line(p, line);
	}
	if (r != 0)
		return r;
	r = settings_check(p->settings, rows, &p->why);
	/* The later of the two lines is where somebody has just been at work. */
	if (r == SETTINGS_INVALID)
		p->line = p->given[rows[0]] > p->given[rows[1]] ? p->given[rows[0]]
								: p->given[rows[1]];
	return r;
}

static int report(const struct parser *p, struct buf *error)
{
	char file[FILE_NAME_MAX];
	int r;

	text_printable(span_of(p->file), file, sizeof(file));
	r = buf_addf(error, "%s:%u: %s", file, p->line, buf_text(&p->why));
	return r == -ENOMEM ? r : SETTINGS_INVALID;
}

int settings_parse(struct span text, const char *file, struct settings **ret, struct buf *error)
{
	struct parser p = { .file = file, .settings = settings_defaults() };
	int r;

	if (p.settings == NULL)
		return -ENOMEM;
	buf_init(&p.why, WHY_MAX);
	r = parse_text(&p, text);
	if (r == SETTINGS_INVALID)
		r = report(&p, error);
	buf_release(&p.why);
	if (r == 0)
		*ret = TAKE(p.settings);
	settings_free(p.settings);
	return r;
}
