/* store_statement.h - the statements over the tables of store_schema.h
 *
 * THREADS Constants.
 */
#ifndef COMMON_STORE_STORE_STATEMENT_H
#define COMMON_STORE_STORE_STATEMENT_H

enum statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_TOUCH, /* writes without changing anything */
	STATEMENT_COUNTS,

	STATEMENT_GET,
	STATEMENT_PUT,
	STATEMENT_PUT_NEWER, /* salvage: an older row never replaces a newer one */
	STATEMENT_REMOVE,
	STATEMENT_SWEEP,
	STATEMENT_POLICIES,

	STATEMENT_FAILURE_PUT,
	STATEMENT_FAILURE_PUT_NEWER,
	STATEMENT_FAILURE_REMOVE,
	STATEMENT_FAILURES_PRUNE,
	STATEMENT_FAILURES_LIST,

	STATEMENT_UPKEEP_GET, /* of a policy; NULL when it has none */
	STATEMENT_UPKEEP_ADD, /* unless there is one */
	STATEMENT_UPKEEP_PUT, /* if there is a policy */
	STATEMENT_UPKEEP_PUT_LATER,
	STATEMENT_UPKEEP_ORPHANS, /* salvage: those without a policy go */
	STATEMENT_DUE,

	STATEMENT_EVENT_NEXT, /* serial, rows */
	STATEMENT_EVENT_PUT,  /* unless there is one of that serial */
	STATEMENT_EVENT_TRIM_DOMAIN,
	STATEMENT_EVENT_TRIM,
	STATEMENT_EVENTS,
	STATEMENT_EVENTS_OF,

	STATEMENT_OVERRIDE_NEXT, /* serial, active rows, ended rows */
	STATEMENT_OVERRIDE_PUT,	 /* also over one that ended less */
	STATEMENT_OVERRIDE_GET,
	STATEMENT_OVERRIDE_ACTIVE,  /* of a domain */
	STATEMENT_OVERRIDE_SHADOWS, /* salvage: active ones below another active one */
	STATEMENT_OVERRIDE_FORGET_OLD,
	STATEMENT_OVERRIDE_FORGET,
	STATEMENT_OVERRIDES,
	STATEMENT_OVERRIDES_OF,

	STATEMENT_OUTCOME_GET,
	STATEMENT_OUTCOME_PUT,
	STATEMENT_OUTCOME_PUT_MORE, /* salvage: unless there is one with as many */
	STATEMENT_OUTCOME_ROWS,	    /* of a domain and day */
	STATEMENT_OUTCOMES_OLDEST,  /* day, rows of all days */
	STATEMENT_OUTCOMES_FORGET,
	STATEMENT_OUTCOMES,
	STATEMENT_OUTCOMES_OF,

	STATEMENTS
};

const char *statement_text(enum statement s);

#endif
