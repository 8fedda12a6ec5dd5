/* content_type.h - is this the media type of a policy
 *
 * RFC 8461 s3.2: text/plain; parameters do not matter. RFC 9110 s8.3.1: case-insensitive, blanks
 * around the semicolon.
 */
#ifndef COMMON_NET_CONTENT_TYPE_H
#define COMMON_NET_CONTENT_TYPE_H

#include "common/base/span.h"

bool content_type_is_text_plain(struct span value);

#endif
