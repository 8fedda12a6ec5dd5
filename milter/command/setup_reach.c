#include "config.h"

#include "milter/command/setup_world.h"

#include "common/base/cleanup.h"
#include "common/base/num.h"
#include "milter/command/setup_guise.h"
#include "milter/command/setup_resolver.h"
#include "milter/command/setup_spawn.h"
#include "milter/command/setup_talk.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct errand {
	const struct setup_address *to;
	enum setup_talk talk;
	const char *map;
};

/* What the child has seen, in plain numbers: names of users cannot be had in a chroot. */
struct sight {
	enum setup_reach word;
	int error;
	char odd[80];
	char blocked[200]; /* of FORBIDDEN: the first thing on the way that may not be passed */
	bool directory;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

static void give(struct sight *s, const struct stat *st, const char *path, bool directory)
{
	snprintf(s->blocked, sizeof(s->blocked), "%s", path);
	s->directory = directory;
	s->mode = st->st_mode & 07777;
	s->uid = st->st_uid;
	s->gid = st->st_gid;
}

/* access() asks for the real user, whom the guise has changed too. */
static void find_block(const char *path, struct sight *s)
{
	char part[200];
	struct stat st;
	size_t n = strlen(path);

	for (size_t i = 1; i < n && i < sizeof(part); i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (access(part, X_OK) != 0 && stat(part, &st) == 0) {
			give(s, &st, part, true);
			return;
		}
	}
	if (stat(path, &st) == 0)
		give(s, &st, path, false);
}

static void set_times(int fd)
{
	static const struct timeval patience = { 5, 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static int dial_unix(const char *path, int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	set_times(fd);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int dial_inet(const struct setup_address *to)
{
	const char *host = strcmp(to->host, "localhost") == 0 ? "127.0.0.1" : to->host;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV },
			*found;
	char port[8];
	int fd = -1;

	snprintf(port, sizeof(port), "%u", to->port);
	if (getaddrinfo(host, port, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		set_times(fd);
		if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static void look(const void *arg, void *found)
{
	const struct errand *e = arg;
	struct sight s = { .word = REACH_OK };
	int fd = e->to->path != NULL
			 ? dial_unix(e->to->path,
				     e->talk == TALK_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM)
			 : dial_inet(e->to);
	const char *why = "";

	if (fd >= 0) {
		if (!setup_talk(fd, e->talk, e->map, &why))
			s.word = REACH_ODD;
		snprintf(s.odd, sizeof(s.odd), "%s", why);
		close(fd);
	} else {
		s.error = errno;
		s.word = s.error == EACCES || s.error == EPERM ? REACH_FORBIDDEN
			 : s.error == EPROTOTYPE	       ? REACH_ODD
							       : REACH_ABSENT;
		if (s.error == EPROTOTYPE)
			snprintf(s.odd, sizeof(s.odd), "is a socket of another kind");
		if (s.word == REACH_FORBIDDEN && e->to->path != NULL)
			find_block(e->to->path, &s);
	}
	memcpy(found, &s, sizeof(s));
}

static const char *user_name(uid_t uid, char out[32])
{
	const struct passwd *pw = getpwuid(uid);

	snprintf(out, 32, "%u", (unsigned)uid);
	return pw != NULL ? pw->pw_name : out;
}

static const char *group_name(gid_t gid, char out[32])
{
	const struct group *g = getgrgid(gid);

	snprintf(out, 32, "%u", (unsigned)gid);
	return g != NULL ? g->gr_name : out;
}

/* The path as it is called outside of the chroot. */
static const char *outside(const struct setup_guise *g, const char *path, char *out, size_t size)
{
	const char *base = g->root != NULL		      ? g->root
			   : path[0] != '/' && g->cwd != NULL ? g->cwd
							      : "";
	int n = snprintf(out, size, "%s%s%s", base, path[0] != '/' && base[0] != '\0' ? "/" : "",
			 path);

	return n > 0 && (size_t)n < size ? out : path;
}

static void explain_forbidden(const struct setup_guise *g, const struct sight *s, const char *who,
			      const char *name, struct setup_reached *ret)
{
	char path[400], user[32], group[32];

	if (s->blocked[0] == '\0') {
		snprintf(ret->why, sizeof(ret->why), "%.120s may not connect to %.120s", who, name);
		snprintf(ret->cure, sizeof(ret->cure),
			 "look at what guards it (AppArmor, SELinux)");
		return;
	}
	outside(g, s->blocked, path, sizeof(path));
	snprintf(ret->why, sizeof(ret->why), "%.40s may not %s %.120s (mode %04o, %.30s:%.30s)",
		 who, s->directory ? "pass the directory" : "write to the socket", path,
		 (unsigned)s->mode, user_name(s->uid, user), group_name(s->gid, group));
	if (s->directory)
		snprintf(ret->cure, sizeof(ret->cure),
			 "chmod o+x %.200s, or chgrp it to a group that %.40s is in", path, who);
	else
		snprintf(ret->cure, sizeof(ret->cure),
			 "set the socket's group and mode in mta-sts.conf (..._group, ..._mode) "
			 "for user %.40s, and restart the daemon",
			 who);
}

static void reach(void *ctx, const struct setup_guise *guise, const struct setup_address *to,
		  enum setup_talk talk, const char *map, struct setup_reached *ret)
{
	const struct errand e = { to, talk, map };
	struct sight s = { .word = REACH_OK };
	char name[400] = "", place[200], who[80];
	int r = setup_in_guise(guise, look, &e, &s, sizeof(s));

	(void)ctx;
	*ret = (struct setup_reached){ .word = REACH_OK };
	snprintf(who, sizeof(who), "%s%s%s", guise->user != NULL ? guise->user : "this user",
		 guise->group != NULL ? ":" : "", guise->group != NULL ? guise->group : "");
	if (to->path != NULL)
		snprintf(name, sizeof(name), "%s", outside(guise, to->path, place, sizeof(place)));
	else
		snprintf(name, sizeof(name), "%s port %u", to->host, to->port);
	if (r != 0) {
		ret->word = REACH_UNKNOWN;
		snprintf(ret->why, sizeof(ret->why), "%.180s could not be tried as user %.40s: %s",
			 name, who, r == -ESRCH ? "there is no such user or group" : strerror(-r));
		return;
	}
	ret->word = s.word;
	if (s.word == REACH_FORBIDDEN && geteuid() != 0)
		ret->word = REACH_UNKNOWN;
	switch (ret->word) {
	case REACH_OK:
		break;
	case REACH_UNKNOWN:
		snprintf(ret->why, sizeof(ret->why),
			 "%.200s could not be tried: only root may look", name);
		break;
	case REACH_ABSENT:
		snprintf(ret->why, sizeof(ret->why), "%.200s: %s", name,
			 s.error == ENOENT	   ? "there is no such socket"
			 : s.error == ECONNREFUSED ? "nobody listens there"
						   : strerror(s.error));
		break;
	case REACH_FORBIDDEN:
		explain_forbidden(guise, &s, who, name, ret);
		break;
	case REACH_ODD:
		snprintf(ret->why, sizeof(ret->why), "%.200s %s", name, s.odd);
		break;
	}
}

static int file(void *ctx, const char *path)
{
	FILE *f = fopen(path, "re");
	int c;

	(void)ctx;
	if (f == NULL)
		return errno;
	errno = 0;
	c = getc(f);
	if (c == EOF && errno == 0)
		errno = ENODATA;
	fclose(f);
	return c == EOF ? errno : 0;
}

static int directory(void *ctx, const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	(void)ctx;
	if (d == NULL)
		return errno;
	while (n < 3 && readdir(d) != NULL)
		n++;
	closedir(d);
	return n == 3 ? 0 : ENODATA;
}

static int mode(void *ctx, const char *path, mode_t *ret)
{
	struct stat st;

	(void)ctx;
	if (stat(path, &st) != 0)
		return errno;
	*ret = st.st_mode & 07777;
	return 0;
}

/* postmap(1) ends with 1 both when it finds nothing and when it cannot look; then it says why. */
static enum setup_answer table(void *ctx, const char *config, const char *name, char why[200])
{
	const char *const plain[] = { "postmap", "-q", "mta-sts.setup.invalid", name, NULL };
	const char *const with[] = { "postmap", "-c", config, "-q", "mta-sts.setup.invalid",
				     name,	NULL };
	AUTO(buf_release) struct buf out = { .max = 10000 };
	int r = setup_spawn(config != NULL ? with : plain, true, NULL, &out);
	const char *fatal = strstr(buf_text(&out), "fatal: ");

	(void)ctx;
	if (r == 0)
		return TABLE_ANSWERS;
	if (r == -ENOENT || (r == 1 && fatal == NULL))
		return TABLE_SILENT;
	if (fatal == NULL)
		fatal = r < 0 ? strerror(-r) : "postmap -q says nothing";
	else
		fatal += strlen("fatal: ");
	snprintf(why, 200, "%.*s", (int)strcspn(fatal, "\n"), fatal);
	return TABLE_BROKEN;
}

struct setup_world setup_world_here(void)
{
	return (struct setup_world){ .root = geteuid() == 0,
				     .reach = reach,
				     .resolver = setup_resolver_look,
				     .file = file,
				     .directory = directory,
				     .mode = mode,
				     .table = table };
}
