#include "config.h"

#include "milter/command/ask.h"

#include "common/base/cleanup.h"
#include "milter/command/output.h"
#include "milter/shared/settings_file.h"

#include <unistd.h>

static const char *config_of(const struct invocation *inv)
{
	const char *given = inv->values[OPTION_CONFIG];

	return given != NULL ? given : SETTINGS_FILE;
}

/* Where the daemon listens: --socket, else the configuration, else (no file at its usual place) the default. */
int ask_settings(const struct invocation *inv, struct settings **ret)
{
	AUTO(buf_release) struct buf error = { .max = 4096 };
	const char *path = config_of(inv);

	if (inv->values[OPTION_SOCKET] != NULL ||
	    (inv->values[OPTION_CONFIG] == NULL && access(path, F_OK) != 0)) {
		*ret = settings_defaults();
		return *ret != NULL ? EX_OK : EX_TEMPFAIL;
	}
	if (settings_file_load(path, ret, &error) == 0)
		return EX_OK;
	complain("%s", buf_text(&error));
	return EX_CONFIG;
}

int ask_open(const struct invocation *inv, struct client **ret)
{
	struct settings *s = NULL;
	const char *given = inv->values[OPTION_SOCKET];
	int status = ask_settings(inv, &s);

	if (status == EX_OK)
		status = client_open(given != NULL ? given : s->control_socket, ret);
	settings_free(s);
	return status;
}

int ask_show(const struct invocation *inv, json_t *result, int status)
{
	AUTO(output_release) struct output out;

	output_init(&out);
	row_object(output_row(&out), result);
	json_decref(result);
	return output_answer(&out, inv->options & OPTION_BIT(OPTION_JSON), status);
}

int ask_once(const struct invocation *inv, json_t *request, json_t **ret)
{
	AUTO(client_closep) struct client *c = NULL;
	int status = ask_open(inv, &c);

	if (status == EX_OK)
		return client_ask(c, request, ret);
	json_decref(request);
	return status;
}

int ask_status(const struct invocation *inv)
{
	json_t *result = NULL;
	int status = ask_once(inv, json_pack("{s:s}", "verb", "status"), &result);

	return status == EX_OK ? ask_show(inv, result, EX_YES) : status;
}

int ask_query(const struct invocation *inv)
{
	json_t *result = NULL;
	bool known;
	int status;

	status =
		ask_once(inv, json_pack("{s:s, s:s}", "verb", "query", "nexthop", inv->operands[0]),
			 &result);
	if (status != EX_OK)
		return status;
	known = json_is_true(json_object_get(result, "known"));
	return ask_show(inv, result, known ? EX_YES : EX_NO);
}

int ask_flush(const struct invocation *inv)
{
	json_t *result = NULL;
	bool known;
	int status =
		ask_once(inv,
			 json_pack("{s:s, s:s, s:b}", "verb", "flush", "nexthop", inv->operands[0],
				   "policy", (inv->options & OPTION_BIT(OPTION_POLICY)) != 0),
			 &result);

	if (status != EX_OK)
		return status;
	known = json_is_true(json_object_get(result, "known"));
	return ask_show(inv, result, known ? EX_YES : EX_NO);
}
