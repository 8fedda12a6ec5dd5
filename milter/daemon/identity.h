/* identity.h - which user and groups the daemon runs as
 *
 * ERRORS  0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_IDENTITY_H
#define MILTER_DAEMON_IDENTITY_H

#include "common/base/buf.h"
#include "common/sts/settings.h"

#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;	   /* of the daemon's user */
	gid_t milter_gid;  /* of the milter socket */
	gid_t control_gid; /* of the control socket */
	gid_t socketmap_gid, exim_gid;
	const char *name;
};

/* Started as root: the configured user. Otherwise: who we are. */
int identity_find(const struct settings *s, struct identity *ret, struct buf *error);

/* Becomes that user for good, with the groups that its sockets need. */
int identity_assume(const struct identity *id, struct buf *error);

#endif
