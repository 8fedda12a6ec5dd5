#include "config.h"

#include "common/store/store_opening.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/store/store_schema.h"
#include "common/store/store_sqlite.h"

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
	if (rc != SQLITE_OK || (found != SCHEMA_OURS && found != SCHEMA_OLD)) {
		o->conn = conn_close(o->conn);
		return;
	}
	o->mode = mode;
	if (found == SCHEMA_OLD) {
		o->trouble = TROUBLE_OLD;
	} else if (o->trouble == TROUBLE_CANNOT_OPEN) {
		o->trouble = TROUBLE_READONLY;
		o->detail = NULL;
	}
}

/* An upgrade makes the file half as large again, by way of a log. One that must fail is not worth the
 * time in which nobody can read. */
static bool has_room(const char *path, off_t size)
{
	struct statvfs st;

	return statvfs(path, &st) != 0 || st.f_bavail * st.f_frsize >= (uint64_t)size;
}

static int upgrade(const struct db *db, struct opening *o, const struct store_file *f, bool old)
{
	int rc;

	if (!has_room(db->path, f->size))
		return SQLITE_FULL;
	if (health_bad(&db->health))
		conn_patience(o->conn, 0); /* not the first attempt, and readers wait for it */
	rc = schema_upgrade(o->conn->db, clock_wall(db->o.clock));
	o->wrote = rc == SQLITE_OK;
	o->upgraded = o->wrote && old;
	return rc;
}

static int settle_tables(const struct db *db, struct opening *o, const struct store_file *f)
{
	enum schema_finding found;
	int rc = schema_verify(o->conn->db, &found);

	if (rc != SQLITE_OK)
		return rc;
	if (found == SCHEMA_OURS || found == SCHEMA_OLD) {
		rc = schema_check(o->conn->db, f->size);
		if (rc == SQLITE_OK &&
		    (found == SCHEMA_OLD || f->user_version != STORE_SCHEMA_VERSION))
			rc = upgrade(db, o, f, found == SCHEMA_OLD);
		return rc;
	}
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
		rc = settle_tables(db, o, f);
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
	int r = store_file_name(db->path, OPENING_SALVAGED, salvaged);

	if (r < 0)
		return r;
	store_file_remove(db->path); /* a log without its database */
	if (rename(salvaged, db->path) == 0)
		return store_file_look(db->path, f);
	r = store_file_create(db->path);
	*f = (struct store_file){ .kind = FILE_EMPTY };
	return r;
}

void opening_attempt(const struct db *db, struct opening *o)
{
	char salvaged[STORE_PATH_MAX];
	struct store_file f;
	int r;

	*o = (struct opening){ .mode = CONN_WRITE };
	(void)store_file_make_directory(db->path); /* what comes next says it if that failed */
	r = store_file_look(db->path, &f);
	if (r == 0 && f.kind == FILE_MISSING)
		r = make_file(db, &f);
	else if (r == 0 && store_file_name(db->path, OPENING_SALVAGED, salvaged) == 0)
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
