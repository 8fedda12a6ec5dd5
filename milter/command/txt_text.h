/* txt_text.h - a TXT record as a person types it
 *
 * RFC 1035 s5.1 (quoted strings, \DDD, \X), 8461 s3.1 (strings are joined with nothing between)
 */
#ifndef MILTER_COMMAND_TXT_TEXT_H
#define MILTER_COMMAND_TXT_TEXT_H

#include "common/base/buf.h"

/* "v=STSv1; " "id=1" in double quotes, as dig shows it, is joined; any other text is the record
 * itself, also when its quotes do not end. ret: a buffer that can hold text. 0 or -ENOMEM. */
int txt_text(const char *text, struct buf *ret);

#endif
