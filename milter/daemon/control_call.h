/* control_call.h - one request to the control socket, as the function of its verb sees it
 *
 * PURPOSE   A verb is a row of the table in control_answer.c and a function: what it needs is taken from the request by the functions
 *           below, which refuse what does not fit; then it gives the "result" object.
 * OWNERSHIP Everything in the call is borrowed; the object that a verb returns is the caller's.
 * THREADS   The thread of the control socket.
 */
#ifndef MILTER_DAEMON_CONTROL_CALL_H
#define MILTER_DAEMON_CONTROL_CALL_H

#include "milter/daemon/describe.h"

struct control_call {
	const struct sources *src;
	const json_t *request; /* an object */
	int64_t uid;	       /* who asks; -1: unknown */
	int status;	       /* of a refusal */
	char error[600];       /* of a refusal: one sentence, printable */
};

/* A new object; NULL: refused, as control_refuse() has noted, or no memory. */
typedef json_t *control_run(struct control_call *call);

/* status: what the command exits with (sysexits.h). Returns NULL. */
__attribute__((format(printf, 3, 4))) json_t *control_refuse(struct control_call *call, int status,
							     const char *format, ...);

/* A text of the request, at most max octets. False: refused. A field that is missing is "" unless it is required. */
bool control_text(struct control_call *call, const char *name, bool required, size_t max,
		  const char **ret);

/* A whole number in a range; missing: `otherwise`. False: refused. */
bool control_number(struct control_call *call, const char *name, int64_t least, int64_t most,
		    int64_t otherwise, int64_t *ret);

/* A truth value; missing: false. False: refused. */
bool control_truth(struct control_call *call, const char *name, bool *ret);

/* "nexthop": a domain, or a next-hop as the MTA writes it. False: refused. */
bool control_hop(struct control_call *call, struct nexthop *ret);

#endif
