#include "config.h"

#include "milter/command/lint.h"

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "common/sts/policy.h"
#include "common/sts/record.h"
#include "milter/shared/input.h"
#include "milter/command/output.h"
#include "milter/command/txt_text.h"

#include <errno.h>
#include <string.h>

static bool json(const struct invocation *inv)
{
	return inv->options & OPTION_BIT(OPTION_JSON);
}

static int no_memory(void)
{
	complain("out of memory");
	return EX_TEMPFAIL;
}

static void add_remark(struct row_list list, size_t line, size_t column, const char *message)
{
	struct row row = list_row(list);

	row_number(row, "line", (int64_t)line);
	row_number(row, "column", (int64_t)column);
	row_text(row, "message", message);
}

static void add_remarks(struct row row, const char *name, const struct policy_remark *v, size_t n)
{
	struct row_list list = row_list(row, name);

	for (size_t i = 0; i < n; i++)
		add_remark(list, v[i].line, v[i].column, v[i].message);
}

static void show_policy(struct row row, const struct policy *p,
			const struct policy_remarks *remarks)
{
	struct row_list mx;

	row_text(row, "verdict", p != NULL ? "ok" : "invalid");
	row_text(row, "mode", p != NULL ? policy_mode_name(p->mode) : NULL);
	mx = row_list(row, "mx");
	for (size_t i = 0; p != NULL && i < p->n_mx; i++)
		list_text(mx, p->mx[i]);
	if (p != NULL)
		row_number(row, "max_age", p->max_age);
	else
		row_nothing(row, "max_age");
	add_remarks(row, "errors", remarks->errors, remarks->n_errors);
	add_remarks(row, "warnings", remarks->warnings, remarks->n_warnings);
}

static int unreadable(const char *path, int r)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;

	if (r == -EFBIG)
		complain("%s is larger than 64 KiB, the most that a policy may have", name);
	else
		complain("%s cannot be read: %s", name, strerror(-r));
	return EX_NOINPUT;
}

int lint_policy(const struct invocation *inv)
{
	AUTO(arena_release) struct arena arena;
	AUTO(buf_release) struct buf body;
	AUTO(policy_unrefp) struct policy *p = NULL;
	AUTO(output_release) struct output out;
	struct policy_remarks remarks;
	int r;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	buf_init(&body, LIMIT_POLICY_BODY);
	output_init(&out);
	r = input_read(inv->operands[0], LIMIT_POLICY_BODY, &body);
	if (r < 0)
		return unreadable(inv->operands[0], r);
	r = policy_parse(buf_span(&body), &arena, &p, &remarks);
	if (r < 0)
		return no_memory();
	show_policy(output_row(&out), p, &remarks);
	return output_answer(&out, json(inv), p != NULL ? EX_YES : EX_NO);
}

static const char *record_word(enum record_verdict verdict)
{
	switch (verdict) {
	case RECORD_OK:
		return "ok";
	case RECORD_NONE:
		return "none";
	case RECORD_MULTIPLE:
	case RECORD_INVALID:
		break;
	}
	return "invalid";
}

static void show_record(struct row row, const struct sts_record *record)
{
	const struct record_remark *e = &record->error;
	struct row_list errors, warnings;

	row_text(row, "verdict", record_word(record->verdict));
	row_text(row, "id", record->verdict == RECORD_OK ? record->id : NULL);
	errors = row_list(row, "errors");
	if (record->verdict != RECORD_OK)
		add_remark(errors, e->record, e->column, e->message);
	warnings = row_list(row, "warnings");
	for (size_t i = 0; i < record->n_warnings; i++)
		add_remark(warnings, record->warnings[i].record, record->warnings[i].column,
			   record->warnings[i].message);
}

static struct span as_typed(struct arena *arena, const char *text)
{
	AUTO(buf_release) struct buf joined;
	struct span copy = { 0 };

	buf_init(&joined, strlen(text));
	if (txt_text(text, &joined) == 0)
		copy = span_make(arena_strdup(arena, buf_span(&joined)), joined.n);
	return copy;
}

int lint_record(const struct invocation *inv)
{
	AUTO(arena_release) struct arena arena;
	AUTO(output_release) struct output out;
	struct sts_record record;
	struct span *records;

	arena_init(&arena, SIZE_MAX / 2); /* the kernel has bounded argv */
	output_init(&out);
	records = arena_array(&arena, inv->n_operands, sizeof(*records));
	for (size_t i = 0; records != NULL && i < inv->n_operands; i++) {
		records[i] = as_typed(&arena, inv->operands[i]);
		if (records[i].p == NULL)
			records = NULL;
	}
	if (records == NULL)
		return no_memory();
	record_select(records, inv->n_operands, &record);
	show_record(output_row(&out), &record);
	return output_answer(&out, json(inv), record.verdict == RECORD_OK ? EX_YES : EX_NO);
}
