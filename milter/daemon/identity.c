#include "config.h"

#include "milter/daemon/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int find_group(const char *setting, const char *name, gid_t *ret, struct buf *error)
{
	const struct group *g = getgrnam(name);

	if (g == NULL) {
		buf_addf(error, "%s: there is no group %s", setting, name);
		return -1;
	}
	*ret = g->gr_gid;
	return 0;
}

/* The group of the MTA that is installed. */
static gid_t mta_group(gid_t otherwise)
{
	static const char *const names[] = { "postfix", "smmsp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct group *g = getgrnam(names[i]);

		if (g != NULL)
			return g->gr_gid;
	}
	return otherwise;
}

int identity_find(const struct settings *s, struct identity *ret, struct buf *error)
{
	bool root = geteuid() == 0;
	const struct passwd *pw = root ? getpwnam(s->user) : NULL;

	if (root && pw == NULL) {
		buf_addf(error,
			 "user: there is no user %s; make it with: adduser --system --group "
			 "--no-create-home %s",
			 s->user, s->user);
		return -1;
	}
	*ret = (struct identity){ .uid = root ? pw->pw_uid : geteuid(),
				  .gid = root ? pw->pw_gid : getegid(),
				  .name = s->user };
	ret->milter_gid = ret->control_gid = ret->gid;
	/* Without root, a group that we are not in cannot be given away: leave it. */
	if (strcmp(s->milter_socket_group, "auto") == 0)
		ret->milter_gid = root ? mta_group(ret->gid) : ret->gid;
	else if (s->milter_socket_group[0] != '\0' &&
		 find_group("milter_socket_group", s->milter_socket_group, &ret->milter_gid,
			    error) != 0)
		return -1;
	if (s->control_socket_group[0] != '\0' &&
	    find_group("control_socket_group", s->control_socket_group, &ret->control_gid, error) !=
		    0)
		return -1;
	return 0;
}

int identity_assume(const struct identity *id, struct buf *error)
{
	if (geteuid() == 0 && id->uid != 0 &&
	    (initgroups(id->name, id->gid) != 0 || setgid(id->gid) != 0 || setuid(id->uid) != 0)) {
		buf_addf(error, "cannot become user %s: %s", id->name, strerror(errno));
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		buf_addf(error, "cannot give up new privileges: %s", strerror(errno));
		return -1;
	}
	return 0;
}
