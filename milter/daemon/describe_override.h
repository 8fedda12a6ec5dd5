/* describe_override.h - what the operator has decided, as JSON
 *
 * Fields: domain mode mx added_at until ends_in uid owner reason; of one that has ended also ended (expired, removed, replaced), ended_at and
 * ended_uid, and no ends_in. Names are API (mta-sts.1). NULL: no memory.
 */
#ifndef MILTER_DAEMON_DESCRIBE_OVERRIDE_H
#define MILTER_DAEMON_DESCRIBE_OVERRIDE_H

#include "common/store/store.h"
#include "common/sts/override.h"

#include <jansson.h>

json_t *describe_override(const struct override *o, int64_t now);
json_t *describe_stored_override(const struct stored_override *o, int64_t now);

#endif
