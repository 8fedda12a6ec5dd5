/* tls_sendmail.h - lines of Sendmail as a client about TLS; see tls_line.h */
#ifndef MILTER_COMMAND_TLS_SENDMAIL_H
#define MILTER_COMMAND_TLS_SENDMAIL_H

#include "milter/command/tls_line.h"

/* ret: cleared by the caller. */
void tls_sendmail_read(struct span text, struct tls_line *ret);

#endif
