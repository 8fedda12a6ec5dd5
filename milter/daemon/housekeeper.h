/* housekeeper.h - the thread that looks after things once a second: failure times, DNSSEC self-test, watchdog
 *
 * OWNERSHIP engine, wire and outcomes outlive it.
 */
#ifndef MILTER_DAEMON_HOUSEKEEPER_H
#define MILTER_DAEMON_HOUSEKEEPER_H

#include "milter/daemon/wire.h"

struct housekeeper;

struct housekeeper *housekeeper_start(struct engine *e, struct wire *w, struct outcomes *o);

/* NULL in: no-op. Returns NULL; or h when it was still at work after so many milliseconds: then it, and what is under it, must stay. */
struct housekeeper *housekeeper_stop(struct housekeeper *h, int64_t patience_ms);

#endif
