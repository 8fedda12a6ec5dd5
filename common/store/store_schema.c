#include "config.h"

#include "common/store/store_schema.h"

#include <stdio.h>
#include <string.h>

#include "common/base/siphash.h"
#include "common/store/store_bind.h"
#include "common/store/store_file.h"
#include "common/store/store_row.h"
#include "common/store/store_sqlite.h"
#include "common/store/store_statement.h"

enum { UPKEEP_SPREAD = 86400 };
enum { V1 = 1 << 1, V2 = 1 << 2, V3 = 1 << 3, VERSIONS = 4 };

/*
 * Every table is WITHOUT ROWID: a look-up by name then walks one tree instead of two (measured with
 * 1,000,000 rows: 5.4 us instead of 9 us), and a salvage finds each row whole. Triggers keep the
 * tally, so that counting costs one row; a policy that is fetched again in the same mode does not
 * touch it. Texts are compared: they never change, a new version gets new ones.
 */
static const struct object {
	unsigned versions;
	const char *type, *name, *sql;
} objects[] = {
	{ V1 | V2 | V3, "table", "policy",
	  "CREATE TABLE policy (domain TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, mode INTEGER "
	  "NOT NULL, "
	  "body BLOB NOT NULL, fetched_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, "
	  "seal INTEGER NOT NULL) WITHOUT ROWID" },
	{ V1 | V2 | V3, "table", "failure",
	  "CREATE TABLE failure (domain TEXT NOT NULL, class INTEGER NOT NULL, first_at INTEGER "
	  "NOT NULL, "
	  "last_at INTEGER NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (domain, class)) WITHOUT "
	  "ROWID" },
	{ V1, "table", "tally",
	  "CREATE TABLE tally (name TEXT NOT NULL PRIMARY KEY, policies INTEGER NOT NULL, "
	  "enforce INTEGER NOT NULL, failures INTEGER NOT NULL) WITHOUT ROWID" },
	{ V2 | V3, "table", "tally",
	  "CREATE TABLE tally (name TEXT NOT NULL PRIMARY KEY, policies INTEGER NOT NULL, "
	  "enforce INTEGER NOT NULL, failures INTEGER NOT NULL, events INTEGER NOT NULL, "
	  "overrides INTEGER NOT NULL, past INTEGER NOT NULL, event_serial INTEGER NOT NULL, "
	  "override_serial INTEGER NOT NULL) WITHOUT ROWID" },
	{ V2 | V3, "table", "upkeep",
	  "CREATE TABLE upkeep (domain TEXT NOT NULL PRIMARY KEY, used_at INTEGER NOT NULL, "
	  "due_at INTEGER NOT NULL, failed_at INTEGER NOT NULL, failures INTEGER NOT NULL, "
	  "standing INTEGER NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID" },
	{ V2 | V3, "table", "event",
	  "CREATE TABLE event (serial INTEGER NOT NULL PRIMARY KEY, domain TEXT NOT NULL, "
	  "kind INTEGER NOT NULL, source INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, "
	  "mode INTEGER NOT NULL, max_age INTEGER NOT NULL, body_hash INTEGER NOT NULL, "
	  "mx TEXT NOT NULL, detail TEXT NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID" },
	{ V2 | V3, "table", "override",
	  "CREATE TABLE override (serial INTEGER NOT NULL PRIMARY KEY, domain TEXT NOT NULL, "
	  "mode INTEGER NOT NULL, state INTEGER NOT NULL, added_at INTEGER NOT NULL, "
	  "until INTEGER NOT NULL, uid INTEGER NOT NULL, ended_at INTEGER NOT NULL, "
	  "ended_uid INTEGER NOT NULL, mx TEXT NOT NULL, reason TEXT NOT NULL, "
	  "owner TEXT NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID" },
	{ V1 | V2 | V3, "trigger", "policy_added",
	  "CREATE TRIGGER policy_added AFTER INSERT ON policy BEGIN "
	  "UPDATE tally SET policies = policies + 1, enforce = enforce + (new.mode = 2); END" },
	{ V1 | V2 | V3, "trigger", "policy_changed",
	  "CREATE TRIGGER policy_changed AFTER UPDATE ON policy WHEN old.mode <> new.mode BEGIN "
	  "UPDATE tally SET enforce = enforce + (new.mode = 2) - (old.mode = 2); END" },
	{ V1, "trigger", "policy_removed",
	  "CREATE TRIGGER policy_removed AFTER DELETE ON policy BEGIN "
	  "UPDATE tally SET policies = policies - 1, enforce = enforce - (old.mode = 2); END" },
	{ V2 | V3, "trigger", "policy_removed",
	  "CREATE TRIGGER policy_removed AFTER DELETE ON policy BEGIN "
	  "UPDATE tally SET policies = policies - 1, enforce = enforce - (old.mode = 2); "
	  "DELETE FROM upkeep WHERE domain = old.domain; END" },
	{ V1 | V2 | V3, "trigger", "failure_added",
	  "CREATE TRIGGER failure_added AFTER INSERT ON failure BEGIN "
	  "UPDATE tally SET failures = failures + 1; END" },
	{ V1 | V2 | V3, "trigger", "failure_removed",
	  "CREATE TRIGGER failure_removed AFTER DELETE ON failure BEGIN "
	  "UPDATE tally SET failures = failures - 1; END" },
	{ V2 | V3, "trigger", "event_added",
	  "CREATE TRIGGER event_added AFTER INSERT ON event BEGIN "
	  "UPDATE tally SET events = events + 1, "
	  "event_serial = max(event_serial, new.serial); END" },
	{ V2 | V3, "trigger", "event_removed",
	  "CREATE TRIGGER event_removed AFTER DELETE ON event BEGIN "
	  "UPDATE tally SET events = events - 1; END" },
	{ V2 | V3, "trigger", "override_added",
	  "CREATE TRIGGER override_added AFTER INSERT ON override BEGIN "
	  "UPDATE tally SET overrides = overrides + (new.state = 0), "
	  "past = past + (new.state <> 0), "
	  "override_serial = max(override_serial, new.serial); END" },
	{ V2 | V3, "trigger", "override_changed",
	  "CREATE TRIGGER override_changed AFTER UPDATE ON override BEGIN "
	  "UPDATE tally SET overrides = overrides + (new.state = 0) - (old.state = 0), "
	  "past = past + (new.state <> 0) - (old.state <> 0); END" },
	{ V2 | V3, "trigger", "override_removed",
	  "CREATE TRIGGER override_removed AFTER DELETE ON override BEGIN "
	  "UPDATE tally SET overrides = overrides - (old.state = 0), "
	  "past = past - (old.state <> 0); END" },
	{ V3, "table", "outcome",
	  "CREATE TABLE outcome (day INTEGER NOT NULL, domain TEXT NOT NULL, key INTEGER NOT NULL, "
	  "source INTEGER NOT NULL, policy TEXT NOT NULL, record TEXT NOT NULL, "
	  "result INTEGER NOT NULL, mx TEXT NOT NULL, helo TEXT NOT NULL, "
	  "receiving_ip TEXT NOT NULL, sending_ip TEXT NOT NULL, info TEXT NOT NULL, "
	  "reason TEXT NOT NULL, count INTEGER NOT NULL, sessions INTEGER NOT NULL, "
	  "seal INTEGER NOT NULL, PRIMARY KEY (day, domain, key)) WITHOUT ROWID" },
	{ V3, "table", "outcome_day",
	  "CREATE TABLE outcome_day (day INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL) "
	  "WITHOUT ROWID" },
	{ V3, "trigger", "outcome_added",
	  "CREATE TRIGGER outcome_added AFTER INSERT ON outcome BEGIN "
	  "INSERT INTO outcome_day VALUES (new.day, 1) ON CONFLICT (day) DO UPDATE SET n = n + 1; "
	  "END" },
	{ V3, "trigger", "outcome_removed",
	  "CREATE TRIGGER outcome_removed AFTER DELETE ON outcome BEGIN "
	  "UPDATE outcome_day SET n = n - 1 WHERE day = old.day; "
	  "DELETE FROM outcome_day WHERE day = old.day AND n <= 0; END" },
	/* Last, so that they are made of tables that are full. */
	{ V2 | V3, "index", "upkeep_due",
	  "CREATE INDEX upkeep_due ON upkeep (due_at, domain, used_at)" },
	{ V2 | V3, "index", "event_domain", "CREATE INDEX event_domain ON event (domain, serial)" },
	{ V2 | V3, "index", "override_domain",
	  "CREATE INDEX override_domain ON override (domain, serial)" },
	{ V2 | V3, "index", "override_ended",
	  "CREATE INDEX override_ended ON override (ended_at) WHERE state <> 0" },
};
enum { N_OBJECTS = sizeof(objects) / sizeof(objects[0]) };

