/* control_verbs.h - the functions behind the table in control_answer.c, by the files that hold them */
#ifndef MILTER_DAEMON_CONTROL_VERBS_H
#define MILTER_DAEMON_CONTROL_VERBS_H

#include "milter/daemon/control_call.h"

/* control_check.c: one next-hop */
json_t *control_query(struct control_call *call);
json_t *control_refresh(struct control_call *call);
json_t *control_flush(struct control_call *call);
json_t *control_warm(struct control_call *call);

/* control_events.c: what has happened */
json_t *control_events(struct control_call *call);

/* control_outcome.c: how TLS sessions came out */
enum { CONTROL_OUTCOMES_AT_ONCE = 100 };
json_t *control_outcome(struct control_call *call);
json_t *control_outcomes(struct control_call *call); /* control_outcomes.c */

/* control_transfer.c: policies out and in, a few at a time */
enum { CONTROL_EXPORT_AT_ONCE = 32, CONTROL_IMPORT_AT_ONCE = 16 };
json_t *control_export(struct control_call *call);
json_t *control_import(struct control_call *call);

#endif
