/* tls_required.h - the TLS-Required header field
 *
 * RFC 8689 s3: the originator asks that the recipient's TLS policy be ignored. One field, one word: "No". s4.1: beside the REQUIRETLS
 *     parameter of MAIL the field means nothing.
 */
#ifndef COMMON_STS_TLS_REQUIRED_H
#define COMMON_STS_TLS_REQUIRED_H

#include "common/base/span.h"

enum tls_required {
	TLS_REQUIRED_UNSAID,
	TLS_REQUIRED_NO,
	TLS_REQUIRED_MALFORMED, /* another word, or more than one field: it asks for nothing */
	TLS_REQUIRED_IGNORED,	/* whatever the field says, REQUIRETLS was demanded */
};

/* What a message says after one more field, whose value may be folded. */
enum tls_required tls_required_add(enum tls_required before, struct span value);

/* At the end of the header. */
enum tls_required tls_required_conclude(enum tls_required said, bool requiretls);

/* "no", "malformed", "ignored"; "" for UNSAID. */
const char *tls_required_name(enum tls_required t);

/* Is a parameter of MAIL the REQUIRETLS of RFC 8689 s2? It has no value. */
bool tls_required_is_requiretls(struct span parameter);

#endif
