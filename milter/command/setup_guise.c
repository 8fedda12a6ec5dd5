#include "config.h"

#include "milter/command/setup_guise.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 15 };

struct found {
	int error;
	char bytes[SETUP_FOUND];
};

static int join_groups(const struct setup_guise *g, const struct passwd *pw, gid_t *ret)
{
	const struct group *gr = g->group != NULL ? getgrnam(g->group) : NULL;

	if (g->group != NULL && gr == NULL)
		return ESRCH;
	*ret = gr != NULL ? gr->gr_gid : pw->pw_gid;
	return (g->one_group ? setgroups(1, ret) : initgroups(pw->pw_name, *ret)) != 0 ? errno : 0;
}

static int put_on(const struct setup_guise *g, const struct passwd *pw)
{
	gid_t gid = 0;
	int r = 0;

	if (geteuid() != 0) {
		if (g->cwd != NULL && chdir(g->cwd) != 0)
			return errno;
		return 0;
	}
	if (pw != NULL)
		r = join_groups(g, pw, &gid); /* before the chroot hides them, as Postfix does */
	if (r != 0)
		return r;
	if (g->root != NULL && (chroot(g->root) != 0 || chdir("/") != 0))
		return errno;
	if (g->root == NULL && g->cwd != NULL && chdir(g->cwd) != 0)
		return errno;
	if (pw != NULL && (setgid(gid) != 0 || setuid(pw->pw_uid) != 0))
		return errno;
	return 0;
}

static bool all(ssize_t (*move)(int, void *, size_t), int fd, char *p, size_t n)
{
	while (n > 0) {
		ssize_t moved = move(fd, p, n);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0)
			return false;
		p += moved;
		n -= (size_t)moved;
	}
	return true;
}

static ssize_t put(int fd, void *p, size_t n)
{
	return write(fd, p, n);
}

int setup_in_guise(const struct setup_guise *guise, void (*look)(const void *arg, void *found),
		   const void *arg, void *found, size_t size)
{
	const struct passwd *pw =
		guise->user != NULL && geteuid() == 0 ? getpwnam(guise->user) : NULL;
	struct found f = { .error = 0 };
	int ends[2], status;
	bool told;
	pid_t child;

	if (guise->user != NULL && geteuid() == 0 && pw == NULL)
		return -ESRCH;
	if (size > sizeof(f.bytes) || pipe(ends) != 0)
		return -ENOMEM;
	child = fork();
	if (child == 0) {
		alarm(PATIENCE_S);
		f.error = put_on(guise, pw);
		if (f.error == 0)
			look(arg, f.bytes);
		all(put, ends[1], (char *)&f, sizeof(f));
		_exit(0);
	}
	close(ends[1]);
	told = child > 0 && all(read, ends[0], (char *)&f, sizeof(f));
	close(ends[0]);
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	if (!told)
		return -ETIMEDOUT;
	if (f.error != 0)
		return -f.error;
	for (size_t i = 0; i < size; i++)
		((char *)found)[i] = f.bytes[i];
	return 0;
}
