/* http_head.h - may the answer with this head be a policy
 *
 * PURPOSE The decisions about status line and header of RFC 8461 s3.3, apart from libcurl. Everything here comes from strangers.
 * ERRORS  REASON_OK, or why not; detail: escaped, "" with REASON_OK.
 * RFC     8461 s3.3; 9110 s8.3, s8.4, s15.4; 9112 s6.3, s8 (where a body ends)
 */
#ifndef COMMON_NET_HTTP_HEAD_H
#define COMMON_NET_HTTP_HEAD_H

#include "common/base/limits.h"
#include "common/sts/reason.h"

#include <stdbool.h>

struct http_head {
	/* NULL: there is no such header */
	const char *content_type, *content_encoding, *transfer_encoding, *content_length;
	bool closed_notify; /* the server ended the TLS connection itself */
};

/* Only 200 will do; redirects are not followed. */
enum reason http_status_judge(long status, char detail[LIMIT_DETAIL]);

/* Plain text, not encoded, and nobody but the server can have ended it. */
enum reason http_head_judge(const struct http_head *h, char detail[LIMIT_DETAIL]);

#endif
