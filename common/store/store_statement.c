#include "config.h"

#include "common/store/store_statement.h"

#define POLICY_ROW "id, mode, body, fetched_at, expires_at, seal"
#define PUT_POLICY                                                                                 \
	"INSERT INTO policy (domain, id, mode, body, fetched_at, expires_at, seal) "               \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (domain) DO UPDATE SET id = "             \
	"excluded.id, "                                                                            \
	"mode = excluded.mode, body = excluded.body, fetched_at = excluded.fetched_at, "           \
	"expires_at = excluded.expires_at, seal = excluded.seal"

#define PUT_FAILURE                                                                                \
	"INSERT INTO failure (domain, class, first_at, last_at, seal) VALUES (?1, ?2, ?3, ?4, "    \
	"?5) "                                                                                     \
	"ON CONFLICT (domain, class) DO UPDATE SET first_at = excluded.first_at, "                 \
	"last_at = excluded.last_at, seal = excluded.seal"

#define UPKEEP_ROW    "used_at, due_at, failed_at, failures, standing, seal"
#define INSERT_UPKEEP "INSERT INTO upkeep (domain, " UPKEEP_ROW ") "
#define UPKEEP_VALUES "?1, ?2, ?3, ?4, ?5, ?6, ?7"
#define OVER_UPKEEP                                                                                \
	" ON CONFLICT (domain) DO UPDATE SET used_at = excluded.used_at, "                         \
	"due_at = excluded.due_at, failed_at = excluded.failed_at, "                               \
	"failures = excluded.failures, standing = excluded.standing, seal = excluded.seal"

#define EVENT_ROW "serial, domain, kind, source, at, id, mode, max_age, body_hash, mx, detail, seal"

#define OVERRIDE_ROW                                                                               \
	"serial, domain, mode, state, added_at, until, uid, ended_at, ended_uid, mx, reason, "     \
	"owner, seal"
/* One that is found twice by a salvage: the end of it is the later state. */
#define OVER_OVERRIDE                                                                              \
	" ON CONFLICT (serial) DO UPDATE SET state = excluded.state, "                             \
	"ended_at = excluded.ended_at, ended_uid = excluded.ended_uid, seal = excluded.seal "      \
	"WHERE excluded.ended_at > override.ended_at"
#define OUTCOME_ROW                                                                                \
	"day, domain, key, source, policy, record, result, mx, helo, receiving_ip, sending_ip, "   \
	"info, reason, count, sessions, seal"
#define PUT_OUTCOME                                                                                \
	"INSERT INTO outcome (" OUTCOME_ROW ") VALUES "                                            \
	"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "                 \
	"ON CONFLICT (day, domain, key) DO UPDATE SET count = excluded.count, "                    \
	"sessions = excluded.sessions, seal = excluded.seal"
#define OUTCOMES_WANTED	 "day = ?2 AND (domain, key) > (?3, ?4) ORDER BY domain, key LIMIT ?1"
#define OVERRIDES_WANTED "AND (state = 0 OR (?3 AND ended_at >= ?4)) ORDER BY serial DESC LIMIT ?1"

