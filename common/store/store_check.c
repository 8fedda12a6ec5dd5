#include "config.h"

#include "common/store/store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_conn.h"
#include "common/store/store_file.h"

static void conn_closep(struct conn **c)
{
	*c = conn_close(*c);
}

/* Reading a file that somebody writes at the same moment shows what is not there; so only a file at
 * rest is called damaged. */
static bool at_rest(const char *path, const struct store_file *before)
{
	struct store_file after;

	return store_file_look(path, &after) == 0 && !after.has_log && after.size == before->size;
}

static int check_inside(const char *path, const struct store_file *f, char *why, size_t why_size)
{
	AUTO(conn_closep) struct conn *c = NULL;
	enum schema_finding found = SCHEMA_NONE;
	int rc = conn_open(path, CONN_STILL, &c);

	if (rc == SQLITE_OK)
		rc = schema_verify(c->db, &found);
	if (rc == SQLITE_OK && f->kind == FILE_EMPTY && found == SCHEMA_FOREIGN) {
		snprintf(why, why_size, "it is the database of another program");
		return -EPERM;
	}
	if (rc == SQLITE_OK && f->kind == FILE_OURS)
		rc = found == SCHEMA_OURS || found == SCHEMA_OLD ? schema_check(c->db, f->size)
								 : SQLITE_CORRUPT;
	if (rc == SQLITE_OK || ((rc & 0xff) == SQLITE_CORRUPT && !at_rest(path, f)))
		return 0;
	snprintf(why, why_size, "%s", sqlite3_errstr(rc));
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB ? STORE_DAMAGED : -EIO;
}

static int check_place(const char *path, char *why, size_t why_size)
{
	int r = store_file_may_create(path);

	if (r < 0)
		snprintf(why, why_size, "it cannot be created: %s", strerrordesc_np(-r));
	return r;
}

int store_sqlite_check(const char *path, char *why, size_t why_size)
{
	struct store_file f;
	int r = store_file_look(path, &f);

	if (why_size > 0)
		why[0] = '\0';
	if (r < 0) {
		snprintf(why, why_size, "it cannot be read: %s", strerrordesc_np(-r));
		return r;
	}
	switch (f.kind) {
	case FILE_MISSING:
		return check_place(path, why, why_size);
	case FILE_NEWER:
		snprintf(why, why_size, "its schema is version %u, this program knows version %d",
			 (unsigned)f.user_version, STORE_SCHEMA_VERSION);
		return STORE_NEWER;
	case FILE_FOREIGN:
		snprintf(why, why_size, "%s", f.why);
		return -EPERM;
	case FILE_DAMAGED:
		/* The log of a running daemon may be read in the middle of a sentence. */
		if (f.has_log && store_file_look(path, &f) == 0 && f.kind != FILE_DAMAGED)
			return 0;
		snprintf(why, why_size, "%s", f.why);
		return STORE_DAMAGED;
	case FILE_EMPTY:
	case FILE_OURS:
		break;
	}
	r = f.size > 0 && !f.has_log ? check_inside(path, &f, why, why_size) : 0;
	if (r == 0 && f.kind == FILE_OURS && f.user_version < STORE_SCHEMA_VERSION)
		snprintf(why, why_size,
			 "its schema is version %u and will be upgraded to version %d at the start",
			 (unsigned)f.user_version, STORE_SCHEMA_VERSION);
	return r;
}
