#include "config.h"

#include "milter/command/feed_queue.h"

#include <errno.h>
#include <stdlib.h>

int feed_queue_init(struct feed_queue *q)
{
	*q = (struct feed_queue){ .sessions = calloc(FEED_QUEUE, sizeof(*q->sessions)) };
	return q->sessions != NULL ? 0 : -ENOMEM;
}

void feed_queue_release(struct feed_queue *q)
{
	free(q->sessions);
	*q = (struct feed_queue){ .sessions = NULL };
}

void feed_queue_add(struct feed_queue *q, const struct tls_session *session)
{
	if (q->n == FEED_QUEUE) {
		q->dropped++;
		return;
	}
	q->sessions[(q->first + q->n) % FEED_QUEUE] = *session;
	q->n++;
}

static void set_known(json_t *o, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(o, name, json_string(text));
}

json_t *feed_outcome(const struct tls_session *session)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "nexthop", session->domain, "result",
			      session->result, "source", "feed");

	set_known(o, "mx", session->mx);
	set_known(o, "address", session->address);
	set_known(o, "detail", session->detail);
	return o;
}

json_t *feed_queue_request(const struct feed_queue *q, size_t *ret_n)
{
	size_t n = q->n < FEED_BATCH ? q->n : FEED_BATCH;
	json_t *outcomes;

	if (n == 0)
		return NULL;
	outcomes = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(outcomes,
				      feed_outcome(&q->sessions[(q->first + i) % FEED_QUEUE]));
	*ret_n = n;
	return json_pack("{s:s, s:o}", "verb", "outcome", "outcomes", outcomes);
}

void feed_queue_take(struct feed_queue *q, size_t n)
{
	q->first = (q->first + n) % FEED_QUEUE;
	q->n -= n;
}
