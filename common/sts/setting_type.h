/* setting_type.h - the kinds of values that a setting can have
 *
 * PURPOSE   How each type of settings_table.h is read, written, and described in an error message.
 * OWNERSHIP What parse allocates belongs to the arena it is given.
 * ERRORS    setting_parse(): 0; -ENOMEM; SETTINGS_INVALID, then *ret_bad is the word that does not
 * fit.
 */
#ifndef COMMON_STS_SETTING_TYPE_H
#define COMMON_STS_SETTING_TYPE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/sts/settings.h"

/* X(type, its name in mta-sts.conf(5)) */
#define SETTING_TYPES(X)                                                                           \
	X(BOOL, "yes or no")                                                                       \
	X(INT, "number")                                                                           \
	X(OCTAL, "octal mode")                                                                     \
	X(DURATION, "duration")                                                                    \
	X(SIZE, "size")                                                                            \
	X(ENUM, "choice")                                                                          \
	X(GRACE, "grace rule")                                                                     \
	X(NAME, "name")                                                                            \
	X(HOST, "host name")                                                                       \
	X(PATH, "path")                                                                            \
	X(SOCKET, "socket")                                                                        \
	X(ADDRESS4, "IPv4 address")                                                                \
	X(ADDRESS6, "IPv6 address")                                                                \
	X(MAILERS, "list of mailers")                                                              \
	X(DOMAINS, "list of domains")                                                              \
	X(NETWORKS, "list of networks")                                                            \
	X(RESOLVERS, "list of resolvers")                                                          \
	X(STUBS, "list of stub zones")                                                             \
	X(SOCKETS, "list of sockets")                                                              \
	X(NAMES, "list of names")                                                                  \
	X(VERSION, "version")

enum setting_kind {
#define X(kind, name) SETTING_##kind,
	SETTING_TYPES(X)
#undef X
};

const char *setting_kind_name(enum setting_kind kind);

/* Of a text: its default is empty, or its least length is 0. */
bool setting_may_be_empty(const struct setting_row *row);

/* slot is the field of struct settings that the row stands for. It is untouched unless 0 is
 * returned. */
int setting_parse(enum setting_kind kind, const struct setting_row *row, struct span text,
		  struct arena *arena, void *slot, struct span *ret_bad);
int setting_format(enum setting_kind kind, const struct setting_row *row, const void *slot,
		   struct buf *out);

/* What would have been right: "a whole number from 1 to 1000". */
int setting_expected(enum setting_kind kind, const struct setting_row *row, struct buf *out);

#endif
