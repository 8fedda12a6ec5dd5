/* outcome.h - how a TLS session of the MTA came out, as RFC 8460 counts it
 *
 * PURPOSE   Postfix tells each one (milter/daemon/tlsrpt_datagram.h), for others the mail log is read. What is kept is a counter for each kind of
 *           outcome of a day: what a report (RFC 8460 s4.4) needs later, and nothing that names a message. It is the word of strangers: names are
 *           normalized, everything else is escaped here, so that what has passed can stand in a log, a terminal or JSON.
 * OWNERSHIP An outcome borrows its texts. What the functions with an arena give lives there; "" when memory is out.
 * THREADS   Pure.
 * LIMITS    OUTCOME_TEXT, OUTCOME_POLICY, OUTCOME_RECORD octets.
 * RFC       8460 s4.3 (result types), s4.4
 */
#ifndef COMMON_STS_OUTCOME_H
#define COMMON_STS_OUTCOME_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"

#include <stdint.h>

/* X(id, name, code): names are the RFC's, codes libtlsrpt's. */
#define TLS_RESULTS(X)                                                                             \
	X(SUCCESS, "success", 0)                                                                   \
	X(NO_STARTTLS, "starttls-not-supported", 201)                                              \
	X(HOST_MISMATCH, "certificate-host-mismatch", 202)                                         \
	X(NOT_TRUSTED, "certificate-not-trusted", 203)                                             \
	X(EXPIRED, "certificate-expired", 204)                                                     \
	X(VALIDATION, "validation-failure", 205)                                                   \
	X(FETCH_ERROR, "sts-policy-fetch-error", 301)                                              \
	X(POLICY_INVALID, "sts-policy-invalid", 302)                                               \
	X(WEBPKI_INVALID, "sts-webpki-invalid", 303)                                               \
	X(TLSA_INVALID, "tlsa-invalid", 304)                                                       \
	X(DNSSEC_INVALID, "dnssec-invalid", 305)                                                   \
	X(DANE_REQUIRED, "dane-required", 306)

enum tls_result {
#define X(id, name, code) TLS_RESULT_##id,
	TLS_RESULTS(X)
#undef X
		TLS_RESULT_COUNT
};

const char *tls_result_name(enum tls_result r);
int tls_result_from_name(const char *name); /* -1: unknown */
int tls_result_from_code(int64_t code);	    /* never success; -1: unknown */

enum outcome_source {
	OUTCOME_OF_SESSION, /* the MTA told it itself */
	OUTCOME_OF_LOG,	    /* read from a mail log */
	OUTCOME_SOURCES
};

const char *outcome_source_name(enum outcome_source s); /* "session", "log" */

/* Under which policy. The numbers are libtlsrpt's. */
enum outcome_policy_type {
	OUTCOME_POLICY_UNKNOWN = 0,
	OUTCOME_POLICY_TLSA = 1,
	OUTCOME_POLICY_STS = 2,
	OUTCOME_POLICY_NONE = 9
};

/* "tlsa", "sts", "no-policy-found"; "unknown", which RFC 8460 does not have; NULL for any other number. */
const char *outcome_policy_name(int64_t type);

enum {
	OUTCOME_TEXT = 255,    /* octets of a name or a reason */
	OUTCOME_POLICY = 4096, /* of a policy as one text */
	OUTCOME_RECORD = 1024  /* of a TLSRPT record; a longer one is not known */
};

struct tls_outcome {
	int64_t day;	    /* since 1970-01-01, UTC */
	const char *domain; /* where the MTA was going: normal form */
	enum outcome_source source;
	const char *policy; /* outcome_policy_next() reads it; "": not known */
	const char *record; /* the domain's TLSRPT record; "": not known */
	enum tls_result result;
	/* What is not known is "". Of a success only mx is kept. */
	const char *mx;
	const char *helo, *receiving_ip, *sending_ip, *info, *reason;
	uint64_t count; /* sessions with this result */
	uint64_t
		sessions; /* sessions that failed; one with several failures counts here once, and in `count` of each */
};

/* Everything but the two counts. */
bool outcome_same(const struct tls_outcome *a, const struct tls_outcome *b);
uint64_t
outcome_key(const struct tls_outcome *o); /* of everything but the counts; the same for ever */

/* A copy whose texts stand in room, which has outcome_room() octets. */
size_t outcome_room(const struct tls_outcome *o);
struct tls_outcome outcome_copy(const struct tls_outcome *o, char *room);

/* Drops what tells hosts apart, so that a flood of different hosts is still counted. */
struct tls_outcome outcome_folded(const struct tls_outcome *o);

/* Strangers' texts. */
const char *outcome_words(struct arena *arena, struct span text); /* escaped, cut at OUTCOME_TEXT */
const char *outcome_host(struct arena *arena, struct span text);  /* "" unless it is a host name */
const char *outcome_address(struct arena *arena, struct span text); /* "" unless it is one */
const char *outcome_record(struct arena *arena,
			   struct span text); /* "" unless it is printable ASCII */
/* The name in a greeting or in a whole reply to EHLO ("250-mx.example.com Hello\r\n250-..."). */
const char *outcome_helo(struct arena *arena, struct span text);

/* A policy as one text: lines "type sts", "domain example.com", "string version: STSv1", "mx *.example.com", and "left-out 3" when not all
 * of it had room. */
struct outcome_policy {
	enum outcome_policy_type type;
	struct span domain;
	size_t n_strings, n_mx;
	const struct span *strings, *mx;
};

const char *outcome_policy_text(struct arena *arena, const struct outcome_policy *p);

/* Takes the next line off *text. False at the end. */
bool outcome_policy_next(struct span *text, struct span *ret_key, struct span *ret_value);
/* The first value of such a key. */
struct span outcome_policy_value(const char *text, const char *key);

#endif
