/* store_rescue.h - rows that a salvage has found, into the new database
 *
 * PURPOSE A row is known by the kinds of its values, and true when its seal fits. One table says what
 *         the rows of each version look like; a new database table is a line there.
 * THREADS As the salvage.
 */
#ifndef COMMON_STORE_STORE_RESCUE_H
#define COMMON_STORE_STORE_RESCUE_H

#include "common/base/span.h"
#include "common/store/store_salvage.h"

enum rescue { RESCUE_NONE, RESCUE_TAKEN, RESCUE_BAD };

/* NONE: no row, or none that is to be kept. BAD: looks like one of ours, and is not true. s->rc is set
 * when the new database cannot be written. */
enum rescue rescue_row(struct salvage *s, struct span row);

/* What belongs together, and the counts. A SQLite result code. */
int rescue_finish(struct salvage *s);

#endif
