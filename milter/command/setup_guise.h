/* setup_guise.h - does something in a child that has become somebody else
 *
 * LIMITS  The child may take 15 s. What it finds is at most SETUP_FOUND octets.
 */
#ifndef MILTER_COMMAND_SETUP_GUISE_H
#define MILTER_COMMAND_SETUP_GUISE_H

#include "milter/command/setup_world.h"

#include <stddef.h>

enum { SETUP_FOUND = 4096 };

/* Runs look(arg, found) in the child; its `size` octets of *found come back. As nobody but root can become somebody else, anyone else looks as
 * themselves. 0, or -errno (the guise could not be put on: no such user, no such directory). */
int setup_in_guise(const struct setup_guise *guise, void (*look)(const void *arg, void *found),
		   const void *arg, void *found, size_t size);

#endif
