/* table.h - the grammar of the command: adding a verb is adding a row
 *
 * PURPOSE A verb is one row of table.c: its words, what may stand behind them, which options it
 *         understands, and the function that does it. Usage errors, `--help` and `help VERB` come
 *         from the row; an option that only some verbs have is a row too.
 * STATUS  0 yes or ok, 1 no, invalid or none, 64 (EX_USAGE) wrong use, 66 (EX_NOINPUT) unreadable
 *         input, 69 (EX_UNAVAILABLE) no daemon, 75 (EX_TEMPFAIL) try later.
 */
#ifndef MILTER_COMMAND_TABLE_H
#define MILTER_COMMAND_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <sysexits.h>

enum { EX_YES = 0, EX_NO = 1 };

enum option_id {
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_CONFIG,
	OPTION_SOCKET,
	OPTION_DEFAULTS,
	OPTION_CHANGED,
	OPTION_ALL,
	OPTION_DAY,
	OPTION_MODE,
	OPTION_MX,
	OPTION_OWNER,
	OPTION_REASON,
	OPTION_UNTIL,
	OPTION_LIMIT,
	OPTION_POLICY,
	OPTION_RATE,
	OPTION_JOURNAL,
	OPTION_CHECK,
	OPTION_MTA_CONFIG,
	OPTION_MTA_VERSION,
	OPTION_ONCE,
	OPTION_DRY_RUN,
	OPTION_CURSOR,
	OPTION_COUNT
};

#define OPTION_BIT(id) (1u << (id))

/* The one option that may be given more than once, and how often. */
#define OPTION_MANY OPTION_MX
enum { OPTION_MANY_MOST = 100 };

struct option_row {
	enum option_id id;
	const char *name;  /* "--json", "-c" */
	const char *value; /* what --help calls its value; NULL: it has none */
	const char *help;  /* one line */
};

struct verb;

struct invocation {
	const struct verb *verb; /* NULL: none was given */
	unsigned options;	 /* OPTION_BIT() of those given */
	const char *values[OPTION_COUNT];
	size_t n_many;
	const char *many[OPTION_MANY_MOST]; /* all values of OPTION_MANY */
	size_t n_operands;
	char **operands; /* what stands behind the verb's words */
};

enum { OPERANDS_MANY = 1 << 30 };

struct verb {
	const char *words;    /* "lint policy" */
	const char *operands; /* as usage shows them; "" for none */
	unsigned least, most; /* how many */
	unsigned options; /* OPTION_BIT() of those that it understands; --help is always understood
			   */
	int (*run)(const struct invocation *inv); /* returns the exit status */
	const char *summary;			  /* one line; NULL: a second name, not listed */
	const char *help;			  /* whole sentences, lines of at most 80 columns */
};

struct table {
	const struct verb *verbs;
	size_t n_verbs;
	const struct option_row *options;
	size_t n_options;
};

extern const struct table command_table;

#endif
