/* setup_exim.h - both doors for Exim: an ACL at RCPT, a router and a transport at delivery
 *
 * PURPOSE   As setup_postfix.h. What counts is what `exim -bP config` prints: all files together, macros filled in.
 * OWNERSHIP Everything lies in the arena that was given.
 */
#ifndef MILTER_COMMAND_SETUP_EXIM_H
#define MILTER_COMMAND_SETUP_EXIM_H

#include "common/sts/settings.h"
#include "milter/command/setup_lines.h"
#include "milter/command/setup_report.h"
#include "milter/command/setup_world.h"

struct exim_facts {
	const char *version; /* "4.96" */
	const char *user;
	struct span built;  /* what -bV prints */
	struct span config; /* what -bP config prints; empty: it runs elsewhere */
};

/* 0; -errno: there is no Exim, or *error says what is wrong. config: NULL for its own default. */
int exim_facts_read(const char *config, struct arena *arena, struct exim_facts *ret,
		    struct buf *error);

void setup_exim_lines(const struct exim_facts *f, const struct settings *s,
		      struct setup_lines *ret);
void setup_exim_check(const struct exim_facts *f, const struct settings *s,
		      const struct setup_world *w, struct setup_report *ret);

#endif
