#include "config.h"

#include "milter/command/ending.h"

#include <sys/signalfd.h>
#include <unistd.h>

bool ending_begin(struct ending *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &e->unblocked);
	e->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return e->fd >= 0;
}

void ending_release(struct ending *e)
{
	struct signalfd_siginfo heard;

	/* It must not kill us when it is let through. */
	while (e->fd >= 0 && read(e->fd, &heard, sizeof(heard)) > 0)
		continue;
	if (e->fd >= 0)
		close(e->fd);
	sigprocmask(SIG_SETMASK, &e->unblocked, NULL);
}
