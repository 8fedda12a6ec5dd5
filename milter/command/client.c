#include "config.h"

#include "milter/command/client.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "milter/command/now.h"
#include "milter/command/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum { SILENCE_MS = 1000 };

struct client {
	int fd; /* -1: not connected */
	char *path;
	int64_t used_at; /* when the last answer came */
	struct buf answer;
};

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

static int dial(struct client *c)
{
	static const struct timeval patience = { 10, 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(c->path) >= sizeof(un.sun_path)) {
		complain("%s: too long for a socket's path", c->path);
		return EX_USAGE;
	}
	memcpy(un.sun_path, c->path, strlen(c->path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
		int status = refused(c->path);

		if (fd >= 0)
			close(fd);
		return status;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	c->fd = fd;
	c->used_at = now_ms();
	return EX_OK;
}

static void hang_up(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* One line, without its end. */
static bool receive_line(struct client *c)
{
	char piece[16384];
	ssize_t n;

	buf_clear(&c->answer);
	for (;;) {
		n = recv(c->fd, piece, sizeof(piece), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || buf_add(&c->answer, piece, (size_t)n) != 0)
			return false;
		if (piece[n - 1] == '\n')
			break;
	}
	return memchr(c->answer.p, '\n', c->answer.n - 1) == NULL;
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
		json_int_t said = json_integer_value(json_object_get(root, "status"));

		complain("%s", error);
		status = said > 0 && said < 126 ? (int)said : EX_USAGE;
	} else {
		complain("the daemon's answer is incomplete; try again");
	}
	json_decref(root);
	return status;
}

/* Also when sending failed there may be an answer that says why. */
static int exchange(struct client *c, const char *line, json_t **ret)
{
	int status;

	send_all(c->fd, line, strlen(line));
	if (receive_line(c)) {
		c->used_at = now_ms();
		status = understand(&c->answer, ret);
	} else {
		complain("%s: the daemon does not answer; try again", c->path);
		hang_up(c);
		status = EX_TEMPFAIL;
	}
	return status;
}

static int ask_line(struct client *c, char *text, json_t **ret)
{
	AUTO(buf_release) struct buf line = { .max = LIMIT_CONTROL_LINE + 1 };
	int r = text != NULL ? buf_adds(&line, text) : -ENOMEM;

	free(text);
	if (r == 0)
		r = buf_addc(&line, '\n');
	if (r != 0) {
		complain(r == -EMSGSIZE ? "that is more than the daemon takes at once"
					: "out of memory");
		return r == -EMSGSIZE ? EX_DATAERR : EX_TEMPFAIL;
	}
	if (c->fd >= 0 && now_ms() - c->used_at > SILENCE_MS)
		hang_up(c);
	if (c->fd < 0) {
		int status = dial(c);

		if (status != EX_OK)
			return status;
	}
	return exchange(c, line.p, ret);
}

int client_ask(struct client *c, json_t *request, json_t **ret)
{
	char *text;

	if (request == NULL) {
		complain("what is asked is not UTF-8 text");
		return EX_USAGE;
	}
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return ask_line(c, text, ret);
}

int client_open(const char *socket_path, struct client **ret)
{
	struct client *c = calloc(1, sizeof(*c));
	int status = EX_TEMPFAIL;

	if (c == NULL || (c->path = strdup(socket_path)) == NULL) {
		complain("out of memory");
		free(c);
		return EX_TEMPFAIL;
	}
	c->fd = -1;
	buf_init(&c->answer, CLIENT_ANSWER_MAX);
	status = dial(c);
	if (status == EX_OK)
		*ret = c;
	else
		client_close(c);
	return status;
}

struct client *client_close(struct client *c)
{
	if (c == NULL)
		return NULL;
	hang_up(c);
	buf_release(&c->answer);
	free(c->path);
	free(c);
	return NULL;
}

void client_closep(struct client **c)
{
	*c = client_close(*c);
}
