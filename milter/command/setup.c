#include "config.h"

#include "milter/command/setup.h"

#include "common/base/cleanup.h"
#include "milter/command/output.h"
#include "milter/command/setup_exim.h"
#include "milter/command/setup_postfix.h"
#include "milter/command/setup_sendmail.h"
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

/* What the three have in common: memory, settings, and which of the two is asked for. */
struct run {
	const struct invocation *inv;
	struct arena arena;
	struct buf error;
	struct setup_report report;
	struct setup_lines lines;
	struct setup_world world;
	struct settings *s;
};

static void run_release(struct run *run)
{
	arena_release(&run->arena);
	buf_release(&run->error);
	setup_report_release(&run->report);
	setup_lines_release(&run->lines);
	settings_free(run->s);
}

/* 0, or the status to return. */
static int run_begin(struct run *run, const struct invocation *inv)
{
	int status = 0;

	*run = (struct run){ .inv = inv, .world = setup_world_here() };
	arena_init(&run->arena, MEMORY);
	buf_init(&run->error, 1000);
	setup_report_init(&run->report);
	setup_lines_init(&run->lines);
	run->s = load(inv, &status);
	return run->s != NULL ? 0 : status;
}

static const char *told_version(const struct run *run)
{
	return run->inv->values[OPTION_MTA_VERSION];
}

static const char *config_of(const struct run *run)
{
	return run->inv->values[OPTION_MTA_CONFIG];
}

static void check_instance(struct run *run, const char *directory, struct setup_report *report)
{
	AUTO(buf_release) struct buf error = { .max = 1000 };
	struct postfix_facts facts = { .version = NULL };

	if (postfix_facts_read(directory, &run->arena, &facts, &error) != 0) {
		setup_found(report, SETUP_MTA_SILENT, buf_text(&error), NULL);
		return;
	}
	if (postfix_instance_counts(&facts))
		setup_postfix_check(&facts, run->s, &run->world, report);
	else
		setup_found(report, SETUP_INSTANCE_OFF, directory, NULL);
}

/* Whichever instance sends the mail, its faults are told. */
static void check_instances(struct run *run, const struct postfix_facts *first)
{
	struct span others = postfix_instances(first), item;
	struct setup_report *report = &run->report;

	setup_postfix_check(first, run->s, &run->world, report);
	while (report != NULL && setup_item(&others, &item)) {
		run->report.instance = postconf_value(&first->conf, "config_directory");
		report = setup_report_add(report, arena_strdup(&run->arena, item));
		if (report != NULL)
			check_instance(run, report->instance, report);
	}
	setup_unless_all(&run->report, SETUP_BOUND_COULD);
}

int setup_postfix(const struct invocation *inv)
{
	AUTO(run_release) struct run run;
	struct postfix_facts facts = { .version = NULL };
	int r = run_begin(&run, inv);

	if (r != 0)
		return r;
	if (told_version(&run) != NULL)
		facts = postfix_facts_told(told_version(&run));
	else
		r = postfix_facts_read(config_of(&run), &run.arena, &facts, &run.error);
	if (r != 0)
		return missing(r, "postconf", "Postfix", "3.7.11", &run.error);
	if (given(inv, OPTION_CHECK)) {
		run.report.config = facts.config;
		check_instances(&run, &facts);
		return setup_report_print(&run.report, "postfix", facts.version,
					  given(inv, OPTION_JSON));
	}
	setup_postfix_lines(&facts, run.s, &run.world, &run.lines);
	return print_lines(inv, &run.lines, "postfix", "Postfix", facts.version);
}

int setup_sendmail(const struct invocation *inv)
{
	AUTO(run_release) struct run run;
	struct sendmail_facts facts = { .version = inv->values[OPTION_MTA_VERSION] };
	int r = run_begin(&run, inv);

	if (r != 0)
		return r;
	if (facts.version == NULL)
		r = sendmail_facts_read(config_of(&run), &run.arena, &facts, &run.error);
	if (r != 0)
		return missing(r, "sendmail of Sendmail's", "Sendmail", "8.17", &run.error);
	if (given(inv, OPTION_CHECK)) {
		setup_sendmail_check(&facts, run.s, &run.world, &run.report);
		return setup_report_print(&run.report, "sendmail", facts.version,
					  given(inv, OPTION_JSON));
	}
	setup_sendmail_lines(&facts, run.s, &run.lines);
	return print_lines(inv, &run.lines, "sendmail", "Sendmail", facts.version);
}

int setup_exim(const struct invocation *inv)
{
	AUTO(run_release) struct run run;
	struct exim_facts facts = { .version = inv->values[OPTION_MTA_VERSION] };
	int r = run_begin(&run, inv);

	if (r != 0)
		return r;
	if (facts.version == NULL)
		r = exim_facts_read(config_of(&run), &run.arena, &facts, &run.error);
	if (r != 0)
		return missing(r, "exim4 or exim", "Exim", "4.96", &run.error);
	if (given(inv, OPTION_CHECK)) {
		setup_exim_check(&facts, run.s, &run.world, &run.report);
		return setup_report_print(&run.report, "exim", facts.version,
					  given(inv, OPTION_JSON));
	}
	setup_exim_lines(&facts, run.s, &run.lines);
	return print_lines(inv, &run.lines, "exim", "Exim", facts.version);
}
