#include "config.h"

#include "milter/daemon/milter_socket.h"

#include <string.h>
#include <unistd.h>

static bool is_in_chroot(const char *path)
{
	static const char chroot[] = "/var/spool/postfix/";

	return strncmp(path, chroot, sizeof(chroot) - 1) == 0;
}

bool milter_socket_examine(const struct listener *l, const struct listener_access *who,
			   struct buf *report)
{
	if (l->path == NULL) {
		buf_addf(report, "warning %s: %s; a unix socket is much faster\n", l->setting,
			 l->spec);
		return true;
	}
	if (access("/etc/postfix/main.cf", F_OK) == 0 && !is_in_chroot(l->path))
		buf_addf(report,
			 "warning %s: %s is outside /var/spool/postfix, where Debian's chrooted "
			 "smtpd cannot reach it\n",
			 l->setting, l->path);
	return listener_examine(l, who, report);
}
