/* setup_spawn.h - runs one of the MTA's own programs and takes what it prints */
#ifndef MILTER_COMMAND_SETUP_SPAWN_H
#define MILTER_COMMAND_SETUP_SPAWN_H

#include "common/base/arena.h"
#include "common/base/buf.h"

/* argv[0] is looked for in PATH, then in /usr/sbin. Standard input is empty, standard error goes to `out` as well if errors_too, else nowhere. A
 * program that takes longer than 90 s, or prints more than out->max, is stopped. enough: with these words, too, it is stopped, and has ended well; NULL: it ends by
 * itself. Returns its exit status; -errno: it could not be run. */
int setup_spawn(const char *const argv[], bool errors_too, const char *enough, struct buf *out);

/* A copy of what was printed. 0 or -ENOMEM. */
int setup_keep(const struct buf *printed, struct arena *arena, struct span *ret);

#endif
