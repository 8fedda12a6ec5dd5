#include "config.h"

#include "tests/bench/cold_serve.h"

#include <stdio.h>
#include <string.h>

enum { MUCH = 8192 };

static void say(struct cold_link *k, const char *text)
{
	link_say(k, text, strlen(text));
}

/* HTTPS */

/* When the ClientHello is about to arrive. */
static void await_hello(struct cold_link *k)
{
	if (link_host(k)->kind == COLD_HTTPS_TARPIT)
		link_mute(k);
}

static void policy(struct cold_link *k)
{
	struct cold_host mx = *link_host(k);
	char name[COLD_NAME], body[300], text[600];
	int n;

	mx.role = COLD_MX_HOST;
	cold_name(&mx, name);
	n = snprintf(body, sizeof(body),
		     "version: STSv1\r\nmode: enforce\r\nmx: %s\r\nmax_age: 604800\r\n", name);
	(void)snprintf(text, sizeof(text),
		       "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
		       "Connection: close\r\n\r\n%s",
		       n, body);
	say(k, text);
	link_finish(k);
}

/* Lines that never end: of a body in one chunk, or of a header. */
static void without_end(struct cold_link *k, const char *head)
{
	static char much[MUCH];

	for (size_t i = 0; i < MUCH; i++)
		much[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : i % 64 == 8 ? ':' : 'x';
	say(k, head);
	link_repeat(k, COLD_ROUND_TRIP, much, MUCH);
}

static void https_line(struct cold_link *k, const char *line)
{
	if (line[0] != '\0')
		return; /* the request goes on */
	switch (link_host(k)->kind) {
	case COLD_HTTPS_DRIP:
		say(k,
		    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 600\r\n\r\n");
		link_repeat(k, COLD_SECOND, "v", 1);
		break;
	case COLD_HTTPS_HUGE:
		without_end(k, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			       "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
		break;
	case COLD_HTTPS_ENDLESS:
		without_end(k, "HTTP/1.1 200 OK\r\n");
		break;
	default:
		policy(k);
	}
}

const struct cold_service COLD_HTTPS = { 443, true, await_hello, https_line };

/* SMTP */

static void greet(struct cold_link *k)
{
	static const char more[] = "220-wait\r\n220-a\r\n220-little\r\n";

	switch (link_host(k)->kind) {
	case COLD_MX_TARPIT:
		break;
	case COLD_MX_DRIP:
		link_repeat(k, COLD_SECOND, "2", 1);
		break;
	case COLD_MX_ENDLESS:
		link_repeat(k, COLD_ROUND_TRIP, more, sizeof(more) - 1);
		break;
	default:
		say(k, "220 mx ESMTP\r\n");
	}
}

static bool is_verb(const char *line, const char *verb)
{
	return strncmp(line, verb, strlen(verb)) == 0;
}

static void smtp_line(struct cold_link *k, const char *line)
{
	if (is_verb(line, "EHLO")) {
		say(k, "250-mx\r\n250 STARTTLS\r\n");
	} else if (is_verb(line, "STARTTLS")) {
		say(k, "220 go\r\n");
		link_start_tls(k);
	} else if (is_verb(line, "QUIT")) {
		say(k, "221 bye\r\n");
		link_finish(k);
	} else {
		say(k, "500 what?\r\n");
	}
}

const struct cold_service COLD_SMTP = { 25, false, greet, smtp_line };
