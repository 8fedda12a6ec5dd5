#include "config.h"

#include "milter/command/help.h"

#include "milter/command/arguments.h"
#include "milter/command/output.h"

#include <string.h>

static void print_call(const struct verb *verb, FILE *to)
{
	fputs("mta-sts ", to);
	if (verb->options & OPTION_BIT(OPTION_JSON))
		fputs("[--json] ", to);
	fprintf(to, "%s%s%s\n", verb->words, verb->operands[0] != '\0' ? " " : "", verb->operands);
}

void help_usage(const struct verb *verb, FILE *to)
{
	fputs("usage: ", to);
	print_call(verb, to);
}

static void print_options(const struct table *table, unsigned which, FILE *to)
{
	for (size_t i = 0; i < table->n_options; i++) {
		const struct option_row *row = &table->options[i];
		const char *value = row->value != NULL ? row->value : "";
		int width = 12 - (int)strlen(row->name);

		if (which & OPTION_BIT(row->id))
			fprintf(to, "  %s %-*s %s\n", row->name, width, value, row->help);
	}
}

void help_all(const struct table *table, FILE *to)
{
	fputs("mta-sts - ask about MTA-STS (RFC 8461) policies, and the daemon mta-sts-milter\n\n",
	      to);
	for (size_t i = 0; i < table->n_verbs; i++) {
		if (table->verbs[i].summary == NULL)
			continue;
		fputs("  ", to);
		print_call(&table->verbs[i], to);
		fprintf(to, "        %s\n", table->verbs[i].summary);
	}
	fputs("\nOptions:\n", to);
	print_options(table, ~0u, to);
	fputs("\nExit status: 0 yes or ok, 1 no, invalid or none, 64 wrong use, 65 faulty\n"
	      "input, 66 unreadable input, 69 the daemon cannot be reached, 73 no journal can be\n"
	      "kept, 75 try again later, 78 faulty configuration.\n",
	      to);
}

void help_verb(const struct table *table, const struct verb *verb, FILE *to)
{
	help_usage(verb, to);
	fprintf(to, "\n%s", verb->help);
	if (verb->help[0] == '\0')
		fprintf(to, "%s\n", verb->summary);
	if (verb->options != 0) {
		fputs("\nOptions:\n", to);
		print_options(table, verb->options, to);
	}
}

/* Words that begin several verbs ("lint") show all of these. */
static bool help_group(const struct table *table, char *const *words, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < table->n_verbs; i++) {
		struct span rest = span_of(table->verbs[i].words), word;
		size_t k = 0;

		while (k < n && span_word(&rest, &word) && span_eq(word, words[k]))
			k++;
		if (k < n)
			continue;
		if (any)
			putchar('\n');
		help_verb(table, &table->verbs[i], stdout);
		any = true;
	}
	return any;
}

int help_run(const struct invocation *inv)
{
	if (inv->n_operands == 0) {
		help_all(&command_table, stdout);
		return EX_YES;
	}
	if (help_group(&command_table, inv->operands, inv->n_operands))
		return EX_YES;
	complain("there is no verb %s; mta-sts help lists all", inv->operands[0]);
	return EX_USAGE;
}
