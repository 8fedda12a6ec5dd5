/* tls_sessions.h - from lines about TLS to outcomes of sessions
 *
 * PURPOSE   MTAs spread a session over several lines: the one that has the verdict of the TLS library names no domain, the one that names the domain
 *           stands behind it. What a process (Postfix, Sendmail) or a message (Exim) has said is remembered until the line that names the domain
 *           comes, and told then, each session once, however many recipients it had. Of sessions that are up only those are told in which the MTA
 *           has verified the host: others prove nothing, and nothing was demanded of them. Pure.
 * OWNERSHIP tls_sessions_free() frees.
 * LIMITS    TLS_SESSIONS processes and messages, the one that was silent the longest is forgotten for a new one; TLS_ATTEMPTS hosts of each.
 */
#ifndef MILTER_COMMAND_TLS_SESSIONS_H
#define MILTER_COMMAND_TLS_SESSIONS_H

#include "milter/command/tls_line.h"

enum { TLS_SESSIONS = 256, TLS_ATTEMPTS = 8 };

struct tls_session {
	char domain[DOMAIN_SIZE];   /* where it was going: the recipient's domain */
	char mx[DOMAIN_SIZE];	    /* "": not known */
	char address[NETADDR_TEXT]; /* "": not known */
	const char *result;	    /* "success" or a result type of RFC 8460 */
	char detail[LIMIT_DETAIL];  /* what the log says of it; may be "" */
};

typedef void tls_session_tell(void *arg, const struct tls_session *session);

struct tls_sessions;

/* reports: are Postfix 3.10's own lines about what it reports (RFC 8460) outcomes too? Where the daemon hears the same from Postfix they are not.
 * NULL: no memory. */
struct tls_sessions *tls_sessions_new(bool reports, tls_session_tell *tell, void *arg);
struct tls_sessions *tls_sessions_free(struct tls_sessions *s); /* NULL in: no-op; returns NULL */

/* Returns whether the line was about TLS. */
bool tls_sessions_line(struct tls_sessions *s, const struct logline *line);

#endif
