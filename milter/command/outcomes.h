/* outcomes.h - the verb `outcomes`: how the MTA's TLS sessions came out, as the database counts them */
#ifndef MILTER_COMMAND_OUTCOMES_H
#define MILTER_COMMAND_OUTCOMES_H

#include "milter/command/table.h"

int outcomes_run(const struct invocation *inv);

#endif
