/* mta.h - Postfix and Sendmail as the daemon sees them, for cmocka tests
 *
 * PURPOSE   Sessions with the macros that each really sends; every function fails the test by
 *           itself when the protocol goes wrong.
 * OWNERSHIP mta_open() gives a client for milter_free().
 */
#ifndef TESTS_DAEMON_MTA_H
#define TESTS_DAEMON_MTA_H

#include "common/base/buf.h"
#include "tests/milter/milter_client.h"

#define MTA_POSTFIX  "Postfix 3.7.11"
#define MTA_SENDMAIL "8.17.1.9"

enum { MTA_TIMEOUT_MS = 15000 };

/* What the MTA tells about one recipient; NULL: nothing. */
struct mta_rcpt {
	const char *mailer, *host, *addr;
	const char *to; /* the argument of RCPT TO */
};

/* A field of the message; NULL name ends a table. */
struct mta_field {
	const char *name, *value;
};

/* Connected and greeted, ready for MAIL. */
struct milter_client *mta_open(const char *address, const char *version, const char *client_ip);

/* The macros and MAIL. user: who has logged in; NULL: nobody. */
void mta_mail(struct milter_client *c, const char *user);
struct milter_reply mta_rcpt(struct milter_client *c, const struct mta_rcpt *rcpt);

/* Postfix, transport smtp, next-hop the domain behind the "@". */
struct milter_reply mta_simple_rcpt(struct milter_client *c, const char *addr);

/* Header, body and end of message. Returns the header as the MTA would send it on ("Name: value\n"
 * per field); the caller releases it. The milter's changes are applied as Postfix and as Sendmail
 * do, and must lead to the same. */
void mta_finish(struct milter_client *c, const struct mta_field *fields, struct buf *ret_header);

#endif
