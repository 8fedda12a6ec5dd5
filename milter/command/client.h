/* client.h - a conversation with the daemon over its control socket
 *
 * PURPOSE   Open, ask, ask, close. What goes wrong is said on stderr here, once; the caller passes the exit status on.
 * OWNERSHIP client_close() frees; the objects that are given and received are jansson references.
 * LIMITS    Ten seconds per answer, LIMIT_CONTROL_LINE octets per request, CLIENT_ANSWER_MAX per answer. The daemon hangs up on a client
 *           that is silent; after a second of silence the connection is made anew, so a caller may take its time.
 * ERRORS    EX_OK; EX_UNAVAILABLE (no daemon), EX_NOPERM, EX_TEMPFAIL (no or no whole answer), or what the daemon refused with.
 */
#ifndef MILTER_COMMAND_CLIENT_H
#define MILTER_COMMAND_CLIENT_H

#include <jansson.h>

enum { CLIENT_ANSWER_MAX = 8 << 20 };

struct client;

int client_open(const char *socket_path, struct client **ret);
struct client *client_close(struct client *c); /* NULL in: no-op; returns NULL */
void client_closep(struct client **c);

/* Takes request, which may be NULL: json_pack() gives that for text that is not UTF-8, and EX_USAGE says so. ret: the "result" object. */
int client_ask(struct client *c, json_t *request, json_t **ret);

#endif