/* Of those that list, the first parameter is how many. */
static const char *const statements[STATEMENTS] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	/* An UPDATE that changes nothing writes nothing either. The number is STORE_APPLICATION_ID. */
	[STATEMENT_TOUCH] = "PRAGMA application_id = 0x4d535453",
	[STATEMENT_COUNTS] = "SELECT policies, enforce, failures, events, overrides, "
			     "(SELECT coalesce(sum(n), 0) FROM outcome_day) FROM tally",

	[STATEMENT_GET] = "SELECT " POLICY_ROW " FROM policy WHERE domain = ?1",
	[STATEMENT_PUT] = PUT_POLICY,
	[STATEMENT_PUT_NEWER] = PUT_POLICY " WHERE excluded.fetched_at > policy.fetched_at",
	[STATEMENT_REMOVE] = "DELETE FROM policy WHERE domain = ?1",
	[STATEMENT_SWEEP] = "SELECT domain, expires_at FROM policy WHERE domain > ?1 "
			    "ORDER BY domain LIMIT ?2",
	[STATEMENT_POLICIES] = "SELECT " POLICY_ROW ", domain FROM policy WHERE domain > ?2 "
			       "ORDER BY domain LIMIT ?1",

	[STATEMENT_FAILURE_PUT] = PUT_FAILURE,
	[STATEMENT_FAILURE_PUT_NEWER] = PUT_FAILURE " WHERE excluded.last_at > failure.last_at",
	[STATEMENT_FAILURE_REMOVE] = "DELETE FROM failure WHERE domain = ?1 AND class = ?2",
	[STATEMENT_FAILURES_PRUNE] = "DELETE FROM failure WHERE last_at < ?1",
	[STATEMENT_FAILURES_LIST] = "SELECT domain, class, first_at, last_at, seal FROM failure "
				    "WHERE (domain, class) > (?2, ?3) ORDER BY domain, class "
				    "LIMIT ?1",

	[STATEMENT_UPKEEP_GET] =
		"SELECT u.used_at, u.due_at, u.failed_at, u.failures, u.standing, u.seal, "
		"p.fetched_at FROM policy p LEFT JOIN upkeep u ON u.domain = p.domain "
		"WHERE p.domain = ?1",
	[STATEMENT_UPKEEP_ADD] =
		INSERT_UPKEEP "VALUES (" UPKEEP_VALUES ") ON CONFLICT (domain) DO NOTHING",
	[STATEMENT_UPKEEP_PUT] =
		INSERT_UPKEEP "SELECT " UPKEEP_VALUES
			      " WHERE EXISTS (SELECT 1 FROM policy WHERE domain = ?1)" OVER_UPKEEP,
	[STATEMENT_UPKEEP_PUT_LATER] = INSERT_UPKEEP "VALUES (" UPKEEP_VALUES ")" OVER_UPKEEP
						     " WHERE excluded.due_at > upkeep.due_at",
	[STATEMENT_UPKEEP_ORPHANS] =
		"DELETE FROM upkeep WHERE domain NOT IN (SELECT domain FROM policy)",
	/* The inner one reads the index alone, so that those nobody uses cost little. */
	[STATEMENT_DUE] =
		"SELECT " UPKEEP_ROW ", domain FROM (SELECT domain AS d FROM upkeep WHERE "
		"due_at <= ?2 AND used_at >= ?3 AND (due_at, domain) > (?4, ?5) "
		"ORDER BY due_at, domain LIMIT ?1) CROSS JOIN upkeep ON domain = d "
		"ORDER BY due_at, domain",

	[STATEMENT_EVENT_NEXT] =
		"SELECT max(event_serial, coalesce((SELECT max(serial) FROM event), 0)) + 1, "
		"events FROM tally",
	[STATEMENT_EVENT_PUT] = "INSERT INTO event (" EVENT_ROW ") VALUES "
				"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
				"ON CONFLICT (serial) DO NOTHING",
	[STATEMENT_EVENT_TRIM_DOMAIN] =
		"DELETE FROM event WHERE serial IN (SELECT serial FROM event WHERE domain = ?1 "
		"ORDER BY serial DESC LIMIT ?2 OFFSET ?3)",
	[STATEMENT_EVENT_TRIM] =
		"DELETE FROM event WHERE serial IN (SELECT serial FROM event ORDER BY serial "
		"LIMIT ?1)",
	[STATEMENT_EVENTS] = "SELECT " EVENT_ROW " FROM event WHERE serial < ?2 "
			     "ORDER BY serial DESC LIMIT ?1",
	[STATEMENT_EVENTS_OF] = "SELECT " EVENT_ROW " FROM event WHERE domain = ?3 AND "
				"serial < ?2 ORDER BY serial DESC LIMIT ?1",

	[STATEMENT_OVERRIDE_NEXT] =
		"SELECT max(override_serial, coalesce((SELECT max(serial) FROM override), 0)) + 1, "
		"overrides, past FROM tally",
	[STATEMENT_OVERRIDE_PUT] =
		"INSERT INTO override (" OVERRIDE_ROW ") VALUES "
		"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)" OVER_OVERRIDE,
	[STATEMENT_OVERRIDE_GET] = "SELECT " OVERRIDE_ROW " FROM override WHERE serial = ?1",
	[STATEMENT_OVERRIDE_ACTIVE] = "SELECT " OVERRIDE_ROW " FROM override WHERE domain = ?1 "
				      "AND state = 0 ORDER BY serial DESC LIMIT 1",
	[STATEMENT_OVERRIDE_SHADOWS] =
		"SELECT " OVERRIDE_ROW " FROM override o WHERE state = 0 AND EXISTS (SELECT 1 FROM "
		"override n WHERE n.domain = o.domain AND n.serial > o.serial AND n.state = 0) "
		"LIMIT 1",
	[STATEMENT_OVERRIDE_FORGET_OLD] =
		"DELETE FROM override WHERE serial IN (SELECT serial FROM override WHERE "
		"state <> 0 AND ended_at < ?2 ORDER BY ended_at LIMIT ?1)",
	[STATEMENT_OVERRIDE_FORGET] =
		"DELETE FROM override WHERE serial IN (SELECT serial FROM override WHERE "
		"state <> 0 ORDER BY ended_at LIMIT ?1)",
	[STATEMENT_OVERRIDES] =
		"SELECT " OVERRIDE_ROW " FROM override WHERE serial < ?2 " OVERRIDES_WANTED,
	[STATEMENT_OVERRIDES_OF] = "SELECT " OVERRIDE_ROW " FROM override WHERE domain = ?5 AND "
				   "serial < ?2 " OVERRIDES_WANTED,

	[STATEMENT_OUTCOME_GET] =
		"SELECT " OUTCOME_ROW " FROM outcome WHERE day = ?1 AND domain = ?2 AND key = ?3",
	[STATEMENT_OUTCOME_PUT] = PUT_OUTCOME,
	[STATEMENT_OUTCOME_PUT_MORE] = PUT_OUTCOME " WHERE excluded.count > outcome.count",
	[STATEMENT_OUTCOME_ROWS] = "SELECT count(*) FROM outcome WHERE day = ?1 AND domain = ?2",
	[STATEMENT_OUTCOMES_OLDEST] =
		"SELECT coalesce(min(day), 0), coalesce(sum(n), 0) FROM outcome_day",
	[STATEMENT_OUTCOMES_FORGET] =
		"DELETE FROM outcome WHERE (day, domain, key) IN (SELECT day, domain, key FROM "
		"outcome WHERE day = ?2 ORDER BY domain, key LIMIT ?1)",
	[STATEMENT_OUTCOMES] = "SELECT " OUTCOME_ROW " FROM outcome WHERE " OUTCOMES_WANTED,
	[STATEMENT_OUTCOMES_OF] =
		"SELECT " OUTCOME_ROW " FROM outcome WHERE domain = ?5 AND " OUTCOMES_WANTED,
};

const char *statement_text(enum statement s)
{
	return statements[s];
}
