/* protocol.h - how a kind of delivery agent asks and is answered
 *
 * PURPOSE A peer (peer.h) moves octets; a protocol finds requests in them, and knows what each wants to know and in which words.
 * THREADS The policy service's event loop.
 */
#ifndef MILTER_DAEMON_PROTOCOL_H
#define MILTER_DAEMON_PROTOCOL_H

#include "common/base/buf.h"
#include "common/sts/tls_policy.h"
#include "milter/daemon/service_stats.h"
#include "milter/daemon/door.h"
#include "milter/daemon/said.h"

enum {
	PROTOCOL_HEAD = 16,  /* octets before each answer that belong to its frame */
	PROTOCOL_WORDS = 256 /* octets of an answer that was no answer */
};

/* What all peers share. */
struct desk {
	struct door *door;
	struct service_stats stats;
	enum tls_policy_postfix postfix;
	struct delivery delivery; /* of the answer that is being made: too large for a stack */
	enum delivery_host host;  /* of that answer, where the question names a host */
	struct said *said;
	struct recent *recent;
	struct buf out; /* PROTOCOL_HEAD octets, and the answer that is being made */
};

struct question;

/* Makes the answer to a question from what is known, in desk->out, and logs it. */
typedef void question_answer(struct desk *desk, const struct question *q, const struct judgement *j,
			     int64_t waited_ms);

/* What one request wants to know. */
struct question {
	struct nexthop hop;
	const char *door; /* as the log names it */
	question_answer *answer;
	bool mta_does_dane;
	bool authenticated; /* the client that names a recipient */
	char host[DOMAIN_SIZE]; /* an MX host, normal form; "": none */
	char addr[512];		/* a recipient; "": none */
};

enum request { REQUEST_WHOLE, REQUEST_PART, REQUEST_BAD };

struct protocol {
	size_t longest;	    /* request with its frame */
	bool ends_with_one; /* one request and one answer */
	bool is_repeated;   /* the same octets ask for the same thing: the answer may be that of recent.h */
	/* Finds the first request. ended: the client has half-closed. *ret_size: octets of it; of a part as far as that is known, else 0. */
	enum request (*take)(struct span in, bool ended, struct span *ret_request,
			     size_t *ret_size);
	/* True: ret says what to ask the engine. False: desk->out is the answer. */
	bool (*understand)(struct desk *desk, struct span request, struct question *ret);
	/* Puts desk->out into its frame. */
	struct span (*frame)(struct desk *desk);
};

extern const struct protocol socketmap_protocol;
extern const struct protocol exim_protocol;

#endif
