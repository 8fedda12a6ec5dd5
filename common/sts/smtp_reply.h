/* smtp_reply.h - an SMTP reply taken in byte by byte
 *
 * PURPOSE Incremental reader for a hostile server: bounded lines, bounded count, one reply at a time.
 * RFC     5321 s4.2 (replies), s4.1.1.1 (EHLO), 3207 s4 (STARTTLS, injected plaintext)
 */
#ifndef COMMON_STS_SMTP_REPLY_H
#define COMMON_STS_SMTP_REPLY_H

#include "common/base/limits.h"
#include "common/base/span.h"

enum smtp_state {
	SMTP_MORE,    /* give it more bytes */
	SMTP_DONE,    /* code and first line are valid */
	SMTP_BROKEN,  /* not SMTP: `why` tells */
};

struct smtp_reply {
	enum smtp_state state;
	int code;		   /* 200..599 */
	bool starttls;		   /* an EHLO keyword line said STARTTLS (any case, first line excluded, 2xx only) */
	unsigned lines;
	char text[LIMIT_DETAIL];   /* first line behind the code, escaped */
	const char *why;	   /* static text, when broken */
	size_t line_n;		   /* private: the line being collected */
	char line[LIMIT_SMTP_LINE];
};

void smtp_reply_init(struct smtp_reply *r);

/* Feeds bytes until the reply is complete. Returns how many were used: bytes left over behind a complete reply were sent
 * ahead by the server (before STARTTLS is answered that is an attack, RFC 3207 s6). LF alone ends a line too. */
size_t smtp_reply_feed(struct smtp_reply *r, struct span in);

#endif
