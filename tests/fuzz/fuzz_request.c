/* Requests of whoever may open the policy service's sockets: what is understood, and what is said about what is not. The first octet chooses
 * the protocol and whether the client has half-closed. */
#include "config.h"

#include "milter/daemon/protocol.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static struct desk *desk(void)
{
	static struct door door;
	static struct desk d;

	if (d.door != NULL)
		return &d;
	door.settings = settings_defaults();
	door.log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_WARNING, "fuzz");
	d.door = &door;
	buf_init(&d.out, PROTOCOL_HEAD + LIMIT_MAP_REPLY + 1);
	return &d;
}

static void check_line(struct span line)
{
	MUST(line.n > 1 && line.p[line.n - 1] == '\n');
	for (size_t i = 0; i + 1 < line.n; i++)
		MUST(line.p[i] >= ' ' && line.p[i] <= '~' && strchr("${}\\\"", line.p[i]) == NULL);
}

/* Nobody has logged in but where the last word says so: an address, which a stranger chooses, has its domain behind it. */
static void check_login(struct span request)
{
	static const char word[] = "authenticated";
	const size_t n = sizeof(word) - 1;

	request = span_trim(request);
	MUST(request.n > n && span_eq(span_make(request.p + request.n - n, n), word));
	MUST(strchr(" \t", request.p[request.n - n - 1]) != NULL);
}

static void check_string(struct span string)
{
	MUST(string.n > 3 && string.p[string.n - 1] == ',');
	MUST(memchr(string.p, ':', 7) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[PROTOCOL_HEAD] = "";
	const struct protocol *protocol;
	struct question q = { .hop = { .kind = NEXTHOP_NONE } };
	struct span in, request;
	struct desk *d = desk();
	size_t used;

	if (size == 0)
		return 0;
	protocol = (data[0] & 1) != 0 ? &exim_protocol : &socketmap_protocol;
	in = span_make(data + 1, size - 1);
	if (protocol->take(in, (data[0] & 2) != 0, &request, &used) != REQUEST_WHOLE)
		return 0;
	MUST(used > 0 && used <= in.n && request.n <= used);
	buf_clear(&d->out);
	buf_add(&d->out, head, sizeof(head));
	if (protocol->understand(d, request, &q)) {
		MUST(q.hop.kind == NEXTHOP_DOMAIN || q.hop.kind == NEXTHOP_HOST);
		MUST(d->out.n == PROTOCOL_HEAD && q.answer != NULL && q.door != NULL);
		if (q.authenticated)
			check_login(request);
	} else if (protocol == &exim_protocol) {
		check_line(protocol->frame(d));
	} else {
		check_string(protocol->frame(d));
	}
	return 0;
}
