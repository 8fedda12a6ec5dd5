/* housekeeper.h - the thread that looks after things once a second: failure times, DNSSEC self-test, watchdog
 *
 * OWNERSHIP engine and wire outlive it.
 */
#ifndef MILTER_DAEMON_HOUSEKEEPER_H
#define MILTER_DAEMON_HOUSEKEEPER_H

#include "milter/daemon/wire.h"

struct housekeeper;

struct housekeeper *housekeeper_start(struct engine *e, struct wire *w);
struct housekeeper *housekeeper_stop(struct housekeeper *h); /* NULL in: no-op; returns NULL */

#endif