/* Shown in the place of the old tally. */
static const char OLD_TALLY[] =
	"CREATE TEMP VIEW tally AS SELECT name, policies, enforce, failures, 0 AS events, "
	"0 AS overrides, 0 AS past, 0 AS event_serial, 0 AS override_serial FROM main.tally";

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static bool is_index(const struct object *o)
{
	return strcmp(o->type, "index") == 0;
}

/* Those of our version that none of these others had. */
static int create_objects(sqlite3 *db, bool indexes, unsigned not_of)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < N_OBJECTS && rc == SQLITE_OK; i++)
		if ((objects[i].versions & V3) != 0 && (objects[i].versions & not_of) == 0 &&
		    is_index(&objects[i]) == indexes)
			rc = run(db, objects[i].sql);
	return rc;
}

static int write_version(sqlite3 *db)
{
	char version[128];

	snprintf(version, sizeof(version), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 STORE_APPLICATION_ID, STORE_SCHEMA_VERSION);
	return run(db, version);
}

static int finish(sqlite3 *db, int rc)
{
	if (rc == SQLITE_OK)
		rc = run(db, "COMMIT");
	if (rc != SQLITE_OK)
		(void)run(db, "ROLLBACK");
	return rc;
}

int schema_create(sqlite3 *db)
{
	enum schema_finding found;
	int rc = run(db, "BEGIN IMMEDIATE");

	if (rc != SQLITE_OK)
		return rc;
	/* Somebody else may have been faster. */
	rc = schema_verify(db, &found);
	if (rc == SQLITE_OK && found == SCHEMA_NONE) {
		rc = create_objects(db, false, 0);
		if (rc == SQLITE_OK)
			rc = create_objects(db, true, 0);
		if (rc == SQLITE_OK)
			rc = run(db, "INSERT INTO tally VALUES ('rows', 0, 0, 0, 0, 0, 0, 0, 0)");
		if (rc == SQLITE_OK)
			rc = write_version(db);
	}
	return finish(db, rc);
}

