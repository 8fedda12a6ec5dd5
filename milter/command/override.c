#include "config.h"

#include "milter/command/override.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "milter/command/ask.h"

static const char *value_of(const struct invocation *inv, enum option_id id)
{
	return inv->values[id] != NULL ? inv->values[id] : "";
}

static int ask_and_show(const struct invocation *inv, json_t *request)
{
	json_t *result = NULL;
	int status = ask_once(inv, request, &result);

	return status == EX_OK ? ask_show(inv, result, EX_YES) : status;
}

int override_add(const struct invocation *inv)
{
	AUTO(buf_release) struct buf mx = { .max = 1 << 16 };

	for (size_t i = 0; i < inv->n_many; i++)
		buf_addf(&mx, "%s%s", i > 0 ? " " : "", inv->many[i]);
	return ask_and_show(inv, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "verb",
					   "override-add", "domain", inv->operands[0], "mode",
					   value_of(inv, OPTION_MODE), "until",
					   value_of(inv, OPTION_UNTIL), "reason",
					   value_of(inv, OPTION_REASON), "owner",
					   value_of(inv, OPTION_OWNER), "mx", buf_text(&mx)));
}

int override_remove(const struct invocation *inv)
{
	return ask_and_show(inv, json_pack("{s:s, s:s}", "verb", "override-remove", "domain",
					   inv->operands[0]));
}

/* Adds one answer's rows to those that there are already. *ret_next: what to ask for next; 0: that was all. */
static int ask_page(struct client *c, const struct invocation *inv, json_t *rows, json_int_t *next)
{
	json_t *result = NULL;
	json_int_t before = *next;
	int status = client_ask(c,
				json_pack("{s:s, s:s, s:b, s:I}", "verb", "override-list", "domain",
					  inv->n_operands > 0 ? inv->operands[0] : "", "all",
					  (inv->options & OPTION_BIT(OPTION_ALL)) != 0, "before",
					  before),
				&result);

	if (status != EX_OK)
		return status;
	*next = json_integer_value(json_object_get(result, "next"));
	if (before != 0 && *next >= before)
		*next = 0;
	json_array_extend(rows, json_object_get(result, "overrides"));
	json_decref(result);
	return EX_OK;
}

int override_list(const struct invocation *inv)
{
	AUTO(client_closep) struct client *c = NULL;
	json_t *rows = json_array();
	int status = ask_open(inv, &c);
	json_int_t next = 0;
	bool any;

	do {
		if (status == EX_OK)
			status = ask_page(c, inv, rows, &next);
	} while (status == EX_OK && next != 0);
	if (status != EX_OK) {
		json_decref(rows);
		return status;
	}
	any = json_array_size(rows) > 0;
	return ask_show(inv, json_pack("{s:o}", "overrides", rows), any ? EX_YES : EX_NO);
}
