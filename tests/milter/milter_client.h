/* milter_client.h - the MTA's side of one milter session, for tests and benchmarks
 *
 * PURPOSE   Speaks to a milter as Postfix and Sendmail do: steps that the milter negotiated away
 *           are not sent, where it promised no reply none is awaited, and a list of macros that it
 *           asked for is the list that it gets.
 * OWNERSHIP milter_open() and milter_attach() give a client that milter_free() closes and frees.
 *           Texts in replies, terms and changes belong to the client; replies live until the next
 *           call, changes until the next MAIL or ABORT, terms as long as the client.
 * THREADS   One thread per client at a time.
 * UNITS     Timeouts in milliseconds, for each single wait.
 * ERRORS    0 or -errno: -ETIMEDOUT (no answer in time), -ECONNRESET (the milter closed), -EPROTO
 *           (an answer that the protocol does not have here), -EINVAL (an address that is not
 *           understood), what connect() says. After an error only milter_free() is left.
 *
 * A session:  milter_open, milter_negotiate, milter_connection, milter_helo,
 *             then for each message: milter_mail, milter_rcpt..., and milter_abort or
 *             milter_data, milter_header..., milter_eoh, milter_body..., milter_eom;
 *             milter_quit (or milter_free alone: an MTA that went away).
 *
 * Macros for a step go before it:
 *             milter_macros(c, SMFIC_RCPT,
 *                           (const char *const[]){ "{rcpt_mailer}", "smtp", NULL });
 */
#ifndef TESTS_MILTER_MILTER_CLIENT_H
#define TESTS_MILTER_MILTER_CLIENT_H

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct milter_client;

/* What the MTA can do. Postfix 3.7 and Sendmail 8.17 offer the same. */
struct milter_offer {
	uint32_t version;
	uint32_t actions; /* SMFIF_* */
	uint32_t steps;	  /* SMFIP_* */
};
#define MILTER_OFFER_ALL                                                                           \
	((struct milter_offer){ SMFI_PROT_VERSION, SMFI_CURR_ACTS, SMFI_CURR_PROT })

/* What the milter made of it. */
enum { MILTER_STAGES = 7 }; /* SMFIM_CONNECT .. SMFIM_EOH */
struct milter_terms {
	uint32_t version;
	uint32_t actions;
	uint32_t steps;
	const char *symbols[MILTER_STAGES]; /* the macros that it asked for, or NULL: it asked
					       nothing for that stage */
};

struct milter_reply {
	char code; /* SMFIR_CONTINUE, SMFIR_TEMPFAIL, SMFIR_REPLYCODE, ... */
	const char
		*text; /* of SMFIR_REPLYCODE: "451 4.7.5 ...", lines joined by CRLF; otherwise "" */
	bool sent;     /* false: the milter does not want this step; code is SMFIR_CONTINUE */
	bool awaited;  /* false: it promised no reply; code is SMFIR_CONTINUE */
};

/* What the milter did to a message, in its order. */
struct milter_change {
	char kind;	   /* SMFIR_ADDHEADER, SMFIR_INSHEADER, SMFIR_CHGHEADER, SMFIR_DELRCPT,
			      SMFIR_QUARANTINE, ... */
	uint32_t index;	   /* of INSHEADER and CHGHEADER */
	const char *name;  /* field name; of other kinds the first text */
	const char *value; /* "" in CHGHEADER: delete */
};

/* address as in smfi_setconn(): "unix:/path", "local:/path", "inet:PORT@ADDRESS",
 * "inet6:PORT@ADDRESS" (numeric only). */
int milter_open(const char *address, int timeout_ms, struct milter_client **ret);
struct milter_client *
milter_attach(int fd, int timeout_ms); /* owns fd from now on; NULL: no memory, fd untouched */
struct milter_client *
milter_free(struct milter_client *c); /* closes without QUIT; NULL in: no-op; returns NULL */
int milter_fd(const struct milter_client *c); /* to poll; the client keeps it */

int milter_negotiate(struct milter_client *c, struct milter_offer offer);
const struct milter_terms *milter_terms(const struct milter_client *c);
bool milter_wants(const struct milter_client *c, char command); /* false: negotiated away */

/* names_values: pairs, then NULL. They are held back until the step that they belong to is sent. */
int milter_macros(struct milter_client *c, char command, const char *const *names_values);

/* Steps. reply may be NULL where the answer does not matter; it is awaited all the same. */
int milter_connection(struct milter_client *c, const char *host, const char *ip, uint16_t port,
		      struct milter_reply *reply); /* ip NULL: unknown; "/path": unix */
int milter_helo(struct milter_client *c, const char *name, struct milter_reply *reply);
int milter_mail(struct milter_client *c, const char *from, struct milter_reply *reply);
/* parameters: behind the address, as in the command; NULL ends them. */
int milter_mail_with(struct milter_client *c, const char *from, const char *const *parameters,
		     struct milter_reply *reply);
int milter_rcpt(struct milter_client *c, const char *to, struct milter_reply *reply);
int milter_data(struct milter_client *c, struct milter_reply *reply);
int milter_header(struct milter_client *c, const char *name, const char *value,
		  struct milter_reply *reply);
int milter_eoh(struct milter_client *c, struct milter_reply *reply);
int milter_body(struct milter_client *c, const char *chunk, size_t n, struct milter_reply *reply);
int milter_eom(struct milter_client *c, struct milter_reply *reply);
int milter_abort(struct milter_client *c); /* ends the message, not the session; never answered */
int milter_quit(struct milter_client *c);  /* nothing may follow but milter_free() */

const struct milter_change *milter_changes(const struct milter_client *c, size_t *ret_n);

/* The two halves of a step, for callers with many sessions and one poll(). post: 0 nothing to wait
 * for, 1 an answer will come, -errno. payload: what follows the command byte. */
int milter_post(struct milter_client *c, char command, const void *payload, size_t n);
int milter_await(struct milter_client *c, struct milter_reply *reply);

#endif
