#include "tests/unit/test.h"

#include "tests/daemon/mta.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

enum { FIELDS_MAX = 64, HEADER_BYTES = 1 << 20 };

struct milter_client *mta_open(const char *address, const char *version, const char *client_ip)
{
	struct milter_client *c = NULL;
	int r = milter_open(address, MTA_TIMEOUT_MS, &c);

	assert_int_equal(r, 0);
	assert_int_equal(milter_negotiate(c, MILTER_OFFER_ALL), 0);
	assert_int_equal(milter_macros(c, SMFIC_CONNECT,
				       (const char *const[]){ "j", "mx.test.example", "v", version,
							      "{client_addr}", client_ip, NULL }),
			 0);
	assert_int_equal(milter_connection(c, "client.example", client_ip, 40000, NULL), 0);
	assert_int_equal(milter_helo(c, "client.example", NULL), 0);
	return c;
}

void mta_mail(struct milter_client *c, const char *user)
{
	struct milter_reply reply = { 0 };

	if (user != NULL)
		assert_int_equal(
			milter_macros(c, SMFIC_MAIL,
				      (const char *const[]){ "{auth_authen}", user, "{auth_type}",
							     "PLAIN", NULL }),
			0);
	assert_int_equal(milter_mail(c, "<sender@client.example>", &reply), 0);
	assert_int_equal(reply.code, SMFIR_CONTINUE);
}

struct milter_reply mta_rcpt(struct milter_client *c, const struct mta_rcpt *rcpt)
{
	const char *macros[7] = { NULL };
	struct milter_reply reply = { 0 };
	size_t n = 0;

	if (rcpt->mailer != NULL) {
		macros[n++] = "{rcpt_mailer}";
		macros[n++] = rcpt->mailer;
	}
	if (rcpt->host != NULL) {
		macros[n++] = "{rcpt_host}";
		macros[n++] = rcpt->host;
	}
	if (rcpt->addr != NULL) {
		macros[n++] = "{rcpt_addr}";
		macros[n++] = rcpt->addr;
	}
	assert_int_equal(milter_macros(c, SMFIC_RCPT, macros), 0);
	assert_int_equal(milter_rcpt(c, rcpt->to, &reply), 0);
	assert_true(reply.awaited);
	return reply;
}

struct milter_reply mta_simple_rcpt(struct milter_client *c, const char *addr)
{
	const char *at = strrchr(addr, '@');
	char to[600];

	assert_non_null(at);
	(void)snprintf(to, sizeof(to), "<%s>", addr);
	return mta_rcpt(c, &(struct mta_rcpt){ "smtp", at + 1, addr, to });
}

/* The header of a message under change. */
struct header {
	size_t n;
	struct {
		const char *name, *value;
		bool gone; /* deleted, but still counted (Sendmail) */
	} field[FIELDS_MAX];
};

static void put_field(struct header *h, size_t at, const char *name, const char *value)
{
	assert_true(h->n < FIELDS_MAX && at <= h->n);
	memmove(&h->field[at + 1], &h->field[at], (h->n - at) * sizeof(h->field[0]));
	h->field[at].name = name;
	h->field[at].value = value;
	h->field[at].gone = false;
	h->n++;
}

/* deleted_count: a deleted field keeps its number for later changes (Sendmail) or not (Postfix). */
static void change_field(struct header *h, const struct milter_change *c, bool deleted_count)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (strcasecmp(h->field[i].name, c->name) != 0)
			continue;
		if (h->field[i].gone && !deleted_count)
			continue;
		if (++seen != c->index)
			continue;
		h->field[i].gone = c->value[0] == '\0';
		h->field[i].value = c->value;
		return;
	}
	fail_msg("no instance %u of %s to change", c->index, c->name);
}

static void apply(struct header *h, const struct milter_change *c, bool deleted_count)
{
	switch (c->kind) {
	case SMFIR_ADDHEADER:
		put_field(h, h->n, c->name, c->value);
		break;
	case SMFIR_INSHEADER:
		put_field(h, c->index < h->n ? c->index : h->n, c->name, c->value);
		break;
	case SMFIR_CHGHEADER:
		change_field(h, c, deleted_count);
		break;
	default:
		fail_msg("the message itself was changed (%c)", c->kind);
	}
}

static void resulting(const struct milter_client *c, const struct mta_field *fields,
		      bool deleted_count, struct buf *ret)
{
	const struct milter_change *change;
	struct header h = { 0 };
	size_t n;

	while (fields->name != NULL) {
		put_field(&h, h.n, fields->name, fields->value);
		fields++;
	}
	change = milter_changes(c, &n);
	for (size_t i = 0; i < n; i++)
		apply(&h, &change[i], deleted_count);
	buf_init(ret, HEADER_BYTES);
	for (size_t i = 0; i < h.n; i++)
		if (!h.field[i].gone)
			assert_int_equal(
				buf_addf(ret, "%s: %s\n", h.field[i].name, h.field[i].value), 0);
}

void mta_finish(struct milter_client *c, const struct mta_field *fields, struct buf *ret_header)
{
	static const char body[] = "Hello.\r\n";
	struct milter_reply reply = { 0 };
	struct buf as_sendmail;

	assert_int_equal(milter_data(c, NULL), 0);
	for (const struct mta_field *f = fields; f->name != NULL; f++)
		assert_int_equal(milter_header(c, f->name, f->value, NULL), 0);
	assert_int_equal(milter_eoh(c, NULL), 0);
	assert_int_equal(milter_body(c, body, sizeof(body) - 1, NULL), 0);
	assert_int_equal(
		milter_macros(c, SMFIC_BODYEOB, (const char *const[]){ "i", "4XQueue1d", NULL }),
		0);
	assert_int_equal(milter_eom(c, &reply), 0);
	assert_int_equal(reply.code, SMFIR_CONTINUE);
	resulting(c, fields, false, ret_header);
	resulting(c, fields, true, &as_sendmail);
	assert_string_equal(buf_text(ret_header), buf_text(&as_sendmail));
	buf_release(&as_sendmail);
}
