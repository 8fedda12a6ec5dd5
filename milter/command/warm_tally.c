#include "config.h"

#include "milter/command/warm_tally.h"

#include <string.h>

enum { NAMES_SHOWN = 100000 };

void warm_tally_init(struct warm_tally *t)
{
	*t = (struct warm_tally){ .held = json_array(), .failed = json_array() };
}

void warm_tally_release(struct warm_tally *t)
{
	json_decref(t->held);
	json_decref(t->failed);
	*t = (struct warm_tally){ 0 };
}

static const char *const names[WARM_CLASS_COUNT] = {
#define X(id, name) [WARM_##id] = name,
	WARM_CLASSES(X)
#undef X
};

const char *warm_class_name(enum warm_class class)
{
	return names[class];
}

int warm_class_from_name(const char *name)
{
	for (int i = 0; i < WARM_CLASS_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static const char *text_of(const json_t *result, const char *name)
{
	const char *text = json_string_value(json_object_get(result, name));

	return text != NULL ? text : "";
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

enum warm_class warm_class_of(const json_t *result)
{
	const char *knowledge = text_of(result, "knowledge"), *mode = text_of(result, "mode");

	if (json_is_true(json_object_get(result, "skipped")))
		return WARM_SKIPPED;
	if (strcmp(mode, "enforce") == 0)
		return WARM_ENFORCE;
	if (strcmp(mode, "testing") == 0)
		return WARM_TESTING;
	if (strcmp(mode, "none") == 0)
		return WARM_NONE;
	if (strcmp(knowledge, "no-policy") == 0 || strcmp(knowledge, "moot") == 0)
		return WARM_NO_POLICY;
	return WARM_FAILED;
}

/* Mail to it would not go now. */
static bool is_held(const json_t *result)
{
	const char *knowledge = text_of(result, "knowledge");

	return (begins(knowledge, "enforce-") && strcmp(knowledge, "enforce-passed") != 0) ||
	       begins(knowledge, "dane-");
}

static void name_it(json_t *rows, const json_t *result)
{
	static const char *const fields[] = { "domain", "knowledge", "reason", "mx" };
	json_t *row = json_object();

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_of(result, fields[i])[0] != '\0')
			json_object_set(row, fields[i], json_object_get(result, fields[i]));
	if (json_array_size(rows) < NAMES_SHOWN)
		json_array_append_new(rows, row);
	else
		json_decref(row);
}

enum warm_class warm_tally_add(struct warm_tally *t, const json_t *result)
{
	enum warm_class class = warm_class_of(result);

	t->counts[class]++;
	if (class == WARM_FAILED)
		name_it(t->failed, result);
	else if (class != WARM_SKIPPED && is_held(result))
		name_it(t->held, result);
	return class;
}

void warm_tally_show(const struct warm_tally *t, struct row row)
{
	json_t *lists = json_pack("{s:O, s:O}", "held", t->held, "failures", t->failed);

	row_number(row, "enforce", (int64_t)t->counts[WARM_ENFORCE]);
	row_number(row, "testing", (int64_t)t->counts[WARM_TESTING]);
	row_number(row, "none", (int64_t)t->counts[WARM_NONE]);
	row_number(row, "no_policy", (int64_t)t->counts[WARM_NO_POLICY]);
	row_number(row, "skipped", (int64_t)t->counts[WARM_SKIPPED]);
	row_number(row, "failed", (int64_t)t->counts[WARM_FAILED]);
	row_object(row, lists);
	json_decref(lists);
}
