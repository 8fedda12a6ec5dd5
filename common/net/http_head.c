#include "config.h"

#include "common/net/http_head.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/content_type.h"

__attribute__((format(printf, 2, 3))) static void explain(char detail[LIMIT_DETAIL],
							  const char *format, ...)
{
	char text[LIMIT_DETAIL * 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	text_printable(span_of(text), detail, LIMIT_DETAIL);
}

enum reason http_status_judge(long status, char detail[LIMIT_DETAIL])
{
	bool redirect = status >= 300 && status < 400 && status != 304;

	if (status == 200) {
		detail[0] = '\0';
		return REASON_OK;
	}
	explain(detail, redirect ? "status %ld, not followed" : "status %ld", status);
	return redirect ? REASON_FETCH_REDIRECT : REASON_FETCH_STATUS;
}

/* The last coding is what ends the body. */
static bool is_chunked(const char *coding)
{
	const char *comma = coding != NULL ? strrchr(coding, ',') : NULL;

	return coding != NULL &&
	       span_caseeq(span_trim(span_of(comma != NULL ? comma + 1 : coding)), "chunked");
}

enum reason http_head_judge(const struct http_head *h, char detail[LIMIT_DETAIL])
{
	detail[0] = '\0';
	if (h->content_type == NULL) {
		explain(detail, "no Content-Type");
		return REASON_FETCH_TYPE;
	}
	if (!content_type_is_text_plain(span_of(h->content_type))) {
		explain(detail, "Content-Type: %s", h->content_type);
		return REASON_FETCH_TYPE;
	}
	if (h->content_encoding != NULL &&
	    !span_caseeq(span_trim(span_of(h->content_encoding)), "identity")) {
		explain(detail, "Content-Encoding: %s, although identity was asked for",
			h->content_encoding);
		return REASON_FETCH_TYPE;
	}
	/* Where nothing but the end of the connection ends the body, anybody on the path can end it; libcurl accepts that. */
	if (h->closed_notify || is_chunked(h->transfer_encoding) || h->content_length != NULL)
		return REASON_OK;
	explain(detail, "the connection was cut, its end cannot be told from the policy's");
	return REASON_FETCH_SHORT;
}
