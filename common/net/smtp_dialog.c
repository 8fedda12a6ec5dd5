#include "config.h"

#include "common/net/smtp_dialog.h"

#include <stdio.h>
#include <string.h>

void smtp_dialog_init(struct smtp_dialog *d, const char *helo)
{
	d->stage = DIALOG_GREETING;
	d->helo = helo;
	d->reason = REASON_OK;
	d->command[0] = '\0';
	d->detail[0] = '\0';
	smtp_reply_init(&d->reply);
}

static enum dialog_step say(struct smtp_dialog *d, int stage, const char *verb,
			    const char *argument)
{
	d->stage = stage;
	snprintf(d->command, sizeof(d->command), "%s%s\r\n", verb, argument);
	smtp_reply_init(&d->reply);
	return DIALOG_SAY;
}

static enum dialog_step refused(struct smtp_dialog *d, enum reason reason)
{
	char text[LIMIT_DETAIL + 16];

	snprintf(text, sizeof(text), "%d %s", d->reply.code, d->reply.text);
	span_copy(span_make(text, strnlen(text, sizeof(d->detail) - 1)), d->detail,
		  sizeof(d->detail));
	d->reason = reason;
	return DIALOG_REFUSED;
}

static enum dialog_step broken(struct smtp_dialog *d, enum reason reason, const char *why)
{
	snprintf(d->detail, sizeof(d->detail), "%s", why);
	d->reason = reason;
	return DIALOG_BROKEN;
}

/* RFC 5321 s4.3.2: a server without EHLO says 500, 502 or 504 (501, 503 by mistake). Any other refusal is about us, not about TLS. */
static enum reason ehlo_refusal(int code)
{
	return code >= 500 && code <= 504 ? REASON_STARTTLS_MISSING : REASON_GREETING_REFUSED;
}

static enum dialog_step judge(struct smtp_dialog *d)
{
	int code = d->reply.code;

	switch (d->stage) {
	case DIALOG_GREETING:
		if (code / 100 != 2)
			return refused(d, REASON_GREETING_REFUSED);
		return say(d, DIALOG_EHLO, "EHLO ", d->helo);
	case DIALOG_EHLO:
		if (code / 100 != 2)
			return refused(d, ehlo_refusal(code));
		if (!d->reply.starttls)
			return refused(d, REASON_STARTTLS_MISSING);
		return say(d, DIALOG_STARTTLS, "STARTTLS", "");
	default:
		return code == 220 ? DIALOG_HANDSHAKE : refused(d, REASON_STARTTLS_REFUSED);
	}
}

enum dialog_step smtp_dialog_feed(struct smtp_dialog *d, struct span in)
{
	size_t used = smtp_reply_feed(&d->reply, in);

	if (d->reply.state == SMTP_MORE)
		return DIALOG_MORE;
	if (d->reply.state == SMTP_BROKEN)
		return broken(d, REASON_PROBE_PROTOCOL, d->reply.why);
	if (used == in.n)
		return judge(d);
	/* Nobody has asked for these bytes. */
	if (d->stage == DIALOG_STARTTLS && d->reply.code == 220)
		return broken(d, REASON_STARTTLS_INJECTED, "");
	return broken(d, REASON_PROBE_PROTOCOL, "it answers what was not asked");
}
