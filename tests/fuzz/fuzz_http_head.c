#include "tests/fuzz/fuzz.h"

#include "common/base/num.h"
#include "common/base/span.h"
#include "common/net/http_head.h"

#include <ctype.h>

/* Lines: status, then the four headers ("-" for none), and "!" when the server ended the connection itself. NULL: none. */
static const char *next(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (end != NULL) {
		*end = '\0';
		*at = end + 1;
	} else {
		*at = line + strlen(line);
	}
	return strcmp(line, "-") == 0 || line[0] == '\0' ? NULL : line;
}

static void check_detail(const char detail[LIMIT_DETAIL], bool ok)
{
	size_t n = strnlen(detail, LIMIT_DETAIL);

	MUST(n < LIMIT_DETAIL);
	MUST(ok == (n == 0));
	for (size_t i = 0; i < n; i++)
		MUST(isprint((unsigned char)detail[i]));
}

static void fuzz_head(const struct http_head *h)
{
	char detail[LIMIT_DETAIL];
	enum reason got;
	struct span type;

	memset(detail, 'x', sizeof(detail));
	got = http_head_judge(h, detail);
	MUST(got == REASON_OK || got == REASON_FETCH_TYPE || got == REASON_FETCH_SHORT);
	check_detail(detail, got == REASON_OK);
	if (got != REASON_OK)
		return;
	MUST(h->content_type != NULL);
	type = span_trim(span_of(h->content_type));
	MUST(type.n >= 10 && span_caseeq(span_make(type.p, 10), "text/plain"));
	MUST(type.n == 10 || memchr(" \t;", type.p[10], 3) != NULL);
	MUST(h->content_encoding == NULL ||
	     span_caseeq(span_trim(span_of(h->content_encoding)), "identity"));
	MUST(h->closed_notify || h->content_length != NULL || h->transfer_encoding != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *at = text, detail[LIMIT_DETAIL];
	struct http_head h;
	const char *line;
	uint64_t status = 0;
	enum reason got;

	MUST(text != NULL);
	memcpy(text, data, size);
	line = next(&at);
	if (line != NULL)
		num_u64(span_of(line), 100000, &status);
	h.content_type = next(&at);
	h.content_encoding = next(&at);
	h.transfer_encoding = next(&at);
	h.content_length = next(&at);
	h.closed_notify = (line = next(&at)) != NULL && line[0] == '!';
	memset(detail, 'x', sizeof(detail));
	got = http_status_judge((long)status, detail);
	MUST((got == REASON_OK) == (status == 200));
	MUST(got != REASON_FETCH_REDIRECT || (status >= 300 && status < 400));
	check_detail(detail, got == REASON_OK);
	fuzz_head(&h);
	free(text);
	return 0;
}
