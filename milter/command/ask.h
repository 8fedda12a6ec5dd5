/* ask.h - verbs that ask the running daemon */
#ifndef MILTER_COMMAND_ASK_H
#define MILTER_COMMAND_ASK_H

#include "milter/command/table.h"

int ask_status(const struct invocation *inv);
int ask_query(const struct invocation *inv);

#endif
