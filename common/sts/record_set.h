/* record_set.h - the TXT RRset of _mta-sts.<domain>, as it came from the wire, becomes one id, none, or invalid
 *
 * PURPOSE An RRset may hold thousands of records that are none of ours; those must neither hide ours nor crowd each other out.
 * LIMITS  None on the number of records. One that is malformed or longer than LIMIT_TXT counts as one without an id if it begins as ours do, never as if it were not there.
 * RFC     8461 s3.1
 */
#ifndef COMMON_STS_RECORD_SET_H
#define COMMON_STS_RECORD_SET_H

#include "common/base/arena.h"
#include "common/sts/record.h"

/* False: no memory; *ret is untouched. */
bool record_set_select(const struct span *rdata, size_t n, struct arena *arena,
		       struct sts_record *ret);

#endif
