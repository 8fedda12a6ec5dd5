/* arguments.h - the words of a command line, read by a table
 *
 * PURPOSE Options stand anywhere before "--" ("-" alone is an operand); the first words that are no
 * options choose the verb, the longest that fits; the rest are its operands. Pure.
 */
#ifndef MILTER_COMMAND_ARGUMENTS_H
#define MILTER_COMMAND_ARGUMENTS_H

#include "common/base/buf.h"
#include "milter/command/table.h"

/* argv: rearranged, so that ret->operands can point into it. 0, or EX_USAGE with one sentence in
 * *error. With --help, --version or no words at all the verb may be NULL and its operands are not
 * counted. */
int arguments_parse(const struct table *table, int argc, char **argv, struct invocation *ret,
		    struct buf *error);

/* The verb whose words the first words are, and how many words that takes; NULL when there is none.
 */
const struct verb *arguments_verb(const struct table *table, char *const *words, size_t n,
				  size_t *ret_taken);

#endif
