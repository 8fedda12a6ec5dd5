/* setup_report.h - what a look at an MTA's set-up has found
 *
 * PURPOSE   Findings are faults of setup_table.h with what was found; checks that were asked and found nothing are ok.
 *           An MTA of several instances has one report for each, in a chain.
 * OWNERSHIP The report keeps copies, and the next report; setup_report_release() frees them.
 * LIMITS    SETUP_FINDINGS; more are counted as one problem of the check `mta`.
 */
#ifndef MILTER_COMMAND_SETUP_REPORT_H
#define MILTER_COMMAND_SETUP_REPORT_H

#include "common/base/arena.h"
#include "milter/command/setup_world.h"

#include <stdbool.h>
#include <stddef.h>

enum setup_state { SETUP_OK, SETUP_NOTE, SETUP_WARNING, SETUP_PROBLEM };

enum setup_check {
#define CHECK(id, name, fine) SETUP_CHECK_##id,
#include "milter/command/setup_table.h"
#undef CHECK
	SETUP_CHECKS
};

enum setup_fault {
#define FAULT(id, check, state, what, remedy) SETUP_##id,
#include "milter/command/setup_table.h"
#undef FAULT
	SETUP_FAULTS
};

enum { SETUP_FINDINGS = 64 };

struct setup_finding {
	enum setup_fault fault;
	const char *what, *remedy; /* whole sentences, what was found filled in */
};

struct setup_report {
	struct arena arena;
	bool asked[SETUP_CHECKS];
	size_t n;
	bool failed; /* memory, or too many */
	struct setup_finding v[SETUP_FINDINGS];
	const char *instance; /* its configuration directory; NULL: there is only one */
	const char *config; /* that remedies have to name: postconf -c DIR; NULL: the usual place */
	struct setup_report *next;
};

void setup_report_init(struct setup_report *r);
void setup_report_release(struct setup_report *r);
/* One more behind it. NULL: no memory, and *r says so. */
struct setup_report *setup_report_add(struct setup_report *r, const char *instance);

void setup_asked(struct setup_report *r, enum setup_check check);
/* found: for @; cure: for ~ in the table's texts; NULL where they do not stand there. The check counts as asked. */
void setup_found(struct setup_report *r, enum setup_fault fault, const char *found,
		 const char *cure);

/* What an attempt to reach a socket amounts to. */
struct setup_socket {
	enum setup_check check;
	enum setup_fault absent, forbidden, odd;
};
void setup_tried(struct setup_report *r, const struct setup_socket *socket,
		 const struct setup_reached *reached);

enum setup_state setup_fault_state(enum setup_fault fault);
bool setup_fault_is_postfix(
	enum setup_fault fault); /* stands before those of Sendmail and Exim in the table */
bool setup_has(const struct setup_report *r, enum setup_fault fault);
enum setup_state setup_worst(const struct setup_report *r, enum setup_check check);

/* Takes the fault out where not every report of the chain has it. */
void setup_unless_all(struct setup_report *r, enum setup_fault fault);

/* Prints the whole chain; the exit status: 0 unless there is a problem, then 1. */
int setup_report_print(const struct setup_report *r, const char *mta, const char *version,
		       bool json);

#endif
