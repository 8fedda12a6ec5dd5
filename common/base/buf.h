/* buf.h - growable bytes, born with a maximum
 *
 * OWNERSHIP The buffer owns its bytes; buf_release() frees them, the struct is the caller's.
 * LIMITS    Appending past max fails with -EMSGSIZE and leaves the buffer as it was.
 * ERRORS    0, -EMSGSIZE, -ENOMEM.
 */
#ifndef COMMON_BASE_BUF_H
#define COMMON_BASE_BUF_H

#include "common/base/span.h"

struct buf {
	char *p; /* always NUL-terminated once anything was appended */
	size_t n;
	size_t size;
	size_t max;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_clear(struct buf *b);

int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *text);
int buf_addc(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) int buf_addf(struct buf *b, const char *format, ...);

struct span buf_span(const struct buf *b);
const char *buf_text(const struct buf *b); /* "" when empty */

#endif
