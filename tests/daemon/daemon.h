/* daemon.h - the real daemon with a configuration, a database and a log of its own
 *
 * PURPOSE   One directory below /tmp holds everything and goes away with daemon_release().
 * OWNERSHIP daemon_init() makes the directory; daemon_release() must follow in every case, and
 *           stops what still runs.
 * THREADS   One thread at a time; see child.h.
 * ERRORS    0 or -errno.
 *
 * The program is $MTA_STS_MILTER, or ./mta-sts-milter: tests run in the build directory.
 */
#ifndef TESTS_DAEMON_DAEMON_H
#define TESTS_DAEMON_DAEMON_H

#include "common/base/buf.h"
#include "tests/servers/child.h"

#include <stdbool.h>

enum { DAEMON_PATH = 200 };

struct daemon {
	struct child child;
	const char *user; /* who it becomes when we are root: "nobody" */
	char dir[64];
	char address[DAEMON_PATH];  /* of the milter socket */
	char database[DAEMON_PATH]; /* may be filled before the start, and is kept over a restart */
	char ca[DAEMON_PATH];	    /* ca_bundle: write the test's CA there before the start */
	char log[DAEMON_PATH];	    /* what it wrote to standard error */
	char config[DAEMON_PATH];
};

struct daemon_options {
	bool inet;	   /* listen on 127.0.0.1:8890 instead of a unix socket */
	bool to_syslog;	   /* log = syslog instead of stderr */
	const char *dns;   /* "127.0.0.1@53" */
	const char *extra; /* more lines of configuration, with their [section]; may be NULL */
};

int daemon_init(struct daemon *d);
int daemon_start(struct daemon *d,
		 const struct daemon_options *o);   /* returns once the milter socket answers */
int daemon_stop(struct daemon *d, int64_t *ret_ms); /* SIGTERM; as child_stop(), given 15 s */
void daemon_release(struct daemon *d);

/* Everything that was logged so far; the caller releases the buffer. */
int daemon_read_log(const struct daemon *d, struct buf *ret);

void daemon_show_log(const struct daemon *d); /* its end, on standard error, when a test fails */

/* How many log lines hold all of the texts (NULL ends them). */
size_t daemon_logged(const struct daemon *d, const char *const *texts);
/* The same once there is one, or after two seconds: the log has a writer of its own. */
size_t daemon_await_logged(const struct daemon *d, const char *const *texts);

/* Gives a file in the directory to the daemon's user. */
int daemon_own(const struct daemon *d, const char *path);

#endif
