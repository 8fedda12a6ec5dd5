#include "config.h"

#include "milter/daemon/listener.h"

#include "common/base/num.h"
#include "milter/daemon/directory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const struct listener *l, const char *what, struct buf *error)
{
	buf_addf(error, "%s: %s %s: %s", l->setting, what, l->spec, strerror(errno));
	return -1;
}

static int parse_unix(const char *path, struct listener *ret, struct buf *error)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->addr;

	if (path[0] != '/' || strlen(path) >= sizeof(un->sun_path)) {
		buf_addf(error, "%s: %s is not an absolute path of at most %zu octets",
			 ret->setting, ret->spec, sizeof(un->sun_path) - 1);
		return -1;
	}
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	ret->path = path;
	ret->addr_len = sizeof(*un);
	return 0;
}

static int parse_inet(const char *rest, int family, struct listener *ret, struct buf *error)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *found;
	const char *host = strchr(rest, '@');
	struct span port = host != NULL ? span_make(rest, (size_t)(host - rest)) : span_of(rest);
	char port_text[8];
	uint64_t number;
	int r;

	host = host != NULL ? host + 1 : (family == AF_INET6 ? "::" : "0.0.0.0");
	if (!num_u64(port, 65535, &number) || number == 0 || host[0] == '\0') {
		buf_addf(error, "%s: expected inet:PORT@ADDRESS, PORT from 1 to 65535",
			 ret->setting);
		return -1;
	}
	snprintf(port_text, sizeof(port_text), "%u", (unsigned)number);
	r = getaddrinfo(host, port_text, &hints, &found);
	if (r != 0) {
		buf_addf(error, "%s: %s: %s", ret->setting, host, gai_strerror(r));
		return -1;
	}
	memcpy(&ret->addr, found->ai_addr, found->ai_addrlen);
	ret->addr_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

int listener_parse(const char *setting, const char *spec, struct listener *ret, struct buf *error)
{
	*ret = (struct listener){ .setting = setting, .spec = spec, .type = SOCK_STREAM, .fd = -1 };
	if (strncmp(spec, "unix:", 5) == 0)
		return parse_unix(spec + 5, ret, error);
	if (strncmp(spec, "inet:", 5) == 0)
		return parse_inet(spec + 5, strchr(spec + 5, ':') != NULL ? AF_UNSPEC : AF_INET,
				  ret, error);
	if (strncmp(spec, "inet6:", 6) == 0)
		return parse_inet(spec + 6, AF_INET6, ret, error);
	buf_addf(error, "%s: expected unix:PATH or inet:PORT@ADDRESS", setting);
	return -1;
}

static bool is_any(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

	return (addr->ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY)) ||
	       (addr->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr));
}

