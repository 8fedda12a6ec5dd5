/* match.h - the verb that tries mx patterns; no daemon, no network */
#ifndef MILTER_COMMAND_MATCH_H
#define MILTER_COMMAND_MATCH_H

#include "milter/command/table.h"

int match_host(const struct invocation *inv);

#endif
