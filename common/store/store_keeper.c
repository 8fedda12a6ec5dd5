#include "config.h"

#include "common/store/store_keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_salvage.h"

static const char salvage_suffix[] = ".salvage";

/* What became of an attempt to open the file. */
struct opening {
	enum trouble trouble;
	const char *detail; /* static text or NULL */
	bool wrote;	    /* writing works: we just did */
	struct conn *conn;
	enum conn_mode mode;
};

static void fail(struct opening *o, enum trouble t, const char *detail)
{
	o->conn = conn_close(o->conn);
	o->trouble = t;
	o->detail = detail;
}

static void fail_rc(struct opening *o, int rc)
{
	fail(o, health_of(rc), sqlite3_errstr(rc));
}

/* Is a file that does not say whose it is somebody's all the same? Asked without leaving a trace.
 */
static bool has_foreign_tables(const char *path)
{
	enum schema_finding found = SCHEMA_NONE;
	struct conn *c = NULL;
	bool foreign = conn_open(path, CONN_STILL, &c) == SQLITE_OK &&
		       schema_verify(c->db, &found) == SQLITE_OK && found == SCHEMA_FOREIGN;

	conn_close(c);
	return foreign;
}

/* Read-only file systems and full disks have no place for a log or its index; the policies in the file are as good as
 * ever. */
static void open_to_read(const char *path, const struct store_file *f, struct opening *o)
{
	enum conn_mode mode = f->has_log ? CONN_ALONE : CONN_STILL;
	enum schema_finding found;
	int rc = conn_open(path, mode, &o->conn);

	if (rc == SQLITE_OK)
		rc = schema_verify(o->conn->db, &found);
	if (rc != SQLITE_OK || found != SCHEMA_OURS) {
		o->conn = conn_close(o->conn);
		return;
	}
	o->mode = mode;
	if (o->trouble == TROUBLE_CANNOT_OPEN) {
		o->trouble = TROUBLE_READONLY;
		o->detail = NULL;
	}
}

static int settle_tables(struct opening *o, const struct store_file *f)
{
	enum schema_finding found;
	int rc = schema_verify(o->conn->db, &found);

	if (rc != SQLITE_OK)
		return rc;
	if (found == SCHEMA_OURS)
		return schema_check(o->conn->db, f->size);
	if (found != SCHEMA_NONE || f->kind != FILE_EMPTY)
		return SQLITE_CORRUPT;
	rc = schema_create(o->conn->db);
	o->wrote = rc == SQLITE_OK;
	return rc;
}

static void try_to_write(const struct db *db, struct opening *o)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *touch;

	if (o->wrote || !health_bad(&db->health))
		return;
	touch = conn_statement(o->conn, STATEMENT_TOUCH, &rc);
	if (touch != NULL)
		rc = conn_run(touch);
	o->wrote = rc == SQLITE_OK;
	if (!o->wrote) {
		o->trouble = health_of(rc);
		o->detail = sqlite3_errstr(rc);
	}
}

static void connect_to(const struct db *db, const struct store_file *f, struct opening *o)
{
	int rc;

	if (f->kind == FILE_EMPTY && f->size > 0 && has_foreign_tables(db->path)) {
		fail(o, TROUBLE_FOREIGN, NULL);
		return;
	}
	rc = conn_open(db->path, CONN_CREATE, &o->conn);
	if (rc == SQLITE_OK)
		rc = settle_tables(o, f);
	if (rc != SQLITE_OK) {
		fail_rc(o, rc);
		if (f->kind == FILE_OURS && o->trouble != TROUBLE_DAMAGED)
			open_to_read(db->path, f, o);
	} else if (sqlite3_db_readonly(o->conn->db, "main") == 1) {
		o->trouble = TROUBLE_READONLY;
	} else {
		try_to_write(db, o);
	}
}

/* Nothing stands under the name: what a salvage had finished when it was interrupted, or a new
 * file. */
static int make_file(const struct db *db, struct store_file *f)
{
	char salvaged[STORE_PATH_MAX];
	int r = store_file_name(db->path, salvage_suffix, salvaged);

	if (r < 0)
		return r;
	store_file_remove(db->path); /* a log without its database */
	if (rename(salvaged, db->path) == 0)
		return store_file_look(db->path, f);
	r = store_file_create(db->path);
	*f = (struct store_file){ .kind = FILE_EMPTY };
	return r;
}

