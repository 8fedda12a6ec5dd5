#include "config.h"

#include "milter/command/arguments.h"

#include "common/base/text.h"

#include <string.h>

static int usage(struct buf *error, const char *what, const char *text)
{
	buf_clear(error);
	buf_adds(error, what);
	if (text != NULL) {
		buf_addc(error, ' ');
		text_escape(error, span_of(text), 200);
	}
	return EX_USAGE;
}

/* How many of the words are those of the verb: all of its own, or 0. */
static size_t verb_words(const struct verb *verb, char *const *words, size_t n)
{
	struct span rest = span_of(verb->words), word;
	size_t taken = 0;

	while (span_word(&rest, &word)) {
		if (taken == n || !span_eq(word, words[taken]))
			return 0;
		taken++;
	}
	return taken;
}

const struct verb *arguments_verb(const struct table *table, char *const *words, size_t n,
				  size_t *ret_taken)
{
	const struct verb *found = NULL;

	*ret_taken = 0;
	for (size_t i = 0; i < table->n_verbs; i++) {
		size_t taken = verb_words(&table->verbs[i], words, n);

		if (taken > *ret_taken) {
			*ret_taken = taken;
			found = &table->verbs[i];
		}
	}
	return found;
}

static const struct option_row *find_option(const struct table *table, struct span name)
{
	for (size_t i = 0; i < table->n_options; i++)
		if (span_eq(name, table->options[i].name))
			return &table->options[i];
	return NULL;
}

/* "--name", "--name value" or "--name=value". *at: the option, moved to the last word that belongs
 * to it. */
static int take_option(const struct table *table, int argc, char **argv, int *at,
		       struct invocation *inv, struct buf *error)
{
	struct span name = span_of(argv[*at]), rest = name;
	const struct option_row *row;
	const char *value = NULL;

	if (span_starts(name, "--") && span_until(&rest, '=', rest.n, &name))
		value = rest.p;
	row = find_option(table, name);
	if (row == NULL)
		return usage(error, "there is no option", argv[*at]);
	if (row->value == NULL && value != NULL)
		return usage(error, "no value belongs to", row->name);
	if (row->value != NULL && value == NULL) {
		if (*at + 1 == argc)
			return usage(error, "a value is missing behind", row->name);
		value = argv[++*at];
	}
	if (row->id == OPTION_MANY) {
		if (inv->n_many == OPTION_MANY_MOST)
			return usage(error, "too often:", row->name);
		inv->many[inv->n_many++] = value;
	}
	inv->options |= OPTION_BIT(row->id);
	inv->values[row->id] = value;
	return 0;
}

/* Moves what is no option to the front of argv; counts the words before "--", which alone can be a
 * verb's. */
static int sort_out(const struct table *table, int argc, char **argv, struct invocation *inv,
		    size_t *ret_words, size_t *ret_all, struct buf *error)
{
	size_t words = 0, all = 0;
	bool options = true;
	int r;

	for (int i = 1; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			r = take_option(table, argc, argv, &i, inv, error);
			if (r != 0)
				return r;
		} else {
			argv[all++] = argv[i];
			words += options;
		}
	}
	*ret_words = words;
	*ret_all = all;
	return 0;
}

static int check_options(const struct table *table, const struct invocation *inv, struct buf *error)
{
	unsigned odd = inv->options & ~(inv->verb->options | OPTION_BIT(OPTION_HELP));

	for (size_t i = 0; i < table->n_options; i++)
		if (odd & OPTION_BIT(table->options[i].id))
			return usage(error, "this verb has no option", table->options[i].name);
	return 0;
}

static int no_verb(const struct table *table, char *const *words, size_t n, struct buf *error)
{
	if (n == 0)
		return usage(error, "a verb is missing", NULL);
	for (size_t i = 0; i < table->n_verbs; i++) {
		struct span rest = span_of(table->verbs[i].words), first;

		if (span_word(&rest, &first) && span_eq(first, words[0]))
			return usage(error, "another word has to stand behind", words[0]);
	}
	return usage(error, "there is no verb", words[0]);
}

int arguments_parse(const struct table *table, int argc, char **argv, struct invocation *ret,
		    struct buf *error)
{
	const unsigned early = OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION);
	struct invocation inv = { .verb = NULL };
	size_t words, all, taken;
	int r = sort_out(table, argc, argv, &inv, &words, &all, error);

	if (r != 0)
		return r;
	inv.verb = arguments_verb(table, argv, words, &taken);
	inv.operands = argv + taken;
	inv.n_operands = all - taken;
	if (inv.options & early) {
		*ret = inv;
		return 0;
	}
	if (inv.verb == NULL)
		return no_verb(table, argv, words, error);
	r = check_options(table, &inv, error);
	if (r != 0)
		return r;
	if (inv.n_operands < inv.verb->least)
		return usage(error, "too few arguments for", inv.verb->words);
	if (inv.n_operands > inv.verb->most)
		return usage(error, "too many arguments for", inv.verb->words);
	*ret = inv;
	return 0;
}
