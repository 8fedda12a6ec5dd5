/* override.h - the verbs `override add`, `override list`, `override remove` */
#ifndef MILTER_COMMAND_OVERRIDE_H
#define MILTER_COMMAND_OVERRIDE_H

#include "milter/command/table.h"

int override_add(const struct invocation *inv);
int override_list(const struct invocation *inv);
int override_remove(const struct invocation *inv);

#endif
