/* session.h - one SMTP session as the milter sees it: from macros to questions, from judgements to answers
 *
 * PURPOSE   All that the milter decides, without libmilter: mfi.c translates, this decides. Tested without an MTA.
 * OWNERSHIP A session owns its message state. The door (engine, settings, log, names) outlives all sessions.
 * THREADS   One session is used by one thread at a time, not always the same one: nothing here is thread-local.
 */
#ifndef MILTER_DAEMON_SESSION_H
#define MILTER_DAEMON_SESSION_H

#include "milter/daemon/rcpt.h"

enum { QUEUE_ID_SIZE = 64, HEADER_SIZE = 512 };

struct session;

struct session *session_new(struct door *door);
struct session *session_free(struct session *s); /* NULL in: no-op; returns NULL */

/* A connection, or a new one in the same session (XCLIENT). client: NULL when unknown. */
void session_connect(struct session *s, const char *mta_version, const struct netaddr *client);

void session_mail(struct session *s, const char *authenticated);

/* One parameter of MAIL, behind its address: "REQUIRETLS" (RFC 8689) is noted, and left to the MTA. */
void session_mail_parameter(struct session *s, const char *parameter);

/* What the MTA says about one recipient. */
struct session_rcpt {
	const char *arg; /* as in the RCPT command */
	const char *mailer, *host, *addr;
};

/* ret->text of a tempfail is a format for libmilter: "%" stands twice. */
void session_rcpt(struct session *s, const struct session_rcpt *rcpt, struct rcpt_reply *ret);

/* A header field of the message. Own verdicts that came in from outside are noted for removal. */
void session_header(struct session *s, const char *name, const char *value);

/* What TLS-Required asks for (RFC 8689 s3) is recorded; RCPT was answered before. session_eom() does it where the MTA does not tell the end of
 * the header. */
void session_end_of_header(struct session *s, const char *queue_id);

/* The end of the message. The caller removes the instances (1-based) for which session_removes() is true, last one first, and adds the
 * verdict unless ret_header is empty. */
void session_eom(struct session *s, const char *queue_id, char ret_header[HEADER_SIZE]);
unsigned session_verdicts_seen(const struct session *s);
bool session_removes(const struct session *s, unsigned instance);

/* The message is over, however it ended. */
void session_reset(struct session *s);

extern const char session_header_name[]; /* "MTA-STS-Verdict" */

#endif
