/* file_text.h - a small file as text
 *
 * LIMITS  The buffer's own maximum: a longer file is refused, not cut.
 * ERRORS  0; -errno of open or read; -EMSGSIZE; -EINVAL for what is no regular file.
 */
#ifndef COMMON_NET_FILE_TEXT_H
#define COMMON_NET_FILE_TEXT_H

#include "common/base/buf.h"

int file_text(const char *path, struct buf *ret_text);

#endif
