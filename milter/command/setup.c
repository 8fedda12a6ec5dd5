#include "config.h"

#include "milter/command/setup.h"

#include "common/base/cleanup.h"
#include "milter/command/output.h"
#include "milter/command/setup_postfix.h"
#include "milter/shared/settings_file.h"

#include <errno.h>

enum { MEMORY = 8 << 20 };

static bool given(const struct invocation *inv, enum option_id id)
{
	return (inv->options & OPTION_BIT(id)) != 0;
}

static const char *our_file(const struct invocation *inv)
{
	return inv->values[OPTION_CONFIG] != NULL ? inv->values[OPTION_CONFIG] : SETTINGS_FILE;
}

/* NULL: *ret_status is what to return. */
static struct settings *load(const struct invocation *inv, int *ret_status)
{
	AUTO(buf_release) struct buf error = { .max = 4096 };
	struct settings *s = NULL;

	*ret_status = EX_CONFIG;
	if (given(inv, OPTION_CHECK) && given(inv, OPTION_MTA_VERSION)) {
		complain("--check looks at an MTA that is installed here; --mta-version does not "
			 "go with it");
		*ret_status = EX_USAGE;
	} else if (settings_file_load(our_file(inv), &s, &error) != 0) {
		complain("%s", buf_text(&error));
	}
	return s;
}

static int print_lines(const struct invocation *inv, const struct setup_lines *l, const char *mta,
		       const char *name, const char *version)
{
	char title[200];

	snprintf(title, sizeof(title), "%s %.100s%s", name, version,
		 given(inv, OPTION_MTA_VERSION) ? ", elsewhere" : "");
	return setup_lines_print(l, mta, version, title, our_file(inv), given(inv, OPTION_JSON));
}

static int missing(int error, const char *program, const char *name, const char *version,
		   const struct buf *why)
{
	if (error == -ENOENT)
		complain("%s is not installed here: there is no %s in PATH or /usr/sbin; "
			 "--mta-version %s prints the lines for one that is elsewhere",
			 name, program, version);
	else
		complain("%s", buf_text(why));
	return EX_UNAVAILABLE;
}

int setup_postfix(const struct invocation *inv)
{
	AUTO(arena_release) struct arena arena;
	AUTO(buf_release) struct buf error = { .max = 1000 };
	AUTO(setup_report_release) struct setup_report report;
	AUTO(setup_lines_release) struct setup_lines lines;
	const struct setup_world world = setup_world_here();
	struct postfix_facts facts = { .version = NULL };
	struct settings *s;
	int status, r = 0;

	arena_init(&arena, MEMORY);
	setup_report_init(&report);
	setup_lines_init(&lines);
	s = load(inv, &status);
	if (s == NULL)
		return status;
	if (given(inv, OPTION_MTA_VERSION))
		facts = postfix_facts_told(inv->values[OPTION_MTA_VERSION]);
	else
		r = postfix_facts_read(inv->values[OPTION_MTA_CONFIG], &arena, &facts, &error);
	if (r != 0) {
		status = missing(r, "postconf", "Postfix", "3.7.11", &error);
	} else if (given(inv, OPTION_CHECK)) {
		setup_postfix_check(&facts, s, &world, &report);
		status = setup_report_print(&report, "postfix", facts.version,
					    given(inv, OPTION_JSON));
	} else {
		setup_postfix_lines(&facts, s, &world, &lines);
		status = print_lines(inv, &lines, "postfix", "Postfix", facts.version);
	}
	settings_free(s);
	return status;
}
