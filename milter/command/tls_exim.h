/* tls_exim.h - lines of Exim's smtp transport about TLS; see tls_line.h */
#ifndef MILTER_COMMAND_TLS_EXIM_H
#define MILTER_COMMAND_TLS_EXIM_H

#include "milter/command/tls_line.h"

/* ret: cleared by the caller. */
void tls_exim_read(struct span text, struct tls_line *ret);

#endif
