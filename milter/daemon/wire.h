/* wire.h - the one place that names the concrete drivers: libunbound, libcurl, OpenSSL, SQLite
 *
 * OWNERSHIP The wire owns the drivers and the environment made of them; close it after the engine is gone.
 * ERRORS    WIRE_CONFIG: what the operator has to mend (exit 78), one sentence in error. Otherwise -errno.
 */
#ifndef MILTER_DAEMON_WIRE_H
#define MILTER_DAEMON_WIRE_H

#include "common/engine/engine.h"

#include "milter/daemon/describe.h"

enum { WIRE_CONFIG = 1 };

struct wire;

int wire_open(const struct settings *s, struct log *log, struct wire **ret, struct buf *error);
struct wire *wire_close(struct wire *w); /* NULL in: no-op; returns NULL */

struct engine_env *wire_env(struct wire *w);

/* Asks whether the configured resolver lets DNSSEC through, and adapts; writes a line when that has changed. At start, then hourly, and every
 * minute while something is wrong. */
void wire_selftest(struct wire *w);
int64_t wire_selftest_interval(struct wire *w); /* ms until the next one */

/* As struct sources wants it: arg is the wire. */
void wire_dns_state(void *arg, struct dns_state *ret);

/* Reads the trusted roots again when their file has changed, and says so. Cheap when it has not. */
void wire_refresh_trust(struct wire *w);

/* Writes a line when the clock has leapt, and when it is believed again. */
void wire_watch_clock(struct wire *w);

/* For -t, as the daemon's user: looks at database (unless its directory is yet to be made), CA bundle and resolver; appends one line per finding. True when all is well. */
bool wire_examine(const struct settings *s, bool with_store, struct buf *report);

#endif
