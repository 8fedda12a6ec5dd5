/* setup_cf.h - reads a sendmail.cf, as far as it concerns us. Pure. */
#ifndef MILTER_COMMAND_SETUP_CF_H
#define MILTER_COMMAND_SETUP_CF_H

#include "common/base/arena.h"

#include <stdbool.h>

/* The first line that begins so and goes on with a blank or a comma or ends there; what stands behind. False: there is none. */
bool cf_line(struct span cf, const char *begin, struct span *ret);
bool cf_has(struct span cf, const char *begin);

/* The last "O NAME=value"; empty: it is not set. */
const char *cf_option(struct span cf, const char *name, struct arena *arena);
/* The macro S: where everything goes; "" for none. */
const char *cf_smart_host(struct span cf, struct arena *arena);

/* One milter: "Xname, S=..., F=T, T=C:10s;R:30s". */
struct cf_milter {
	const char *name, *socket, *flags;
	const char *wait; /* R: of T=; "" when it is not said */
};
/* The milters one after the other; *cf moves on. */
bool cf_milter(struct span *cf, struct arena *arena, struct cf_milter *ret);

#endif
