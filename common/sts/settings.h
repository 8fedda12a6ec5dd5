/* settings.h - everything that can be configured
 *
 * PURPOSE   One table (settings_table.h) is parser, default, bounds, `mta-sts config`, sample file and man page.
 * OWNERSHIP struct settings is immutable after settings_load(); it owns all it points to.
 * UNITS     Durations in milliseconds, sizes in bytes.
 * ERRORS    settings_parse(): 0; -ENOMEM; SETTINGS_INVALID with one complete sentence in *error:
 *           "FILE:LINE: what is wrong, expected what", printable ASCII, below 1500 bytes.
 * FORMAT    "[section]", "name = value", and comments: lines whose first character but blanks is # or ;.
 *           Lists are separated by blanks or commas. A line is never continued, a value never quoted.
 * LEXER     Our own. Debian 12's libinih 55 gives its handlers no line number, cuts values at 192 bytes, joins
 *           indented lines without a word and drops what stands behind " ;": a reader in front of ini_parse_stream()
 *           that hides all this is longer than the lexer it would save.
 */
#ifndef COMMON_STS_SETTINGS_H
#define COMMON_STS_SETTINGS_H

#include "common/base/buf.h"
#include "common/base/netaddr.h"
#include "common/sts/action.h"

#include <stdint.h>

enum { SETTINGS_INVALID = 1 };

struct string_list {
	char **v;
	size_t n;
};

struct network_list {
	struct network *v;
	size_t n;
};

enum log_target { LOG_TARGET_SYSLOG, LOG_TARGET_STDERR };
enum log_level { LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum tls_minimum { TLS_MINIMUM_1_2, TLS_MINIMUM_1_3 };
enum address_families { FAMILIES_ANY, FAMILIES_IPV4, FAMILIES_IPV6 };
enum dane_by { DANE_BY_NOBODY, DANE_BY_POSTFIX, DANE_BY_EXIM };

struct settings {
#define TYPE_BOOL bool
#define TYPE_INT int64_t
#define TYPE_OCTAL int64_t
#define TYPE_DURATION int64_t
#define TYPE_SIZE int64_t
#define TYPE_NAME char *
#define TYPE_HOST char *
#define TYPE_PATH char *
#define TYPE_SOCKET char *
#define TYPE_ADDRESS4 char *
#define TYPE_ADDRESS6 char *
#define TYPE_MAILERS struct string_list
#define TYPE_DOMAINS struct string_list
#define TYPE_RESOLVERS struct string_list
#define TYPE_STUBS struct string_list
#define TYPE_NETWORKS struct network_list
#define TYPE_SOCKETS struct string_list
#define TYPE_NAMES struct string_list
#define TYPE_VERSION char *
#define TYPE_GRACE struct grace_rule
#define TYPE_ENUM int
#define SETTING(section, type, name, def, min, max, doc) TYPE_##type name;
#include "common/sts/settings_table.h"
#undef SETTING
};

/* Who keeps mail from a bad host when it is delivered: delivery_bound and dane. */
enum delivery_agent settings_delivery_agent(const struct settings *s);

/* Defaults alone; never fails but for memory. */
struct settings *settings_defaults(void);

/* text: the whole file; file: its name for messages. *ret is untouched unless 0 is returned. */
int settings_parse(struct span text, const char *file, struct settings **ret, struct buf *error);

struct settings *settings_free(struct settings *s); /* NULL in: no-op; returns NULL */

/* One row of the table, for `mta-sts config`, the sample file and the man page. */
struct setting_row {
	const char *section, *name, *type, *def, *min, *max, *choices, *doc;
};
size_t settings_rows(const struct setting_row **ret);

/* The value of row i as it would stand in a file. */
int settings_value(const struct settings *s, size_t i, struct buf *out);
bool settings_is_default(const struct settings *s, size_t i);

#endif
