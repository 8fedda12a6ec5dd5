#include "config.h"

#include "tests/milter/milter_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "tests/milter/milter_dial.h"
#include "tests/milter/milter_wire.h"

enum { INPUT_CHUNK = 4096, CHANGES_MAX = 256, MEMORY_MAX = 4 << 20 };

struct milter_client {
	int fd;
	struct milter_terms terms;
	struct arena terms_memory;
	struct buf scratch; /* one payload being put together */
	struct buf macros;  /* packets held back for the next step */
	struct buf out;
	struct buf in;
	size_t in_used; /* packets before it have been taken */
	struct arena message_memory;
	size_t n_changes;
	struct milter_change changes[CHANGES_MAX];
};

/* What the steps have in common: the bit that skips them, the bit that promises no reply, the macro
 * stage. */
struct step {
	char command;
	uint32_t skip;
	uint32_t mute;
	int stage; /* -1: none */
};

/* clang-format off */
static const struct step STEPS[] = {
	{ SMFIC_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN, SMFIM_CONNECT },
	{ SMFIC_HELO,    SMFIP_NOHELO,    SMFIP_NR_HELO, SMFIM_HELO },
	{ SMFIC_MAIL,    SMFIP_NOMAIL,    SMFIP_NR_MAIL, SMFIM_ENVFROM },
	{ SMFIC_RCPT,    SMFIP_NORCPT,    SMFIP_NR_RCPT, SMFIM_ENVRCPT },
	{ SMFIC_DATA,    SMFIP_NODATA,    SMFIP_NR_DATA, SMFIM_DATA },
	{ SMFIC_HEADER,  SMFIP_NOHDRS,    SMFIP_NR_HDR,  -1 },
	{ SMFIC_EOH,     SMFIP_NOEOH,     SMFIP_NR_EOH,  SMFIM_EOH },
	{ SMFIC_BODY,    SMFIP_NOBODY,    SMFIP_NR_BODY, -1 },
	{ SMFIC_BODYEOB, 0,               0,             SMFIM_EOM },
	{ SMFIC_UNKNOWN, SMFIP_NOUNKNOWN, SMFIP_NR_UNKN, -1 },
};
/* clang-format on */

static const struct step *step_of(char command)
{
	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++)
		if (STEPS[i].command == command)
			return &STEPS[i];
	return NULL;
}

/* connection */

struct milter_client *milter_attach(int fd, int timeout_ms)
{
	struct milter_client *c = calloc(1, sizeof(*c));
	struct timeval tv = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };

	if (c == NULL)
		return NULL;
	c->fd = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	arena_init(&c->terms_memory, MEMORY_MAX);
	arena_init(&c->message_memory, MEMORY_MAX);
	buf_init(&c->scratch, WIRE_PACKET_MAX);
	buf_init(&c->macros, WIRE_PACKET_MAX);
	buf_init(&c->out, 2 * WIRE_PACKET_MAX);
	buf_init(&c->in, 2 * WIRE_PACKET_MAX);
	return c;
}

struct milter_client *milter_free(struct milter_client *c)
{
	if (c == NULL)
		return NULL;
	(void)close(c->fd);
	arena_release(&c->terms_memory);
	arena_release(&c->message_memory);
	buf_release(&c->scratch);
	buf_release(&c->macros);
	buf_release(&c->out);
	buf_release(&c->in);
	free(c);
	return NULL;
}

int milter_open(const char *address, int timeout_ms, struct milter_client **ret)
{
	struct milter_client *c;
	int fd = milter_dial(address);

	if (fd < 0)
		return fd;
	c = milter_attach(fd, timeout_ms);
	if (c == NULL) {
		(void)close(fd);
		return -ENOMEM;
	}
	*ret = c;
	return 0;
}

int milter_fd(const struct milter_client *c)
{
	return c->fd;
}

/* bytes out and in */

static int flush(struct milter_client *c)
{
	size_t done = 0;

	while (done < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + done, c->out.n - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : errno == EPIPE ? -ECONNRESET : -errno;
		done += (size_t)n;
	}
	buf_clear(&c->out);
	return 0;
}