static void attempt(const struct db *db, struct opening *o)
{
	char salvaged[STORE_PATH_MAX];
	struct store_file f;
	int r;

	*o = (struct opening){ .mode = CONN_WRITE };
	(void)store_file_make_directory(db->path); /* what comes next says it if that failed */
	r = store_file_look(db->path, &f);
	if (r == 0 && f.kind == FILE_MISSING)
		r = make_file(db, &f);
	else if (r == 0 && store_file_name(db->path, salvage_suffix, salvaged) == 0)
		store_file_remove(salvaged);
	if (r < 0)
		fail(o, health_of_errno(r), strerrordesc_np(-r));
	else if (f.kind == FILE_NEWER)
		fail(o, TROUBLE_NEWER, NULL);
	else if (f.kind == FILE_FOREIGN)
		fail(o, TROUBLE_FOREIGN, NULL);
	else if (f.kind == FILE_DAMAGED)
		fail(o, TROUBLE_DAMAGED, f.why);
	else
		connect_to(db, &f, o);
}

/* The state that follows from an attempt. */
static void settle(struct db *db, const struct opening *o)
{
	char log[STORE_PATH_MAX];
	int64_t now = clock_mono(db->o.clock);

	pthread_mutex_lock(&db->lock);
	db->generation++;
	db->state = o->conn != NULL ? DB_OPEN : DB_CLOSED;
	db->mode = o->mode;
	if (o->conn != NULL) {
		o->conn->next = NULL;
		db->idle = o->conn;
		db->open = 1;
		(void)store_file_identity(db->path, &db->file);
		db->log = (struct store_identity){ 0 };
		if (store_file_name(db->path, "-wal", log) == 0)
			(void)store_file_identity(log, &db->log);
	}
	db->look_at = now + DB_LOOK_MS;
	db->retry_at = now + DB_RETRY_MS;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
	if (o->trouble != TROUBLE_NONE)
		health_lost(&db->health, o->trouble, o->detail);
	else if (o->wrote)
		health_wrote(&db->health, true);
}

