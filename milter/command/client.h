/* client.h - one question to the daemon over its control socket
 *
 * LIMITS  Ten seconds; an answer of at most CLIENT_ANSWER_MAX octets.
 */
#ifndef MILTER_COMMAND_CLIENT_H
#define MILTER_COMMAND_CLIENT_H

#include <jansson.h>

enum { CLIENT_ANSWER_MAX = 8 << 20 };

/* request: one line without its end. EX_OK and a new reference to the "result" object; otherwise an exit status, and the reason has been
 * written to stderr: EX_UNAVAILABLE (no daemon), EX_NOPERM, EX_TEMPFAIL (no or no whole answer), EX_USAGE (the daemon refused). */
int client_ask(const char *socket_path, const char *request, json_t **ret);

#endif
