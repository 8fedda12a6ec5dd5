/* show_config.h - the verb that shows settings; no daemon, no network */
#ifndef MILTER_COMMAND_SHOW_CONFIG_H
#define MILTER_COMMAND_SHOW_CONFIG_H

#include "milter/command/table.h"

int show_config(const struct invocation *inv);

#endif
