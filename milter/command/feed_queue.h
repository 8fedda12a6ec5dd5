/* feed_queue.h - outcomes on their way to the daemon
 *
 * PURPOSE   Keeps them while the daemon cannot be reached, and gives them in the order in which they came.
 * OWNERSHIP feed_queue_release() frees.
 * LIMITS    FEED_QUEUE outcomes; what comes when it is full is dropped and counted. FEED_BATCH of them in one request.
 */
#ifndef MILTER_COMMAND_FEED_QUEUE_H
#define MILTER_COMMAND_FEED_QUEUE_H

#include "milter/command/tls_sessions.h"

#include <stdint.h>

#include <jansson.h>

enum { FEED_QUEUE = 2000, FEED_BATCH = 100 };

struct feed_queue {
	struct tls_session *sessions;
	size_t first, n;
	uint64_t dropped;
};

int feed_queue_init(struct feed_queue *q);
void feed_queue_release(struct feed_queue *q);
void feed_queue_add(struct feed_queue *q, const struct tls_session *session);

/* One as the control socket takes it. */
json_t *feed_outcome(const struct tls_session *session);

/* A request with the first of them, and how many. NULL: none wait, or no memory. */
json_t *feed_queue_request(const struct feed_queue *q, size_t *ret_n);
void feed_queue_take(struct feed_queue *q, size_t n); /* they have arrived */

#endif
