/* setup_lines.h - what an administrator has to write, ready to be copied
 *
 * OWNERSHIP The texts lie in the arena of the lines. Past SETUP_LINES lines, or without memory, `failed` is set.
 */
#ifndef MILTER_COMMAND_SETUP_LINES_H
#define MILTER_COMMAND_SETUP_LINES_H

#include "common/base/arena.h"

#include <stdbool.h>

enum { SETUP_LINES = 400 };

enum setup_line { LINE_SETTING, LINE_COMMAND, LINE_TEXT, LINE_NOTE };

struct setup_lines {
	struct arena arena;
	bool failed;
	size_t n;
	struct {
		enum setup_line kind;
		const char *where; /* section of a setting, file of a text */
		const char *text;
	} v[SETUP_LINES];
};

void setup_lines_init(struct setup_lines *l);
void setup_lines_release(struct setup_lines *l);

/* A line of mta-sts.conf: "name = value". Those of a section have to be given together. */
void setup_setting(struct setup_lines *l, const char *section, const char *name, const char *value);
/* A command for root's shell; a line of the file `where`; a remark. */
__attribute__((format(printf, 2, 3))) void setup_command(struct setup_lines *l, const char *format,
							 ...);
__attribute__((format(printf, 3, 4))) void setup_text(struct setup_lines *l, const char *where,
						      const char *format, ...);
__attribute__((format(printf, 2, 3))) void setup_note(struct setup_lines *l, const char *format,
						      ...);

/* mta: "postfix"; title: "Postfix 3.7.11, ..."; config: our own configuration file. Returns the exit status. */
int setup_lines_print(const struct setup_lines *l, const char *mta, const char *version,
		      const char *title, const char *config, bool json);

#endif
