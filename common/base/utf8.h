/* utf8.h - is this text UTF-8? (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF) */
#ifndef COMMON_BASE_UTF8_H
#define COMMON_BASE_UTF8_H

#include "common/base/span.h"

/* True, *ret_at untouched, for text without a fault; otherwise *ret_at is the place of the first
 * fault: a byte that is no UTF-8, or the first byte of a control character (C0 other than HTAB,
 * DEL, C1). */
bool utf8_is_text(struct span text, size_t *ret_at);

#endif