static void set_state(struct db *db, enum db_state state)
{
	pthread_mutex_lock(&db->lock);
	db->state = state;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

/* All connections come back, and are closed without touching the files. */
static void drain(struct db *db)
{
	pthread_mutex_lock(&db->lock);
	db->state = DB_CHANGING;
	while (db->busy > 0)
		pthread_cond_wait(&db->changed, &db->lock);
	for (struct conn *c = db->idle; c != NULL; c = c->next)
		conn_abandon(c);
	db_close_idle(db);
	pthread_mutex_unlock(&db->lock);
}

static void tell(const struct db *db, const struct salvage *s, const char *damage,
		 const char *aside)
{
	char of[32] = "";

	if (s->expected >= 0 && (uint64_t)s->expected >= s->policies)
		snprintf(of, sizeof(of), " of %" PRId64, s->expected);
	health_notice(&db->health,
		      "database %s was damaged (%s): salvaged %" PRIu64 "%s policies and %" PRIu64
		      " failure times, %" PRIu64
		      " rows did not check out; the damaged file is kept as %s",
		      db->path, damage, s->policies, of, s->failures, s->rejected, aside);
}

/* Puts the new file in the place of the damaged one. All connections are closed. */
static int exchange(const struct db *db, const char *salvaged, char aside[STORE_PATH_MAX])
{
	int r = store_file_set_aside(db->path, clock_wall(db->o.clock), aside);

	if (r == 0 && rename(salvaged, db->path) < 0)
		r = -errno;
	if (r == 0)
		(void)store_file_sync(db->path);
	return r;
}

/* Makes the new file beside the damaged one and exchanges them; 0, or -errno with what to say. */
static int salvage(struct db *db, const char *damage, struct opening *ret_failed)
{
	AUTO(salvage_release) struct salvage s = { .from = db->path, .stop = &db->stop };
	char salvaged[STORE_PATH_MAX], aside[STORE_PATH_MAX];
	int rc = SQLITE_OK, r = store_file_name(db->path, salvage_suffix, salvaged);

	s.to = salvaged;
	s.fd = s.wal.fd = -1;
	health_lost(&db->health, TROUBLE_SALVAGING, NULL);
	if (r == 0)
		r = salvage_run(&s, &rc);
	if (r == 0) {
		drain(db);
		salvage_release(
			&s); /* now that no connection is left that could lose a lock by it */
		r = exchange(db, salvaged, aside);
	}
	if (r == 0)
		tell(db, &s, damage, aside);
	*ret_failed = (struct opening){ .trouble = TROUBLE_DAMAGED };
	ret_failed->detail = rc != SQLITE_OK ? sqlite3_errstr(rc) : strerrordesc_np(-r);
	return r;
}

/* Before and after: DB_SALVAGING -> DB_OPEN or DB_CLOSED. */
static void salvage_and_open(struct db *db, const char *damage, bool was_open)
{
	struct opening o;
	int r = salvage(db, damage, &o);
	bool drained;

	pthread_mutex_lock(&db->lock);
	drained = db->state == DB_CHANGING;
	pthread_mutex_unlock(&db->lock);
	if (r == 0 || drained)
		attempt(db, &o);
	if (r == 0 || drained || !was_open) {
		settle(db, &o);
	} else {
		set_state(db, DB_OPEN);
		if (r != -ECANCELED)
			health_lost(&db->health, o.trouble, o.detail);
	}
}

static void *salvager(void *arg)
{
	struct db *db = arg;

	salvage_and_open(db, db->damage, db->damage_was_open);
	return NULL;
}

static bool may_salvage(struct db *db)
{
	int64_t now = clock_mono(db->o.clock);
	unsigned doublings = db->salvages < 10 ? db->salvages : 10;

	if (now < db->salvage_at)
		return false;
	db->salvage_at = now + ((int64_t)DB_SALVAGE_MS << doublings);
	db->salvages++;
	return true;
}

/* With the state DB_SALVAGING; nobody else can start one. */
static void start_salvage(struct db *db)
{
	bool started;

	pthread_mutex_lock(&db->salvager_lock);
	if (db->salvager_started)
		pthread_join(db->salvager, NULL); /* it has set the state before, and is leaving */
	started = pthread_create(&db->salvager, NULL, salvager, db) == 0;
	db->salvager_started = started;
	pthread_mutex_unlock(&db->salvager_lock);
	if (!started)
		(void)salvager(db);
}

int keeper_open(struct db *db, bool at_start)
{
	struct opening o;
	bool now;

	attempt(db, &o);
	if (o.trouble == TROUBLE_NEWER && at_start)
		return STORE_NEWER;
	pthread_mutex_lock(&db->lock);
	now = o.trouble == TROUBLE_DAMAGED && may_salvage(db);
	if (now) {
		db->state = DB_SALVAGING;
		db->damage = o.detail;
		db->damage_was_open = false;
		pthread_cond_broadcast(&db->changed);
	}
	pthread_mutex_unlock(&db->lock);
	if (!now)
		settle(db, &o);
	else if (at_start)
		(void)salvager(db);
	else
		start_salvage(db);
	return 0;
}

void keeper_reopen(struct db *db, bool moved)
{
	char log[STORE_PATH_MAX];
	struct store_identity is;

	drain(db);
	/* A log that belonged to the file that is gone must not meet the one that took its place.
	 */
	if (moved && store_file_name(db->path, "-wal", log) == 0 &&
	    store_file_identity(log, &is) == 0 && is.dev == db->log.dev && is.ino == db->log.ino) {
		(void)unlink(log);
		if (store_file_name(db->path, "-shm", log) == 0)
			(void)unlink(log);
	}
	if (moved)
		health_notice(&db->health,
			      "database %s was deleted or replaced while in use: it is opened anew",
			      db->path);
	(void)keeper_open(db, false);
}

void keeper_damaged(struct db *db, int rc)
{
	bool start = false, too_soon = false;

	pthread_mutex_lock(&db->lock);
	if (db->state == DB_OPEN && db->mode == CONN_WRITE) {
		start = may_salvage(db);
		too_soon = !start;
	}
	if (start) {
		db->state = DB_SALVAGING;
		db->damage = sqlite3_errstr(rc);
		db->damage_was_open = true;
	}
	pthread_mutex_unlock(&db->lock);
	if (start)
		start_salvage(db);
	else if (too_soon)
		health_lost(&db->health, TROUBLE_DAMAGED, sqlite3_errstr(rc));
}
