/* setup.h - `mta-sts setup`: the lines that an MTA needs, and what is wrong with those that it has */
#ifndef MILTER_COMMAND_SETUP_H
#define MILTER_COMMAND_SETUP_H

#include "milter/command/table.h"

int setup_postfix(const struct invocation *inv);
int setup_sendmail(const struct invocation *inv);
int setup_exim(const struct invocation *inv);

#endif
