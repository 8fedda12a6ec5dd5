/* ask.h - verbs that ask the running daemon, and what such verbs share
 *
 * ERRORS Exit statuses; what went wrong has been written to stderr. Requests and results: client.h.
 */
#ifndef MILTER_COMMAND_ASK_H
#define MILTER_COMMAND_ASK_H

#include "common/sts/settings.h"
#include "milter/command/client.h"
#include "milter/command/table.h"

/* The configuration that --socket does not make unnecessary: without a file at its usual place the defaults. */
int ask_settings(const struct invocation *inv, struct settings **ret);

/* Where --socket or the configuration says. The caller closes. */
int ask_open(const struct invocation *inv, struct client **ret);

/* Open, ask, close. Takes request. */
int ask_once(const struct invocation *inv, json_t *request, json_t **ret);

/* Prints a result as text or JSON and takes it; returns status, or EX_TEMPFAIL when that fails. */
int ask_show(const struct invocation *inv, json_t *result, int status);

int ask_status(const struct invocation *inv);
int ask_query(const struct invocation *inv);
int ask_flush(const struct invocation *inv);

#endif
