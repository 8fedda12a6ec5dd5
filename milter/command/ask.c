#include "config.h"

#include "milter/command/ask.h"

#include "common/base/cleanup.h"
#include "milter/command/client.h"
#include "milter/command/output.h"
#include "milter/shared/settings_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *config_of(const struct invocation *inv)
{
	const char *given = inv->values[OPTION_CONFIG];

	return given != NULL ? given : SETTINGS_FILE;
}

/* Where the daemon listens: --socket, else the configuration, else (no file at its usual place) the default. */
static int load(const struct invocation *inv, struct settings **ret)
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

static int ask(const struct invocation *inv, const char *request, json_t **ret)
{
	struct settings *s = NULL;
	const char *given = inv->values[OPTION_SOCKET];
	int status = load(inv, &s);

	if (status == EX_OK)
		status = client_ask(given != NULL ? given : s->control_socket, request, ret);
	settings_free(s);
	return status;
}

static int show(const struct invocation *inv, json_t *result, int status)
{
	AUTO(output_release) struct output out;

	output_init(&out);
	row_object(output_row(&out), result);
	json_decref(result);
	return output_answer(&out, inv->options & OPTION_BIT(OPTION_JSON), status);
}

int ask_status(const struct invocation *inv)
{
	json_t *result = NULL;
	int status = ask(inv, "status", &result);

	return status == EX_OK ? show(inv, result, EX_YES) : status;
}

int ask_query(const struct invocation *inv)
{
	char request[LIMIT_CONTROL_LINE];
	json_t *result = NULL;
	bool known;
	int status, n = snprintf(request, sizeof(request), "query %s", inv->operands[0]);

	if (n < 0 || (size_t)n >= sizeof(request) || strpbrk(request, "\r\n") != NULL) {
		complain("that is no domain name");
		return EX_USAGE;
	}
	status = ask(inv, request, &result);
	if (status != EX_OK)
		return status;
	known = json_is_true(json_object_get(result, "known"));
	return show(inv, result, known ? EX_YES : EX_NO);
}
