#include "config.h"

#include "milter/command/output.h"

#include "common/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void output_init(struct output *out)
{
	*out = (struct output){ .root = json_object() };
	out->failed = out->root == NULL;
}

void output_release(struct output *out)
{
	json_decref(out->root);
	*out = (struct output){ 0 };
}

struct row output_row(struct output *out)
{
	return (struct row){ out, out->root };
}

/* Takes value. jansson accepts NULL for either and says that it failed. */
static json_t *set(struct row row, const char *name, json_t *value)
{
	if (json_object_set_new(row.fields, name, value) < 0) {
		row.out->failed = true;
		return NULL;
	}
	return value;
}

static json_t *append(struct row_list list, json_t *value)
{
	if (json_array_append_new(list.items, value) < 0) {
		list.out->failed = true;
		return NULL;
	}
	return value;
}

/* JSON is UTF-8: other bytes are written as a person would see them. */
static json_t *string_of(struct span text)
{
	json_t *value = json_stringn(text.n > 0 ? text.p : "", text.n);
	size_t size = text.n * 4 + 1;
	char *escaped;

	if (value != NULL)
		return value;
	escaped = malloc(size);
	if (escaped == NULL)
		return NULL;
	value = json_string(text_printable(text, escaped, size));
	free(escaped);
	return value;
}

void row_text(struct row row, const char *name, const char *text)
{
	set(row, name, text != NULL ? string_of(span_of(text)) : json_null());
}

void row_span(struct row row, const char *name, struct span text)
{
	set(row, name, string_of(text));
}

void row_number(struct row row, const char *name, int64_t number)
{
	set(row, name, json_integer(number));
}

void row_truth(struct row row, const char *name, bool truth)
{
	set(row, name, json_boolean(truth));
}

void row_nothing(struct row row, const char *name)
{
	set(row, name, json_null());
}

void row_object(struct row row, json_t *object)
{
	if (json_object_update(row.fields, object) < 0)
		row.out->failed = true;
}

struct row row_row(struct row row, const char *name)
{
	return (struct row){ row.out, set(row, name, json_object()) };
}

struct row_list row_list(struct row row, const char *name)
{
	return (struct row_list){ row.out, set(row, name, json_array()) };
}

void list_text(struct row_list list, const char *text)
{
	append(list, string_of(span_of(text)));
}

struct row list_row(struct row_list list)
{
	return (struct row){ list.out, append(list, json_object()) };
}

void output_printable(struct span text, FILE *to)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x20 && c < 0x7f)
			putc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
}

static void print_scalar(const json_t *value, FILE *to)
{
	if (json_is_string(value))
		output_printable(span_make(json_string_value(value), json_string_length(value)),
				 to);
	else if (json_is_integer(value))
		fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", to);
	else
		putc('-', to);
}

/* As a value of key=value: in quotes where a reader could lose the end of it. */
static void print_value(const json_t *value, FILE *to)
{
	const char *text = json_string_value(value);

	if (text == NULL || (text[0] != '\0' && strpbrk(text, " \"=,") == NULL)) {
		print_scalar(value, to);
		return;
	}
	putc('"', to);
	for (size_t i = 0; i < json_string_length(value); i++) {
		if (text[i] == '"')
			fputs("\\x22", to);
		else
			output_printable(span_make(text + i, 1), to);
	}
	putc('"', to);
}

static bool is_scalar(const json_t *value)
{
	return !json_is_array(value) && !json_is_object(value);
}

static void print_fields(json_t *fields, int indent, FILE *to);

/* A row of a list: its plain fields on one line, what is nested below it. */
static void print_item(json_t *fields, int indent, FILE *to)
{
	const char *name, *between = "";
	json_t *value, *nested = json_object();

	fprintf(to, "%*s", indent, "");
	json_object_foreach(fields, name, value)
	{
		if (!is_scalar(value)) {
			json_object_set(nested, name, value);
			continue;
		}
		fprintf(to, "%s%s=", between, name);
		print_value(value, to);
		between = " ";
	}
	putc('\n', to);
	print_fields(nested, indent + 2, to);
	json_decref(nested);
}

static void print_list(const char *name, json_t *items, int indent, FILE *to)
{
	bool rows = json_is_object(json_array_get(items, 0));
	json_t *item;
	size_t i;

	if (json_array_size(items) == 0)
		fprintf(to, "%*s%s: -\n", indent, "", name);
	if (rows)
		fprintf(to, "%*s%s:\n", indent, "", name);
	json_array_foreach(items, i, item)
	{
		if (rows) {
			print_item(item, indent + 2, to);
			continue;
		}
		fprintf(to, "%*s%s: ", indent, "", name);
		print_scalar(item, to);
		putc('\n', to);
	}
}

static void print_fields(json_t *fields, int indent, FILE *to)
{
	const char *name;
	json_t *value;

	json_object_foreach(fields, name, value)
	{
		if (json_is_array(value)) {
			print_list(name, value, indent, to);
		} else if (json_is_object(value)) {
			fprintf(to, "%*s%s:\n", indent, "", name);
			print_fields(value, indent + 2, to);
		} else {
			fprintf(to, "%*s%s: ", indent, "", name);
			print_scalar(value, to);
			putc('\n', to);
		}
	}
}

/* jansson leaves DEL as it is; it can only stand inside a string. */
static int write_json(const char *p, size_t n, void *to)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\x7f')
			fputs("\\u007F", to);
		else
			putc(p[i], to);
	}
	return ferror((FILE *)to) ? -1 : 0;
}

int output_json(const json_t *row, FILE *to)
{
	errno = 0;
	if (json_dump_callback(row, write_json, to, JSON_COMPACT | JSON_ENSURE_ASCII) < 0)
		return errno != 0 ? -errno : -ENOMEM;
	return putc('\n', to) != EOF ? 0 : -EIO;
}

int output_print(const struct output *out, bool json, FILE *to)
{
	if (out->failed)
		return -ENOMEM;
	errno = 0;
	if (json) {
		int r = output_json(out->root, to);

		if (r < 0)
			return r;
	} else {
		print_fields(out->root, 0, to);
	}
	if (fflush(to) != 0 || ferror(to))
		return errno != 0 ? -errno : -EIO;
	return 0;
}

int output_answer(const struct output *out, bool json, int status)
{
	int r = output_print(out, json, stdout);

	if (r == 0)
		return status;
	complain("the answer could not be written: %s", strerror(-r));
	return EX_TEMPFAIL;
}

void complain(const char *format, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fputs("mta-sts: ", stderr);
	output_printable(span_of(text), stderr);
	putc('\n', stderr);
}
