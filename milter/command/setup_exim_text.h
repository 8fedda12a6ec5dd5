/* setup_exim_text.h - reads Exim's configuration, as far as it concerns us. Pure. */
#ifndef MILTER_COMMAND_SETUP_EXIM_TEXT_H
#define MILTER_COMMAND_SETUP_EXIM_TEXT_H

#include "common/base/arena.h"

#include <stdbool.h>

/* An ACL, a router or a transport. */
struct exim_block {
	const char *name;
	struct span text;
};

/* The part behind "begin NAME", to the next "begin"; of "": what stands before the first. Empty: there is none. */
struct span exim_section(struct span config, const char *name);

/* The blocks of a section, one after the other; *section moves on. */
bool exim_block(struct span *section, struct arena *arena, struct exim_block *ret);

/* "NAME = value" of a block or of the main section; "no_NAME" is "false", "NAME" alone "true"; "" when it is not there. */
const char *exim_option(struct span text, const char *name, struct arena *arena);

/* Does this stand in the text? What stands behind it, to the end of its line. */
bool exim_says(struct span text, const char *words, struct span *ret_behind);

#endif
