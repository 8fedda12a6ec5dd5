#include "tests/fuzz/fuzz.h"

#include "common/sts/smtp_reply.h"

static size_t feed(struct smtp_reply *r, const uint8_t *data, size_t size, size_t piece)
{
	size_t used = 0;

	smtp_reply_init(r);
	while (used < size && r->state == SMTP_MORE) {
		size_t n = size - used < piece ? size - used : piece;

		used += smtp_reply_feed(r, span_make(data + used, n));
	}
	return used;
}

static void check(const struct smtp_reply *r)
{
	MUST(r->line_n <= LIMIT_SMTP_LINE);
	MUST(r->lines <= LIMIT_SMTP_LINES);
	MUST(strlen(r->text) < LIMIT_DETAIL);
	for (const char *c = r->text; *c != '\0'; c++)
		MUST(*c >= 0x20 && *c < 0x7f);
	MUST((r->state == SMTP_BROKEN) == (r->why != NULL));
	if (r->state == SMTP_DONE)
		MUST(r->code >= 200 && r->code <= 599 && r->lines > 0);
	MUST(!r->starttls || r->code / 100 == 2);
}

/* However the bytes arrive, the reply is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_reply whole, bytes;
	size_t used = feed(&whole, data, size, size);

	check(&whole);
	MUST(feed(&bytes, data, size, 1) == used);
	check(&bytes);
	MUST(whole.state == bytes.state && whole.code == bytes.code);
	MUST(whole.starttls == bytes.starttls && whole.lines == bytes.lines);
	MUST(strcmp(whole.text, bytes.text) == 0);
	return 0;
}
