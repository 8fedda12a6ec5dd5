/* text.h - strangers' bytes made fit for a log line, an SMTP reply or a terminal
 *
 * LIMITS  At most max_out bytes are appended (the caller's buf limit applies as well); what is cut
 * ends in "...".
 */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include "common/base/buf.h"

/* Printable ASCII stays; every other byte, '"' and '\\' become \xHH. */
int text_escape(struct buf *out, struct span in, size_t max_out);

/* Same into a caller's array, always NUL-terminated. Returns out. */
const char *text_printable(struct span in, char *out, size_t size);

#endif
