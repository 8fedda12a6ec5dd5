/* help.h - what the table says about itself */
#ifndef MILTER_COMMAND_HELP_H
#define MILTER_COMMAND_HELP_H

#include "milter/command/table.h"

#include <stdio.h>

void help_all(const struct table *table, FILE *to);
void help_verb(const struct table *table, const struct verb *verb, FILE *to);
void help_usage(const struct verb *verb, FILE *to); /* one line */

int help_run(const struct invocation *inv); /* the verb */

#endif
