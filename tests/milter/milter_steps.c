#include "config.h"

#include "tests/milter/milter_client.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "tests/milter/milter_wire.h"

static int run(struct milter_client *c, char command, struct span payload,
	       struct milter_reply *reply)
{
	struct milter_reply unused;
	int r = milter_post(c, command, payload.p, payload.n);

	if (reply == NULL)
		reply = &unused;
	if (r > 0)
		return milter_await(c, reply);
	*reply = (struct milter_reply){ .code = SMFIR_CONTINUE, .text = "" };
	reply->sent = milter_wants(c, command);
	return r;
}

static int run_text(struct milter_client *c, char command, const char *text,
		    struct milter_reply *reply)
{
	return run(c, command, span_make(text, strlen(text) + 1), reply);
}

static char family_letter(const char *ip)
{
	if (ip == NULL)
		return SMFIA_UNKNOWN;
	if (ip[0] == '/')
		return SMFIA_UNIX;
	return strchr(ip, ':') != NULL ? SMFIA_INET6 : SMFIA_INET;
}

int milter_connection(struct milter_client *c, const char *host, const char *ip, uint16_t port,
		      struct milter_reply *reply)
{
	AUTO(buf_release) struct buf payload;
	uint16_t net_port = htons(port);
	int r;

	buf_init(&payload, WIRE_PACKET_MAX);
	r = wire_put_text(&payload, host);
	if (r == 0)
		r = buf_addc(&payload, family_letter(ip));
	if (r == 0 && ip != NULL)
		r = buf_add(&payload, &net_port, sizeof(net_port));
	if (r == 0 && ip != NULL)
		r = wire_put_text(&payload, ip);
	return r < 0 ? r : run(c, SMFIC_CONNECT, buf_span(&payload), reply);
}

int milter_helo(struct milter_client *c, const char *name, struct milter_reply *reply)
{
	return run_text(c, SMFIC_HELO, name, reply);
}

int milter_mail(struct milter_client *c, const char *from, struct milter_reply *reply)
{
	return run_text(c, SMFIC_MAIL, from, reply);
}

int milter_mail_with(struct milter_client *c, const char *from, const char *const *parameters,
		     struct milter_reply *reply)
{
	AUTO(buf_release) struct buf payload;
	int r;

	buf_init(&payload, WIRE_PACKET_MAX);
	r = wire_put_text(&payload, from);
	for (; r == 0 && *parameters != NULL; parameters++)
		r = wire_put_text(&payload, *parameters);
	return r < 0 ? r : run(c, SMFIC_MAIL, buf_span(&payload), reply);
}

int milter_rcpt(struct milter_client *c, const char *to, struct milter_reply *reply)
{
	return run_text(c, SMFIC_RCPT, to, reply);
}

int milter_data(struct milter_client *c, struct milter_reply *reply)
{
	return run(c, SMFIC_DATA, span_of(NULL), reply);
}

int milter_header(struct milter_client *c, const char *name, const char *value,
		  struct milter_reply *reply)
{
	AUTO(buf_release) struct buf payload;
	int r;

	buf_init(&payload, WIRE_PACKET_MAX);
	r = wire_put_text(&payload, name);
	if (r == 0)
		r = wire_put_text(&payload, value);
	return r < 0 ? r : run(c, SMFIC_HEADER, buf_span(&payload), reply);
}

int milter_eoh(struct milter_client *c, struct milter_reply *reply)
{
	return run(c, SMFIC_EOH, span_of(NULL), reply);
}

int milter_body(struct milter_client *c, const char *chunk, size_t n, struct milter_reply *reply)
{
	return run(c, SMFIC_BODY, span_make(chunk, n), reply);
}

int milter_eom(struct milter_client *c, struct milter_reply *reply)
{
	return run(c, SMFIC_BODYEOB, span_of(NULL), reply);
}

int milter_abort(struct milter_client *c)
{
	return milter_post(c, SMFIC_ABORT, NULL, 0);
}

int milter_quit(struct milter_client *c)
{
	return milter_post(c, SMFIC_QUIT, NULL, 0);
}
