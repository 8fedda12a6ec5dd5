/* cache_file.h - the verbs `cache export` and `cache import`: policies as lines of JSON
 *
 * FORMAT One JSON object a line. The first is CACHE_FILE_HEAD. Each of the others is a policy: domain, id, mode, fetched_at, expires_at (RFC 3339,
 *        UTC) and policy, the text as it was fetched. What the daemon makes of such a line: common/sts/exported.h.
 */
#ifndef MILTER_COMMAND_CACHE_FILE_H
#define MILTER_COMMAND_CACHE_FILE_H

#include "common/base/limits.h"
#include "common/base/span.h"
#include "milter/command/table.h"

#include <jansson.h>

#define CACHE_FILE_HEAD "{\"format\":\"mta-sts-policies\",\"version\":1}"

/* A policy of 64 KiB, each octet of it escaped. */
enum { CACHE_FILE_LINE = 7 * LIMIT_POLICY_BODY };

/* A line of a file -> a new object. NULL: *ret_why is one sentence. Pure; fuzzed. */
json_t *cache_file_read_head(struct span line, const char **ret_why);
json_t *cache_file_read_line(struct span line, const char **ret_why);

int cache_file_export(const struct invocation *inv);
int cache_file_import(const struct invocation *inv);

#endif