static int fill(struct milter_client *c)
{
	char chunk[INPUT_CHUNK];
	ssize_t n;

	do
		n = recv(c->fd, chunk, sizeof(chunk), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (n == 0)
		return -ECONNRESET;
	return buf_add(&c->in, chunk, (size_t)n);
}

/* The payload is valid until the next call. */
static int take_packet(struct milter_client *c, char *ret_command, struct span *ret_payload)
{
	for (;;) {
		struct span in = span_make(c->in.p + c->in_used, c->in.n - c->in_used);
		int r;

		if (in.n == 0) {
			buf_clear(&c->in);
			c->in_used = 0;
		}
		switch (wire_take(&in, ret_command, ret_payload)) {
		case WIRE_PACKET:
			c->in_used = c->in.n - in.n;
			return 0;
		case WIRE_BROKEN:
			return -EPROTO;
		case WIRE_MORE:
			break;
		}
		r = fill(c);
		if (r < 0)
			return r;
	}
}

/* negotiation */

static int take_symbols(struct milter_client *c, struct span payload)
{
	uint32_t stage;
	const char *names;

	while (wire_take_u32(&payload, &stage)) {
		if (stage >= MILTER_STAGES || !wire_take_text(&payload, &names))
			return -EPROTO;
		c->terms.symbols[stage] = arena_strdup(&c->terms_memory, span_of(names));
		if (c->terms.symbols[stage] == NULL)
			return -ENOMEM;
	}
	return payload.n == 0 ? 0 : -EPROTO;
}

int milter_negotiate(struct milter_client *c, struct milter_offer offer)
{
	struct span payload;
	char command;
	int r;

	buf_clear(&c->scratch);
	r = wire_put_u32(&c->scratch, offer.version);
	if (r == 0)
		r = wire_put_u32(&c->scratch, offer.actions);
	if (r == 0)
		r = wire_put_u32(&c->scratch, offer.steps);
	if (r == 0)
		r = wire_put(&c->out, SMFIC_OPTNEG, buf_span(&c->scratch));
	if (r == 0)
		r = flush(c);
	if (r == 0)
		r = take_packet(c, &command, &payload);
	if (r < 0)
		return r;
	if (command != SMFIC_OPTNEG || !wire_take_u32(&payload, &c->terms.version) ||
	    !wire_take_u32(&payload, &c->terms.actions) ||
	    !wire_take_u32(&payload, &c->terms.steps) || c->terms.version > offer.version)
		return -EPROTO;
	return take_symbols(c, payload);
}

const struct milter_terms *milter_terms(const struct milter_client *c)
{
	return &c->terms;
}

/* macros */

static bool wanted(const struct milter_client *c, int stage, const char *name)
{
	struct span list, word;

	if (stage < 0 || c->terms.symbols[stage] == NULL)
		return true;
	list = span_of(c->terms.symbols[stage]);
	while (span_word(&list, &word))
		if (span_eq(word, name))
			return true;
	return false;
}

int milter_macros(struct milter_client *c, char command, const char *const *names_values)
{
	const struct step *step = step_of(command);
	int r;

	buf_clear(&c->scratch);
	r = buf_addc(&c->scratch, command);
	for (size_t i = 0; r == 0 && names_values[i] != NULL; i += 2) {
		if (step == NULL || !wanted(c, step->stage, names_values[i]))
			continue;
		r = wire_put_text(&c->scratch, names_values[i]);
		if (r == 0)
			r = wire_put_text(&c->scratch, names_values[i + 1]);
	}
	return r < 0 ? r : wire_put(&c->macros, SMFIC_MACRO, buf_span(&c->scratch));
}

/* steps */

bool milter_wants(const struct milter_client *c, char command)
{
	const struct step *step = step_of(command);

	return step == NULL || (c->terms.steps & step->skip) == 0;
}

int milter_post(struct milter_client *c, char command, const void *payload, size_t n)
{
	const struct step *step = step_of(command);
	bool wants = milter_wants(c, command);
	bool answered = step != NULL && (c->terms.steps & step->mute) == 0;
	int r = 0;

	if (command == SMFIC_MAIL || command == SMFIC_ABORT) {
		c->n_changes = 0;
		arena_reset(&c->message_memory);
	}
	if (wants) {
		r = buf_add(&c->out, c->macros.p, c->macros.n);
		if (r == 0)
			r = wire_put(&c->out, command, span_make(payload, n));
		if (r == 0)
			r = flush(c);
	}
	buf_clear(&c->macros);
	if (r < 0)
		return r;
	return wants && answered ? 1 : 0;
}

static int take_change(struct milter_client *c, char kind, struct span payload)
{
	struct milter_change *change = &c->changes[c->n_changes];
	struct span copy = { .n = payload.n };
	bool indexed = kind == SMFIR_INSHEADER || kind == SMFIR_CHGHEADER;
	char *bytes;

	if (c->n_changes == CHANGES_MAX)
		return -EMSGSIZE;
	bytes = arena_alloc(&c->message_memory, payload.n + 1); /* zeroed: a last NUL is there */
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, payload.p, payload.n);
	copy.p = bytes;
	*change = (struct milter_change){ .kind = kind, .value = "" };
	if (indexed && !wire_take_u32(&copy, &change->index))
		return -EPROTO;
	if (kind == SMFIR_REPLBODY)
		change->name = bytes; /* no NUL of its own */
	else if (!wire_take_text(&copy, &change->name))
		return -EPROTO;
	else if (copy.n > 0 && !wire_take_text(&copy, &change->value))
		return -EPROTO;
	c->n_changes++;
	return 0;
}

static int take_reply(char command, struct span payload, struct milter_reply *reply)
{
	reply->code = command;
	reply->text = "";
	reply->sent = reply->awaited = true;
	switch (command) {
	case SMFIR_REPLYCODE:
		return wire_take_text(&payload, &reply->text) && payload.n == 0 ? 0 : -EPROTO;
	case SMFIR_CONTINUE:
	case SMFIR_ACCEPT:
	case SMFIR_DISCARD:
	case SMFIR_REJECT:
	case SMFIR_TEMPFAIL:
	case SMFIR_SKIP:
	case SMFIR_CONN_FAIL:
	case SMFIR_SHUTDOWN:
		return payload.n == 0 ? 0 : -EPROTO;
	default:
		return -EPROTO;
	}
}

int milter_await(struct milter_client *c, struct milter_reply *reply)
{
	for (;;) {
		struct span payload;
		char command;
		int r = take_packet(c, &command, &payload);

		if (r < 0)
			return r;
		switch (command) {
		case SMFIR_PROGRESS:
			break;
		case SMFIR_ADDHEADER:
		case SMFIR_INSHEADER:
		case SMFIR_CHGHEADER:
		case SMFIR_ADDRCPT:
		case SMFIR_ADDRCPT_PAR:
		case SMFIR_DELRCPT:
		case SMFIR_CHGFROM:
		case SMFIR_REPLBODY:
		case SMFIR_QUARANTINE:
			r = take_change(c, command, payload);
			if (r < 0)
				return r;
			break;
		default:
			return take_reply(command, payload, reply);
		}
	}
}

const struct milter_change *milter_changes(const struct milter_client *c, size_t *ret_n)
{
	*ret_n = c->n_changes;
	return c->changes;
}
