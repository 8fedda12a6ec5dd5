#include "config.h"

#include "milter/daemon/milter_socket.h"

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

static int fail(struct buf *error, const char *what, const char *name)
{
	buf_addf(error, "%s %s: %s", what, name, strerror(errno));
	return -1;
}

static int parse_unix(const char *path, struct milter_socket *ret, struct buf *error)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->addr;

	if (path[0] != '/' || strlen(path) >= sizeof(un->sun_path)) {
		buf_addf(error,
			 "milter_socket: unix:%s is not an absolute path of at most %zu octets",
			 path, sizeof(un->sun_path) - 1);
		return -1;
	}
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	ret->path = path;
	ret->addr_len = sizeof(*un);
	return 0;
}

static void make_loopback(struct milter_socket *s)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&s->addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&s->addr;

	if (s->addr.ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s->addr.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
}

static int parse_inet(const char *rest, int family, struct milter_socket *ret, struct buf *error)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *found;
	struct span in = span_of(rest), port;
	char port_text[8];
	uint64_t number;
	const char *host = strchr(rest, '@');
	int r;

	port = host != NULL ? span_make(rest, (size_t)(host - rest)) : in;
	host = host != NULL ? host + 1 : (family == AF_INET6 ? "::" : "0.0.0.0");
	if (!num_u64(port, 65535, &number) || number == 0 || host[0] == '\0') {
		buf_addf(error, "milter_socket: expected inet:PORT@ADDRESS, PORT from 1 to 65535");
		return -1;
	}
	snprintf(port_text, sizeof(port_text), "%u", (unsigned)number);
	r = getaddrinfo(host, port_text, &hints, &found);
	if (r != 0) {
		buf_addf(error, "milter_socket: %s: %s", host, gai_strerror(r));
		return -1;
	}
	memcpy(&ret->addr, found->ai_addr, found->ai_addrlen);
	ret->addr_len = found->ai_addrlen;
	freeaddrinfo(found);
	make_loopback(ret);
	return 0;
}

int milter_socket_parse(const char *spec, struct milter_socket *ret, struct buf *error)
{
	*ret = (struct milter_socket){ 0 };
	if (strncmp(spec, "unix:", 5) == 0)
		return parse_unix(spec + 5, ret, error);
	if (strncmp(spec, "inet:", 5) == 0)
		return parse_inet(spec + 5, AF_INET, ret, error);
	if (strncmp(spec, "inet6:", 6) == 0)
		return parse_inet(spec + 6, AF_INET6, ret, error);
	buf_addf(error, "milter_socket: expected unix:PATH or inet:PORT@ADDRESS");
	return -1;
}

static bool somebody_listens(const struct milter_socket *s)
{
	int fd = socket(s->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)&s->addr, s->addr_len) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

/* The MTA passes as a member of the socket's group, or as anybody. */
static bool lets_pass(const struct stat *st, gid_t gid)
{
	return (st->st_mode & S_IXOTH) != 0 || ((st->st_mode & S_IXGRP) != 0 && st->st_gid == gid);
}

static bool path_is_open(const char *path, gid_t gid, struct buf *report)
{
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	bool open = true;

	snprintf(dir, sizeof(dir), "%s", path);
	for (char *slash = strrchr(dir, '/'); slash != NULL && slash != dir;
	     slash = strrchr(dir, '/')) {
		struct stat st;

		*slash = '\0';
		if (stat(dir, &st) == 0 && !lets_pass(&st, gid)) {
			buf_addf(report,
				 "problem milter_socket: %s (mode %04o, group %u) does not let "
				 "group %u in\n",
				 dir, (unsigned)st.st_mode & 07777, (unsigned)st.st_gid,
				 (unsigned)gid);
			open = false;
		}
	}
	return open;
}

static bool is_in_chroot(const char *path)
{
	static const char chroot[] = "/var/spool/postfix/";

	return strncmp(path, chroot, sizeof(chroot) - 1) == 0;
}

bool milter_socket_examine(const struct milter_socket *s, const struct identity *id,
			   const struct settings *settings, struct buf *report)
{
	bool well = true;

	if (s->path == NULL) {
		buf_addf(report, "warning milter_socket: %s; a unix socket is much faster\n",
			 settings->milter_socket);
		return true;
	}
	well = path_is_open(s->path, id->milter_gid, report);
	if (access("/etc/postfix/main.cf", F_OK) == 0 && !is_in_chroot(s->path))
		buf_addf(report,
			 "warning milter_socket: %s is outside /var/spool/postfix, where Debian's "
			 "chrooted smtpd cannot reach it\n",
			 s->path);
	if ((settings->milter_socket_mode & 0066) == 0) {
		buf_addf(report, "problem milter_socket_mode: %04o lets no MTA in\n",
			 (unsigned)settings->milter_socket_mode);
		well = false;
	}
	if (well)
		buf_addf(report, "ok      milter_socket: %s, mode %04o, group %u%s\n", s->path,
			 (unsigned)settings->milter_socket_mode, (unsigned)id->milter_gid,
			 somebody_listens(s) ? ", a daemon is serving it" : "");
	return well;
}

int milter_socket_prepare(const struct milter_socket *s, uid_t uid, struct buf *error)
{
	if (somebody_listens(s)) {
		buf_addf(error, "milter_socket: another process is serving it already");
		return -1;
	}
	return s->path != NULL ? directory_make_for(s->path, 0755, uid, (gid_t)-1, error) : 0;
}

int milter_socket_permit(const struct milter_socket *s, uid_t uid, gid_t gid, mode_t mode,
			 struct buf *error)
{
	if (s->path == NULL)
		return 0;
	if (lchown(s->path, geteuid() == 0 ? uid : (uid_t)-1, gid) != 0)
		return fail(error, "cannot set owner and group of", s->path);
	/* Root works here in a directory of the daemon's user: a link must lead nowhere. */
	if (fchmodat(AT_FDCWD, s->path, mode, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(error, "cannot set permissions of", s->path);
	return 0;
}

void milter_socket_poke(const struct milter_socket *s)
{
	int fd = socket(s->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	/* A full backlog is as good: connections are waiting already. */
	if (connect(fd, (const struct sockaddr *)&s->addr, s->addr_len) != 0) {
		close(fd);
		return;
	}
	close(fd);
}
