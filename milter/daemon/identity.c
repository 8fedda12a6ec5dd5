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

/* The group of the MTA that is installed: the first of the names that there is. */
static gid_t mta_group(const char *const *names, gid_t otherwise)
{
	for (; *names != NULL; names++) {
		const struct group *g = getgrnam(*names);

		if (g != NULL)
			return g->gr_gid;
	}
	return otherwise;
}

/* group: what the setting says. Without root, a group that we are not in cannot be given away: auto leaves it. */
static int socket_group(const char *setting, const char *group, const char *const *autos,
			const struct identity *id, gid_t *ret, struct buf *error)
{
	*ret = id->gid;
	if (autos != NULL && strcmp(group, "auto") == 0) {
		if (geteuid() == 0)
			*ret = mta_group(autos, id->gid);
		return 0;
	}
	return group[0] != '\0' ? find_group(setting, group, ret, error) : 0;
}

int identity_find(const struct settings *s, struct identity *ret, struct buf *error)
{
	static const char *const map_askers[] = { "postfix", "smmsp", NULL };
	static const char *const exim[] = { "Debian-exim", "exim", NULL };
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
	if (socket_group("milter_socket_group", s->milter_socket_group, map_askers, ret,
			 &ret->milter_gid, error) != 0 ||
	    socket_group("control_socket_group", s->control_socket_group, NULL, ret,
			 &ret->control_gid, error) != 0 ||
	    socket_group("socketmap_group", s->socketmap_group, map_askers, ret,
			 &ret->socketmap_gid, error) != 0 ||
	    socket_group("exim_socket_group", s->exim_socket_group, exim, ret, &ret->exim_gid,
			 error) != 0)
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
