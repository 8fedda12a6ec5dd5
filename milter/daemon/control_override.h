/* control_override.h - the verbs override-add, override-list, override-remove of the control socket */
#ifndef MILTER_DAEMON_CONTROL_OVERRIDE_H
#define MILTER_DAEMON_CONTROL_OVERRIDE_H

#include "milter/daemon/control_call.h"

/* domain, mode, until, reason, owner, mx (patterns separated by blanks) -> the override and "warnings". */
json_t *control_override_add(struct control_call *call);

/* domain (missing: all), all (those that have ended too), before (the "next" of the answer before) -> "overrides", the newest first, and "next"
 * where there are more. */
json_t *control_override_list(struct control_call *call);

/* domain -> the override as it was. */
json_t *control_override_remove(struct control_call *call);

#endif
