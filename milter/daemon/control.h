/* control.h - the socket on which the operator's command asks
 *
 * PURPOSE   One JSON object per line in, one per line out, as many as the client likes: {"verb":"query","nexthop":"example.com"} ->
 *           {"ok":true,"result":{...}} or {"ok":false,"error":"...","status":64}. status is what the command exits with (sysexits.h).
 *           The verbs and their fields: control_answer.c.
 * THREADS   One event loop of its own. A verb may read or write a few rows of the store; what takes longer is started and asked about again.
 * LIMITS    LIMIT_CONTROL_LINE octets per request, CONTROL_CLIENTS clients (more wait to be accepted), CONTROL_PATIENCE seconds for each
 *           whole request, for taking each answer, and between the two. A client's next request is read when it has taken its answer.
 * ERRORS    A line that is no request is answered so; after one that is too long or has no end the connection is closed as well.
 */
#ifndef MILTER_DAEMON_CONTROL_H
#define MILTER_DAEMON_CONTROL_H

#include "milter/daemon/describe.h"
#include "milter/daemon/identity.h"

enum { CONTROL_CLIENTS = 64, CONTROL_PATIENCE = 5 };

struct control;

/* Binds the socket with its owner and permissions; before privileges are dropped. NULL with a sentence in error. */
struct control *control_open(const struct settings *s, const struct identity *id,
			     struct buf *error);

/* Answers from now on. 0 or -1. */
int control_start(struct control *c, const struct sources *sources);

struct control *control_close(struct control *c); /* NULL in: no-op; returns NULL */

/* The answer to one request line, without its end. uid: who asks; -1: unknown. The caller frees the text; NULL: no memory. Fuzzed. */
char *control_answer(const struct sources *sources, int64_t uid, struct span request);

#endif
