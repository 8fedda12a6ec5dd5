#include "config.h"

#include "milter/command/client.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "milter/command/output.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

static int refused(const char *path)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		complain("%s: %s; ask as root or as a member of the socket's group", path,
			 strerror(errno));
		return EX_NOPERM;
	default:
		complain("%s: %s; is mta-sts-milter running?", path, strerror(errno));
		return EX_UNAVAILABLE;
	}
}

static int dial(const char *path, int *ret_fd)
{
	static const struct timeval patience = { 10, 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		complain("%s: too long for a socket's path", path);
		return EX_USAGE;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
		int status = refused(path);

		if (fd >= 0)
			close(fd);
		return status;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	*ret_fd = fd;
	return EX_OK;
}

/* One write fits: requests are short. Reads until the daemon hangs up. */
static bool talk(int fd, const char *request, struct buf *answer)
{
	char piece[16384];
	struct buf line;
	ssize_t n;
	bool sent;

	buf_init(&line, 2048);
	sent = buf_addf(&line, "%s\n", request) == 0 &&
	       send(fd, line.p, line.n, MSG_NOSIGNAL) == (ssize_t)line.n;
	buf_release(&line);
	while (sent && (n = recv(fd, piece, sizeof(piece), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || buf_add(answer, piece, (size_t)n) != 0)
			return false;
	}
	return sent;
}

static int understand(const struct buf *answer, json_t **ret)
{
	json_error_t fault;
	json_t *root = json_loadb(buf_text(answer), answer->n, 0, &fault), *result;
	const char *error;
	int status = EX_TEMPFAIL;

	result = json_object_get(root, "result");
	error = json_string_value(json_object_get(root, "error"));
	if (json_is_true(json_object_get(root, "ok")) && json_is_object(result)) {
		*ret = json_incref(result);
		status = EX_OK;
	} else if (error != NULL) {
		complain("%s", error);
		status = EX_USAGE;
	} else {
		complain("the daemon's answer is incomplete; try again");
	}
	json_decref(root);
	return status;
}

int client_ask(const char *socket_path, const char *request, json_t **ret)
{
	AUTO(buf_release) struct buf answer = { .max = CLIENT_ANSWER_MAX };
	int fd = -1, status = dial(socket_path, &fd);

	if (status != EX_OK)
		return status;
	if (talk(fd, request, &answer)) {
		status = understand(&answer, ret);
	} else {
		complain("%s: the daemon does not answer; try again", socket_path);
		status = EX_TEMPFAIL;
	}
	close(fd);
	return status;
}
