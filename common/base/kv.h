/* kv.h - one `key=value` log line, built field by field
 *
 * PURPOSE The closed set of keys is documented in doc/LOGGING.md and checked by
 *         tests/lint/logging.sh.
 * LIMITS  LIMIT_LOG_LINE octets; a field that does not fit is left out and the line ends in "
 *         cut=yes". Values are escaped (text.h) and quoted when they hold a blank or '='.
 */
#ifndef COMMON_BASE_KV_H
#define COMMON_BASE_KV_H

#include "common/base/limits.h"
#include "common/base/span.h"

#include <stdint.h>

struct kv {
	size_t n;
	bool cut;
	char line[LIMIT_LOG_LINE + 1];
};

void kv_begin(struct kv *kv, const char *event);
void kv_str(struct kv *kv, const char *key,
	    const char *value); /* NULL or "": the field is left out */
void kv_span(struct kv *kv, const char *key, struct span value);
void kv_int(struct kv *kv, const char *key, int64_t value);
const char *kv_end(struct kv *kv);

#endif