/* The versions that have such an object. */
static unsigned versions_of(const char *type, const char *name, const char *sql)
{
	for (size_t i = 0; i < N_OBJECTS; i++)
		if (strcmp(objects[i].type, type) == 0 && strcmp(objects[i].name, name) == 0 &&
		    strcmp(objects[i].sql, sql) == 0)
			return objects[i].versions;
	return 0;
}

static bool complete(const size_t found[VERSIONS], unsigned version)
{
	size_t n = 0;

	for (size_t i = 0; i < N_OBJECTS; i++)
		n += (objects[i].versions >> version & 1) != 0;
	return found[version] == n;
}

static const char *column_text(sqlite3_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(s, i);

	return text != NULL ? (const char *)text : "";
}

/* *ret_version: the one whose objects are all there; 0: none. */
static int look(sqlite3 *db, unsigned *ret_version, enum schema_finding *ret)
{
	size_t found[VERSIONS] = { 0 }, ours = 0, others = 0;
	unsigned version = VERSIONS - 1;
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(
		db, "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL", -1, &s,
		NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		unsigned versions;

		rc = sqlite3_step(s);
		if (rc != SQLITE_ROW)
			break;
		versions = versions_of(column_text(s, 0), column_text(s, 1), column_text(s, 2));
		for (unsigned v = 0; v < VERSIONS; v++)
			found[v] += versions >> v & 1;
		ours += versions != 0;
		others += versions == 0;
	}
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return rc;
	/* A view or an index of the administrator's own is no harm. */
	while (version > 0 && !complete(found, version))
		version--;
	if (version > 0)
		*ret = version == VERSIONS - 1 ? SCHEMA_OURS : SCHEMA_OLD;
	else if (ours > 0)
		*ret = SCHEMA_DAMAGED;
	else
		*ret = others > 0 ? SCHEMA_FOREIGN : SCHEMA_NONE;
	*ret_version = version;
	return SQLITE_OK;
}

int schema_verify(sqlite3 *db, enum schema_finding *ret)
{
	unsigned version;

	return look(db, &version, ret);
}

