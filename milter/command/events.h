/* events.h - the verb `events`: what has happened to the policies of a domain, or of all */
#ifndef MILTER_COMMAND_EVENTS_H
#define MILTER_COMMAND_EVENTS_H

#include "milter/command/table.h"

int events_run(const struct invocation *inv);

#endif
