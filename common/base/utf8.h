/* utf8.h - is this text UTF-8
 *
 * RFC 3629 s4: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#ifndef COMMON_BASE_UTF8_H
#define COMMON_BASE_UTF8_H

#include "common/base/span.h"

/* How many octets at the front are well formed: in.n when all are. Control characters are UTF-8 too. */
size_t utf8_prefix(struct span in);

/* True, *ret_at untouched, for text without a fault; otherwise *ret_at is the place of the first: an octet that is
 * no UTF-8, or the first of a control character (C0 other than HTAB, DEL, C1). */
bool utf8_is_text(struct span in, size_t *ret_at);

#endif
