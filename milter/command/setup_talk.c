#include "config.h"

#include "milter/command/setup_talk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool ask(int fd, const void *question, size_t n, char *answer, size_t size, size_t *ret_n)
{
	ssize_t got;

	if (send(fd, question, n, MSG_NOSIGNAL) != (ssize_t)n)
		return false;
	got = recv(fd, answer, size - 1, 0);
	if (got <= 0)
		return false;
	answer[got] = '\0';
	*ret_n = (size_t)got;
	return true;
}

/* SMFIC_OPTNEG of version 6, with no wishes. */
static bool talk_milter(int fd, const char **ret_why)
{
	static const unsigned char hello[] = { 0, 0, 0, 13,   'O', 0,	 0,    0,   6,
					       0, 0, 1, 0xff, 0,   0x1f, 0xff, 0xff };
	char answer[64];
	size_t n;

	*ret_why = "does not answer as a milter does";
	return ask(fd, hello, sizeof(hello), answer, sizeof(answer), &n) && n >= 5 &&
	       answer[4] == 'O';
}

/* A key with a leading dot is answered without a look at anything. */
static bool talk_socketmap(int fd, const char *map, const char **ret_why)
{
	char question[200], payload[160], answer[200];
	size_t n;
	int m = snprintf(payload, sizeof(payload), "%s .setup.invalid", map);

	snprintf(question, sizeof(question), "%d:%s,", m, payload);
	*ret_why = "does not answer as a socketmap server does";
	if (!ask(fd, question, strlen(question), answer, sizeof(answer), &n))
		return false;
	*ret_why = "does not know that map name";
	return strstr(answer, ":NOTFOUND") != NULL;
}

/* An address literal has no policy: answered without a look at anything. */
static bool talk_exim(int fd, const char **ret_why)
{
	static const char question[] = "policy [192.0.2.1]\n";
	char answer[200];
	size_t n;

	*ret_why = "does not answer as the daemon does";
	return ask(fd, question, sizeof(question) - 1, answer, sizeof(answer), &n) &&
	       strncmp(answer, "none", 4) == 0;
}

bool setup_talk(int fd, enum setup_talk talk, const char *map, const char **ret_why)
{
	switch (talk) {
	case TALK_MILTER:
		return talk_milter(fd, ret_why);
	case TALK_SOCKETMAP:
		return talk_socketmap(fd, map, ret_why);
	case TALK_EXIM:
		return talk_exim(fd, ret_why);
	case TALK_DATAGRAM:
		break;
	}
	return true;
}
