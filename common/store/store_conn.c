#include "config.h"

#include "common/store/store_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/store/store_file.h"

/* The path as a URI, so that no byte of it means anything. */
static int uri_of(const char *path, enum conn_mode mode, struct buf *out)
{
	int r = buf_adds(out, path[0] == '/' ? "file://" : "file:");

	for (const char *p = path; *p != '\0' && r == 0; p++) {
		if (strchr("?#%", *p) != NULL)
			r = buf_addf(out, "%%%02X", (unsigned)(unsigned char)*p);
		else
			r = buf_addc(out, *p);
	}
	if (r == 0 && mode == CONN_STILL)
		r = buf_adds(out, "?immutable=1");
	return r;
}

static int configure(sqlite3 *db, enum conn_mode mode)
{
	static const char *const first[] = {
		[CONN_WRITE] = "",
		[CONN_CREATE] = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; ",
		[CONN_BUILD] = "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY; ",
		/* First of all: a change of mind after the first look at the log would be too late. */
		[CONN_ALONE] = "PRAGMA locking_mode = EXCLUSIVE; ",
		[CONN_STILL] = "",
	};
	char sql[512];

	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, CONN_VALUE_MAX);
	sqlite3_busy_timeout(db, CONN_BUSY_MS);
	sqlite3_snprintf(sizeof(sql), sql,
			 "%sPRAGMA cache_size = -%d; PRAGMA cell_size_check = ON; "
			 "PRAGMA secure_delete = ON; PRAGMA synchronous = %s; "
			 "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = %d",
			 first[mode], mode == CONN_BUILD ? CONN_BUILD_CACHE_KIB : CONN_CACHE_KIB,
			 mode == CONN_BUILD ? "OFF" : "NORMAL", CONN_LOG_MAX);
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int conn_open(const char *path, enum conn_mode mode, struct conn **ret)
{
	AUTO(buf_release) struct buf uri = { .max = 3 * STORE_PATH_MAX + 64 };
	struct conn *c = calloc(1, sizeof(*c));
	int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    SQLITE_OPEN_EXRESCODE;
	int rc;

	if (c == NULL || uri_of(path, mode, &uri) != 0) {
		free(c);
		return SQLITE_NOMEM;
	}
	flags |= mode == CONN_STILL ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	if (mode == CONN_CREATE || mode == CONN_BUILD)
		flags |= SQLITE_OPEN_CREATE;
	rc = sqlite3_open_v2(buf_text(&uri), &c->db, flags, NULL);
	if (rc == SQLITE_OK) {
		shm_guard_install(&c->shm, c->db);
		rc = configure(c->db, mode);
	}
	if (rc == SQLITE_OK && (mode == CONN_ALONE || mode == CONN_STILL))
		(void)schema_stand_in(c->db); /* who needs it will see that it is not there */
	if (rc != SQLITE_OK) {
		conn_close(c);
		return rc;
	}
	*ret = c;
	return SQLITE_OK;
}

struct conn *conn_close(struct conn *c)
{
	if (c == NULL)
		return NULL;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(c->statements[i]);
	sqlite3_close_v2(c->db);
	free(c);
	return NULL;
}

sqlite3_stmt *conn_statement(struct conn *c, enum statement s, int *ret_rc)
{
	int rc = SQLITE_OK;

	if (c->statements[s] == NULL)
		rc = sqlite3_prepare_v3(c->db, statement_text(s), -1, SQLITE_PREPARE_PERSISTENT,
					&c->statements[s], NULL);
	if (rc != SQLITE_OK)
		*ret_rc = rc;
	return c->statements[s];
}

int conn_run(sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	(void)sqlite3_reset(s);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void conn_patience(struct conn *c, int ms)
{
	sqlite3_busy_timeout(c->db, ms);
}

void conn_abandon(struct conn *c)
{
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

int conn_make_room(struct conn *c, sqlite3_stmt *s)
{
	int rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return rc == SQLITE_OK ? conn_run(s) : rc;
}
