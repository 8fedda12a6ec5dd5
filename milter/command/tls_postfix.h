/* tls_postfix.h - lines of Postfix's smtp(8) about TLS; see tls_line.h */
#ifndef MILTER_COMMAND_TLS_POSTFIX_H
#define MILTER_COMMAND_TLS_POSTFIX_H

#include "milter/command/tls_line.h"

/* ret: cleared by the caller. */
void tls_postfix_read(struct span text, struct tls_line *ret);

#endif
