/* field.h - what TXT records and policies have in common: names of fields
 *
 * RFC 8461 s3.1 sts-ext-name and s3.2 sts-policy-ext-name are the same: 1 to 32 letters, digits,
 * "_", "-", ".", the first one a letter or digit.
 */
#ifndef COMMON_STS_FIELD_H
#define COMMON_STS_FIELD_H

#include "common/base/span.h"

enum { FIELD_NAME_LONGEST = 32 };

bool field_name_valid(struct span name);

/* Which of the known names an unknown one was probably meant to be ("Mode", "max-age", "verison"),
 * or NULL. Never changes how anything is read: it makes the warning helpful. */
const char *field_meant(struct span name, const char *const *known, size_t n);

#endif
