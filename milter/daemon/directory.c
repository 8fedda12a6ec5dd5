#include "config.h"

#include "milter/daemon/directory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *dir, struct buf *error)
{
	buf_addf(error, "cannot make directory %s: %s", dir, strerror(errno));
	return -1;
}

/* Cuts the last part off. False when nothing but the root is left. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';
	return true;
}

int directory_make_for(const char *path, mode_t mode, uid_t uid, gid_t gid, struct buf *error)
{
	char dir[PATH_MAX], above[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", path);
	if (!go_up(dir) || access(dir, F_OK) == 0)
		return 0;
	memcpy(above, dir, sizeof(above));
	if (go_up(above) && mkdir(above, 0755) != 0 && errno != EEXIST)
		return fail(above, error);
	if (mkdir(dir, mode) != 0)
		return errno == EEXIST ? 0 : fail(dir, error);
	if (geteuid() == 0 && (chown(dir, uid, gid) != 0 || chmod(dir, mode) != 0))
		return fail(dir, error);
	return 0;
}

enum directory_state directory_look(const char *path)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", path);
	if (!go_up(dir) || access(dir, F_OK) == 0)
		return DIRECTORY_THERE;
	/* Two levels are made, by root. */
	if (!go_up(dir) || access(dir, F_OK) == 0 || !go_up(dir) || access(dir, F_OK) == 0)
		return geteuid() == 0 ? DIRECTORY_CAN_BE_MADE : DIRECTORY_HOPELESS;
	return DIRECTORY_HOPELESS;
}
