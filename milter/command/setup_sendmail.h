/* setup_sendmail.h - both doors for Sendmail 8.16 and later
 *
 * PURPOSE   As setup_postfix.h. What counts is sendmail.cf, whatever sendmail.mc says.
 * OWNERSHIP Everything lies in the arena that was given.
 */
#ifndef MILTER_COMMAND_SETUP_SENDMAIL_H
#define MILTER_COMMAND_SETUP_SENDMAIL_H

#include "common/sts/settings.h"
#include "milter/command/setup_lines.h"
#include "milter/command/setup_report.h"
#include "milter/command/setup_world.h"

#define SENDMAIL_CF "/etc/mail/sendmail.cf"

struct sendmail_facts {
	const char *version; /* "8.17.1.9" */
	struct span built;   /* what -d0.13 prints; empty: unknown */
	struct span cf;	     /* the text of sendmail.cf; empty: it runs elsewhere */
};

/* 0; -errno: there is no Sendmail, or *error says what is wrong. config: NULL for SENDMAIL_CF. */
int sendmail_facts_read(const char *config, struct arena *arena, struct sendmail_facts *ret,
			struct buf *error);

void setup_sendmail_lines(const struct sendmail_facts *f, const struct settings *s,
			  struct setup_lines *ret);
void setup_sendmail_check(const struct sendmail_facts *f, const struct settings *s,
			  const struct setup_world *w, struct setup_report *ret);

#endif
