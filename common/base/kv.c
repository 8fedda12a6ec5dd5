#include "config.h"

#include "common/base/kv.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = LIMIT_LOG_LINE - 8 }; /* leaves place for " cut=yes" */

static void put(struct kv *kv, const char *p, size_t n)
{
	memcpy(kv->line + kv->n, p, n);
	kv->n += n;
	kv->line[kv->n] = '\0';
}

void kv_begin(struct kv *kv, const char *event)
{
	kv->n = 0;
	kv->cut = false;
	put(kv, "event=", 6);
	put(kv, event, strlen(event));
}

static bool wants_quotes(const char *text)
{
	return strpbrk(text, " =") != NULL;
}

void kv_span(struct kv *kv, const char *key, struct span value)
{
	char text[512];
	size_t n, n_key = strlen(key);
	const char *quote;

	if (value.n == 0)
		return;
	text_printable(value, text, sizeof(text));
	n = strlen(text);
	quote = wants_quotes(text) ? "\"" : "";
	if (kv->n + n_key + n + 4 > ROOM) {
		kv->cut = true;
		return;
	}
	put(kv, " ", 1);
	put(kv, key, n_key);
	put(kv, "=", 1);
	put(kv, quote, strlen(quote));
	put(kv, text, n);
	put(kv, quote, strlen(quote));
}

void kv_str(struct kv *kv, const char *key, const char *value)
{
	kv_span(kv, key, span_of(value));
}

void kv_int(struct kv *kv, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	kv_str(kv, key, text);
}

const char *kv_end(struct kv *kv)
{
	if (kv->cut)
		put(kv, " cut=yes", 8);
	return kv->line;
}
