/* setup_postconf.h - what Postfix's postconf(1) prints, as values
 *
 * PURPOSE   Pure: `postconf -x` (main.cf, expanded), `postconf -F` (the columns of master.cf), `postconf -Px` (its -o parameters).
 * OWNERSHIP Everything lies in the arena that was given.
 */
#ifndef MILTER_COMMAND_SETUP_POSTCONF_H
#define MILTER_COMMAND_SETUP_POSTCONF_H

#include "common/base/arena.h"

#include <stdbool.h>

struct postfix_value {
	const char *name, *value;
};

struct postfix_values {
	size_t n;
	struct postfix_value *v;
};

struct postfix_service {
	const char *key;     /* "smtp/unix", as postconf -P wants it */
	const char *command; /* "smtp -o ..." */
	bool chroot;
};

struct postconf {
	struct postfix_values main, overrides; /* of overrides: "smtp/unix/NAME" */
	size_t n_services;		       /* that are not disabled */
	struct postfix_service *services;
};

/* 0 or -ENOMEM. */
int postconf_parse(struct span main, struct span columns, struct span overrides,
		   struct arena *arena, struct postconf *ret);

/* NULL: this Postfix does not know the parameter. */
const char *postconf_value(const struct postconf *p, const char *name);
/* NULL: the service has none of its own. */
const char *postconf_override(const struct postconf *p, const struct postfix_service *s,
			      const char *name);
/* What the service goes by: its own, else main.cf's; "" for neither. */
const char *postconf_effective(const struct postconf *p, const struct postfix_service *s,
			       const char *name);
/* Is it this program of Postfix's, such as smtpd? */
bool postfix_service_runs(const struct postfix_service *s, const char *program);

#endif
