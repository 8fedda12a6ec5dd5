#include "config.h"

#include "tests/milter/milter_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

int wire_put_u32(struct buf *out, uint32_t v)
{
	v = htonl(v);
	return buf_add(out, &v, sizeof(v));
}

int wire_put_text(struct buf *out, const char *text)
{
	if (text == NULL)
		text = "";
	return buf_add(out, text, strlen(text) + 1);
}

int wire_put(struct buf *out, char command, struct span payload)
{
	unsigned char head[5];
	uint32_t n;
	size_t before = out->n;
	int r;

	if (payload.n >= WIRE_PACKET_MAX)
		return -EMSGSIZE;
	n = htonl((uint32_t)payload.n + 1);
	memcpy(head, &n, sizeof(n));
	head[4] = (unsigned char)command;
	r = buf_add(out, head, sizeof(head));
	if (r == 0)
		r = buf_add(out, payload.p, payload.n);
	if (r < 0)
		out->n = before;
	return r;
}

enum wire_status wire_take(struct span *in, char *ret_command, struct span *ret_payload)
{
	uint32_t n;

	if (in->n < sizeof(n))
		return WIRE_MORE;
	memcpy(&n, in->p, sizeof(n));
	n = ntohl(n);
	if (n == 0 || n > WIRE_PACKET_MAX)
		return WIRE_BROKEN;
	if (in->n < sizeof(n) + n)
		return WIRE_MORE;
	*ret_command = in->p[4];
	*ret_payload = span_make(in->p + 5, n - 1);
	*in = span_make(in->p + sizeof(n) + n, in->n - sizeof(n) - n);
	return WIRE_PACKET;
}

bool wire_take_u32(struct span *payload, uint32_t *ret)
{
	uint32_t v;

	if (payload->n < sizeof(v))
		return false;
	memcpy(&v, payload->p, sizeof(v));
	*ret = ntohl(v);
	*payload = span_make(payload->p + sizeof(v), payload->n - sizeof(v));
	return true;
}

bool wire_take_text(struct span *payload, const char **ret)
{
	const char *end = payload->n == 0 ? NULL : memchr(payload->p, '\0', payload->n);
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - payload->p) + 1;
	*ret = payload->p;
	*payload = span_make(payload->p + n, payload->n - n);
	return true;
}
