/* warm.h - the verb `cache warm`: the daemon learns about many domains before the first message to them */
#ifndef MILTER_COMMAND_WARM_H
#define MILTER_COMMAND_WARM_H

#include "milter/command/table.h"

int warm_run(const struct invocation *inv);

#endif