static bool is_loopback(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

	return (addr->ss_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 == 127) ||
	       (addr->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
}

/* Where we reach it ourselves. */
static int connect_to(const struct listener *l, int flags)
{
	struct sockaddr_storage addr = l->addr;
	int fd = socket(addr.ss_family, l->type | SOCK_CLOEXEC | flags, 0);

	if (is_any(&addr) && addr.ss_family == AF_INET)
		((struct sockaddr_in *)&addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (is_any(&addr))
		((struct sockaddr_in6 *)&addr)->sin6_addr = in6addr_loopback;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, l->addr_len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool listener_is_served(const struct listener *l)
{
	int fd = connect_to(l, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void listener_poke(const struct listener *l)
{
	/* A full backlog is as good: connections are waiting already. */
	int fd = connect_to(l, SOCK_NONBLOCK);

	if (fd >= 0)
		close(fd);
}

int listener_prepare(const struct listener *l, uid_t uid, struct buf *error)
{
	if (listener_is_served(l)) {
		buf_addf(error, "%s: another process is serving it already: %s", l->setting,
			 l->spec);
		return -1;
	}
	/* 0755: the mode of the socket is what guards it. */
	return l->path != NULL ? directory_make_for(l->path, 0755, uid, (gid_t)-1, error) : 0;
}

int listener_permit(const struct listener *l, const struct listener_access *who, struct buf *error)
{
	if (l->path == NULL)
		return 0;
	if (lchown(l->path, geteuid() == 0 ? who->uid : (uid_t)-1, who->gid) != 0)
		return fail(l, "cannot set owner and group of", error);
	/* Root works here in a directory of the daemon's user: a link must lead nowhere. */
	if (fchmodat(AT_FDCWD, l->path, who->mode, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(l, "cannot set permissions of", error);
	return 0;
}

static int bind_here(const struct listener *l, struct buf *error)
{
	const int yes = 1;
	mode_t old;
	int fd = socket(l->addr.ss_family, l->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return fail(l, "cannot listen on", error);
	if (l->path != NULL)
		unlink(l->path);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (l->addr.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	old = umask(0177);
	r = bind(fd, (const struct sockaddr *)&l->addr, l->addr_len);
	umask(old);
	if (r == 0)
		return fd;
	fail(l, "cannot listen on", error);
	close(fd);
	return -1;
}

int listener_bind(struct listener *l, int backlog, const struct listener_access *who,
		  struct buf *error)
{
	if (listener_prepare(l, who->uid, error) != 0)
		return -1;
	l->fd = bind_here(l, error);
	if (l->fd < 0)
		return -1;
	if (listener_permit(l, who, error) == 0) {
		if (l->type == SOCK_DGRAM || listen(l->fd, backlog) == 0)
			return 0;
		fail(l, "cannot listen on", error);
	}
	listener_close(l);
	return -1;
}

void listener_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	if (l->path != NULL)
		unlink(l->path);
	close(l->fd);
	l->fd = -1;
}

/* A client passes as a member of the socket's group, or as anybody. */
static bool lets_pass(const struct stat *st, gid_t gid)
{
	return (st->st_mode & S_IXOTH) != 0 || ((st->st_mode & S_IXGRP) != 0 && st->st_gid == gid);
}

static bool path_is_open(const struct listener *l, gid_t gid, struct buf *report)
{
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	bool open = true;

	snprintf(dir, sizeof(dir), "%s", l->path);
	for (char *slash = strrchr(dir, '/'); slash != NULL && slash != dir;
	     slash = strrchr(dir, '/')) {
		struct stat st;

		*slash = '\0';
		if (stat(dir, &st) == 0 && !lets_pass(&st, gid)) {
			buf_addf(report,
				 "problem %s: %s (mode %04o, group %u) does not let group %u in\n",
				 l->setting, dir, (unsigned)st.st_mode & 07777, (unsigned)st.st_gid,
				 (unsigned)gid);
			open = false;
		}
	}
	return open;
}

static bool directory_is_fine(const struct listener *l, struct buf *report)
{
	switch (directory_look(l->path)) {
	case DIRECTORY_HOPELESS:
		buf_addf(report, "problem %s: the directory of %s is missing; make it\n",
			 l->setting, l->path);
		return false;
	case DIRECTORY_CAN_BE_MADE:
		buf_addf(report, "ok      %s: the directory of %s will be made\n", l->setting,
			 l->path);
		break;
	case DIRECTORY_THERE:
		break;
	}
	return true;
}

bool listener_examine(const struct listener *l, const struct listener_access *who,
		      struct buf *report)
{
	const char *served = listener_is_served(l) ? ", a daemon is serving it" : "";
	bool well;

	if (l->path == NULL) {
		if (is_loopback(&l->addr))
			buf_addf(report, "ok      %s: %s%s\n", l->setting, l->spec, served);
		else
			buf_addf(report, "warning %s: %s is open to the network\n", l->setting,
				 l->spec);
		return true;
	}
	well = path_is_open(l, who->gid, report);
	if ((who->mode & 0066) == 0) {
		buf_addf(report, "problem %s_mode: %04o lets no client in\n", l->setting,
			 (unsigned)who->mode);
		well = false;
	}
	if (well)
		buf_addf(report, "ok      %s: %s, mode %04o, group %u%s\n", l->setting, l->path,
			 (unsigned)who->mode, (unsigned)who->gid, served);
	return directory_is_fine(l, report) && well;
}