int schema_check(sqlite3 *db, off_t size)
{
	sqlite3_stmt *s = NULL;
	int rc;

	if (size > SCHEMA_CHECK_MAX)
		return SQLITE_OK;
	rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		rc = strcmp(column_text(s, 0), "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
	sqlite3_finalize(s);
	return rc;
}

/* Spread by name: the same after a second attempt. */
static struct stored_upkeep first_upkeep(struct span domain, int64_t now)
{
	static const struct siphash_key key = { 0x7370726561642075, 0x706b656570206475 };

	return (struct stored_upkeep){
		.used_at = now,
		.due_at = now + (int64_t)(siphash13(&key, domain.p, domain.n) % UPKEEP_SPREAD),
	};
}

static int fill_one(sqlite3_stmt *add, struct span domain, int64_t now)
{
	const struct stored_upkeep u = first_upkeep(domain, now);
	int rc;

	if (!row_upkeep_fits(domain))
		return SQLITE_CORRUPT;
	bind_upkeep(add, domain, &u);
	rc = sqlite3_step(add);
	(void)sqlite3_reset(add);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int schema_fill_upkeep(sqlite3 *db, int64_t now)
{
	sqlite3_stmt *bare = NULL, *add = NULL;
	int rc = sqlite3_prepare_v2(db,
				    "SELECT domain FROM policy p WHERE NOT EXISTS "
				    "(SELECT 1 FROM upkeep u WHERE u.domain = p.domain)",
				    -1, &bare, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, statement_text(STATEMENT_UPKEEP_ADD), -1, &add, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(bare)) == SQLITE_ROW)
		rc = fill_one(add, span_of(column_text(bare, 0)), now);
	sqlite3_finalize(bare);
	sqlite3_finalize(add);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* What the old version had and ours has no more, or has in another form. */
static int drop_old(sqlite3 *db, unsigned version)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < N_OBJECTS && rc == SQLITE_OK; i++) {
		char drop[64];

		snprintf(drop, sizeof(drop), "DROP %s %s", objects[i].type, objects[i].name);
		if ((objects[i].versions & (1U << version | V3)) == 1U << version)
			rc = run(db, drop);
	}
	return rc;
}

static int upgrade(sqlite3 *db, unsigned version, int64_t now)
{
	int rc = version == 1 ? run(db, "CREATE TEMP TABLE old_tally AS SELECT * FROM tally")
			      : SQLITE_OK;

	if (rc == SQLITE_OK)
		rc = drop_old(db, version);
	if (rc == SQLITE_OK)
		rc = create_objects(db, false, 1U << version);
	if (rc == SQLITE_OK && version == 1)
		rc = run(db, "INSERT INTO tally SELECT name, policies, enforce, failures, 0, 0, 0, "
			     "0, 0 FROM old_tally; DROP TABLE old_tally");
	if (rc == SQLITE_OK && version == 1)
		rc = schema_fill_upkeep(db, now);
	if (rc == SQLITE_OK)
		rc = create_objects(db, true, 1U << version);
	return rc == SQLITE_OK ? write_version(db) : rc;
}

int schema_upgrade(sqlite3 *db, int64_t now)
{
	enum schema_finding found;
	unsigned version = 0;
	int rc = run(db, "BEGIN IMMEDIATE");

	if (rc != SQLITE_OK)
		return rc;
	/* Somebody else may have been faster. */
	rc = look(db, &version, &found);
	if (rc == SQLITE_OK && found == SCHEMA_OLD)
		rc = upgrade(db, version, now);
	else if (rc == SQLITE_OK)
		rc = found == SCHEMA_OURS ? write_version(db) : SQLITE_CORRUPT;
	return finish(db, rc);
}

int schema_stand_in(sqlite3 *db)
{
	enum schema_finding found;
	unsigned version = 0;
	int rc = look(db, &version, &found);

	if (rc != SQLITE_OK || found != SCHEMA_OLD)
		return rc;
	for (size_t i = 0; i < N_OBJECTS && rc == SQLITE_OK; i++) {
		char sql[1024];

		if ((objects[i].versions & (1U << version | V3)) != V3 ||
		    strcmp(objects[i].type, "table") != 0)
			continue;
		snprintf(sql, sizeof(sql), "CREATE TEMP %s", objects[i].sql + strlen("CREATE "));
		rc = run(db, strcmp(objects[i].name, "tally") == 0 ? OLD_TALLY : sql);
	}
	return rc;
}
