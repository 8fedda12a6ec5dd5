/* maillog.h - which domains does this line of a mail log, or of a list, name as recipients
 *
 * PURPOSE   Every line is looked at by itself: a list of domains or addresses, one a line, behind # a comment; or what Postfix, Sendmail or Exim
 *           write when they have tried to hand mail to another host. Local deliveries and what clients merely asked for are not recipients:
 *           strangers could have us look up what they like. Pure; hostile bytes welcome. Fuzzed.
 * LIMITS    MAILLOG_DOMAINS names of one line.
 */
#ifndef MILTER_COMMAND_MAILLOG_H
#define MILTER_COMMAND_MAILLOG_H

#include "common/sts/domain.h"

enum { MAILLOG_DOMAINS = 64 };

enum maillog_kind {
	MAILLOG_EMPTY,	       /* blank, or a comment */
	MAILLOG_DOMAINS_NAMED, /* at least one */
	MAILLOG_OTHER	       /* nothing for us: ignored */
};

/* ret: normal forms; the same may stand there twice. */
enum maillog_kind maillog_line(struct span line, char ret[MAILLOG_DOMAINS][DOMAIN_SIZE],
			       size_t *ret_n);

#endif
