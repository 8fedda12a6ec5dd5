/* syslog_sink.h - a /dev/log of our own that counts
 *
 * PURPOSE   Programs started afterwards log to it by syslog(3), as they would to journald or
 *           rsyslog.
 * OWNERSHIP One at a time: it takes the process into a private mount namespace with a /dev of its
 *           own, which is gone when the process and its children are.
 * THREADS   Start before the first thread; one thread of its own; counts from any thread.
 */
#ifndef TESTS_SERVERS_SYSLOG_SINK_H
#define TESTS_SERVERS_SYSLOG_SINK_H

#include <stdint.h>

struct syslog_sink;

struct syslog_counts {
	uint64_t lines;
	uint64_t bytes; /* of the messages alone, behind "IDENT[PID]: " */
};

/* dir: an empty directory to mount on. Counts lines of `ident` whose message begins with `word`.
 * 0 or -errno (-EPERM: not root). */
int syslog_sink_start(const char *dir, const char *ident, const char *word,
		      struct syslog_sink **ret);
struct syslog_sink *syslog_sink_stop(struct syslog_sink *s); /* NULL in: no-op; returns NULL */
struct syslog_counts syslog_sink_counts(struct syslog_sink *s);

#endif
