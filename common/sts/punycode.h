/* punycode.h - a U-label as an A-label, whatever IDNA thinks of it
 *
 * PURPOSE libidn2 refuses labels that MTAs (ICU, UTS #46 without its optional checks) go to: characters younger than its tables, joiners between symbols,
 *         mixed directions. The name that the MTA goes to has to be the one whose policy is looked for.
 * LIMITS  No mapping but ASCII's to lower case, and U+FE0F, which UTS #46 ignores and emoji are full of. A label of at most LIMIT_LABEL octets.
 * RFC     3492
 */
#ifndef COMMON_STS_PUNYCODE_H
#define COMMON_STS_PUNYCODE_H

#include "common/base/limits.h"
#include "common/base/span.h"

/* u: UTF-8, with something beyond ASCII in it. out: "xn--...". False: no UTF-8, or too long; out is "". */
bool punycode_label(struct span u, char out[LIMIT_LABEL + 1]);

#endif
