/* setup_resolver.h - does the resolver that the MTA asks validate DNSSEC, and say so? */
#ifndef MILTER_COMMAND_SETUP_RESOLVER_H
#define MILTER_COMMAND_SETUP_RESOLVER_H

#include "milter/command/setup_world.h"

void setup_resolver_look(void *ctx, const struct setup_guise *guise, struct setup_resolver *ret);

#endif
