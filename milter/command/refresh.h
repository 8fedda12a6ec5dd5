/* refresh.h - the verb `refresh`: everything about one domain is asked for anew, and what has changed is shown */
#ifndef MILTER_COMMAND_REFRESH_H
#define MILTER_COMMAND_REFRESH_H

#include "milter/command/table.h"

#include <jansson.h>

int refresh_run(const struct invocation *inv);

/* Two results of query -> a list of rows: what, before, after. Pure. NULL: no memory. */
json_t *refresh_changes(const json_t *before, const json_t *after);

#endif
