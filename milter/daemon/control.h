/* control.h - the socket on which the operator's command asks
 *
 * PURPOSE   One request line in ("status", "query NEXTHOP"), one JSON object out, then the connection is closed:
 *           {"ok":true,"result":{...}} or {"ok":false,"error":"..."}.
 * THREADS   One event loop of its own. A query may read one row from the store; nothing else blocks.
 * LIMITS    LIMIT_CONTROL_LINE, CONTROL_CLIENTS, five seconds per client.
 */
#ifndef MILTER_DAEMON_CONTROL_H
#define MILTER_DAEMON_CONTROL_H

#include "milter/daemon/describe.h"
#include "milter/daemon/identity.h"

enum { CONTROL_CLIENTS = 64 };

struct control;

/* Binds the socket with its owner and permissions; before privileges are dropped. NULL with a sentence in error. */
struct control *control_open(const struct settings *s, const struct identity *id,
			     struct buf *error);

/* Answers from now on. 0 or -1. */
int control_start(struct control *c, const struct sources *sources);

struct control *control_close(struct control *c); /* NULL in: no-op; returns NULL */

/* The answer to one request line: pure but for what it asks of the sources. The caller frees the text. Fuzzed. */
char *control_answer(const struct sources *sources, struct span request);

#endif
