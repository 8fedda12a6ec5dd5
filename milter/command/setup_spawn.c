#include "config.h"

#include "milter/command/setup_spawn.h"

#include "milter/command/now.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 90000 };

extern char **environ;

enum { ENOUGH = 1 };

/* 0 at its end, ENOUGH, or -ETIMEDOUT, -ENOMEM, -errno. */
static int take(int fd, const char *enough, struct buf *out)
{
	int64_t until = now_ms() + PATIENCE_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[8192];

	for (;;) {
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (buf_add(out, piece, (size_t)n) != 0)
			return -ENOMEM;
		if (enough != NULL && strstr(buf_text(out), enough) != NULL)
			return ENOUGH;
	}
}

static int start(const char *const argv[], bool errors_too, int to, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	const char *path = argv[0];
	char beside[256];
	int r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, to, 1);
	if (errors_too)
		posix_spawn_file_actions_adddup2(&files, to, 2);
	else
		posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(ret, path, &files, NULL, (char *const *)argv, environ);
	if (r == ENOENT && path[0] != '/') {
		int n = snprintf(beside, sizeof(beside), "/usr/sbin/%s", path);

		if (n > 0 && (size_t)n < sizeof(beside))
			r = posix_spawn(ret, beside, &files, NULL, (char *const *)argv, environ);
	}
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

int setup_spawn(const char *const argv[], bool errors_too, const char *enough, struct buf *out)
{
	int ends[2], r, status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	r = start(argv, errors_too, ends[1], &child);
	close(ends[1]);
	if (r == 0) {
		r = take(ends[0], enough, out);
		if (r != 0)
			kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (r == 0)
			r = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		else if (r == ENOUGH)
			r = 0;
	}
	close(ends[0]);
	return r;
}

int setup_keep(const struct buf *printed, struct arena *arena, struct span *ret)
{
	*ret = span_make(arena_strdup(arena, buf_span(printed)), printed->n);
	return ret->p != NULL ? 0 : -ENOMEM;
}
