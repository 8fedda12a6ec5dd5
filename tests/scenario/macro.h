/* macro.h - lines of a scenario under a name, with words that change from use to use */
#ifndef TESTS_SCENARIO_MACRO_H
#define TESTS_SCENARIO_MACRO_H

#include "common/base/span.h"

enum { MACROS = 16, MACRO_TEXT = 4096, MACRO_LINE = 8192 };

struct macros {
	struct macro {
		char name[32];
		char text[MACRO_TEXT]; /* lines, each with its '\n' */
	} of[MACROS];
	size_t n;
	bool recording; /* what comes belongs to the last one, until "end" */
};

/* "define NAME" begins one. False: too many. */
bool macro_begin(struct macros *m, struct span name);

/* While recording. False: too long. */
bool macro_record(struct macros *m, struct span line);

/* NULL: no such name. */
const char *macro_find(const struct macros *m, struct span name);

/* $1 to $9 become the words behind the name, $+ what comes behind the third. False: too long. */
bool macro_fill(struct span line, struct span words, char out[MACRO_LINE]);

#endif
