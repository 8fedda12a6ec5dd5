/* describe.h - what the daemon knows, as JSON for the operator's command
 *
 * PURPOSE   `mta-sts status` and `mta-sts query` show these objects, as text or as they are. Field names are API (mta-sts.1).
 * OWNERSHIP The caller owns the objects returned. NULL: no memory.
 */
#ifndef MILTER_DAEMON_DESCRIBE_H
#define MILTER_DAEMON_DESCRIBE_H

#include "common/engine/engine.h"

#include "milter/daemon/wire.h"

#include <jansson.h>

/* entry: NULL when nothing is known about hop. */
json_t *describe_entry(const struct nexthop *hop, const struct entry *entry,
		       const struct settings *s, const struct clock *clock);

json_t *describe_status(struct engine *e, struct wire *w, struct log *log, const struct settings *s,
			int64_t started_at);

#endif
