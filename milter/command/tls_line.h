/* tls_line.h - what a line of a mail log says about a TLS session with an MX host
 *
 * PURPOSE Reads what Postfix 3.4 and later, Sendmail 8.17 and Exim 4.96 write when they deliver to other hosts. Each format is read from the line's
 *         beginning to the place that decides, field by field, and each field may hold only what its MTA writes there. Strangers' texts (what a host
 *         answered, envelope addresses, names in certificates) stand at known places; behind the first of them nothing is believed, and a line that
 *         has one where none belongs says nothing. Pure; hostile bytes welcome. Fuzzed.
 * RFC     8460 s4.3 (result types)
 */
#ifndef MILTER_COMMAND_TLS_LINE_H
#define MILTER_COMMAND_TLS_LINE_H

#include "common/base/limits.h"
#include "common/base/netaddr.h"
#include "common/sts/domain.h"
#include "milter/command/logline.h"

enum { TLS_LINE_ID = 40 };

enum tls_line_kind {
	TLS_LINE_OTHER, /* says nothing about TLS or the end of a delivery */
	TLS_LINE_SESSION, /* a session is up; result: what it is worth (success: the MTA verified the host) */
	TLS_LINE_CAUSE,	  /* why the session that comes next, or the attempt at one, is not good */
	TLS_LINE_ATTEMPT, /* one MX host has failed; others may be tried */
	TLS_LINE_DELIVERY, /* a delivery has ended: names the domain; with a result it was a TLS matter */
	TLS_LINE_REPORT, /* Postfix 3.10: domain, host and result in one */
};

/* What is not known is "" (result: NULL). */
struct tls_line {
	enum tls_line_kind kind;
	bool vague;		  /* a cause or session before it may know the result better */
	char id[TLS_LINE_ID];	  /* the message's */
	struct span recipient;	  /* of a delivery; borrowed from the line */
	char domain[DOMAIN_SIZE]; /* of the recipient; normal form */
	char mx[DOMAIN_SIZE];	  /* normal form */
	char address[NETADDR_TEXT];
	const char *result;	   /* "success" or a result type of RFC 8460; static */
	char detail[LIMIT_DETAIL]; /* printable */
};

void tls_line_read(const struct logline *line, struct tls_line *ret);

#endif
