/* smtp_dialog.h - what a probe says up to the handshake, and what the answers mean
 *
 * PURPOSE Bytes in, commands and a reason out. Pure: no socket, no clock.
 * RFC     5321 s3.1, s4.1.1.1 (greeting, EHLO), 3207 s4 (STARTTLS), s6 (what comes ahead of the handshake)
 */
#ifndef COMMON_NET_SMTP_DIALOG_H
#define COMMON_NET_SMTP_DIALOG_H

#include "common/sts/domain.h"
#include "common/sts/reason.h"
#include "common/sts/smtp_reply.h"

enum dialog_step {
	DIALOG_MORE,	  /* feed it more */
	DIALOG_SAY,	  /* send `command`, then feed it more */
	DIALOG_HANDSHAKE, /* the server awaits TLS */
	DIALOG_REFUSED,	  /* `reason`: say QUIT and go */
	DIALOG_BROKEN,	  /* `reason`: just go */
};

struct smtp_dialog {
	enum { DIALOG_GREETING, DIALOG_EHLO, DIALOG_STARTTLS } stage;
	struct smtp_reply reply;
	const char *helo;
	char command[DOMAIN_SIZE + 8];
	enum reason reason;
	char detail[LIMIT_DETAIL]; /* escaped */
};

void smtp_dialog_init(struct smtp_dialog *d, const char *helo); /* helo must outlive d */

/* Takes all of in. After HANDSHAKE, REFUSED and BROKEN it is over. */
enum dialog_step smtp_dialog_feed(struct smtp_dialog *d, struct span in);

#endif
