/* lint.h - verbs about what a domain publishes; no daemon, no network */
#ifndef MILTER_COMMAND_LINT_H
#define MILTER_COMMAND_LINT_H

#include "milter/command/table.h"

int lint_policy(const struct invocation *inv);
int lint_record(const struct invocation *inv);

#endif
