/* warm_tally.h - what became of the domains of a list
 *
 * PURPOSE Classes, counts, and by name those that an operator has to look at: the domains whose enforce policy (or DANE) will hold mail.
 *         No I/O.
 */
#ifndef MILTER_COMMAND_WARM_TALLY_H
#define MILTER_COMMAND_WARM_TALLY_H

#include "milter/command/output.h"

/* X(id, name) */
#define WARM_CLASSES(X)                                                                            \
	X(ENFORCE, "enforce")                                                                      \
	X(TESTING, "testing")                                                                      \
	X(NONE, "none")                                                                            \
	X(NO_POLICY, "no-policy")                                                                  \
	X(SKIPPED, "skipped")                                                                      \
	X(FAILED, "failed")

enum warm_class {
#define X(id, name) WARM_##id,
	WARM_CLASSES(X)
#undef X
		WARM_CLASS_COUNT
};

struct warm_tally {
	size_t counts[WARM_CLASS_COUNT];
	json_t *held;	/* rows: domain, reason, mx */
	json_t *failed; /* rows: domain, reason */
};

void warm_tally_init(struct warm_tally *t);
void warm_tally_release(struct warm_tally *t);

const char *warm_class_name(enum warm_class class);
int warm_class_from_name(const char *name); /* -1: unknown */

/* result: what the daemon says about a domain (control verb "warm"). */
enum warm_class warm_class_of(const json_t *result);
enum warm_class warm_tally_add(struct warm_tally *t, const json_t *result);

/* Numbers and names, as fields of a row. */
void warm_tally_show(const struct warm_tally *t, struct row row);

#endif
