#include "config.h"

#include "common/store/store_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/store/store_keeper.h"

static void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

static struct db *db_new(const struct store_options *o)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return NULL;
	db->path = strdup(o->path);
	if (db->path == NULL) {
		free(db);
		return NULL;
	}
	db->o = *o;
	db->o.path = db->path;
	if (db->o.connections == 0)
		db->o.connections = 1;
	db->state = DB_CHANGING;
	db->mode = CONN_WRITE;
	db->salvage_at = INT64_MIN;
	health_init(&db->health, &db->o);
	pthread_mutex_init(&db->writer, NULL);
	pthread_mutex_init(&db->lock, NULL);
	pthread_mutex_init(&db->salvager_lock, NULL);
	cond_init(&db->changed);
	atomic_init(&db->stop, false);
	return db;
}

int db_open(const struct store_options *o, struct db **ret)
{
	struct db *db = db_new(o);
	int r;

	if (db == NULL)
		return -ENOMEM;
	r = keeper_open(db, true);
	if (r != 0) {
		db_close(db);
		return r;
	}
	*ret = db;
	return 0;
}

struct db *db_close(struct db *db)
{
	if (db == NULL)
		return NULL;
	atomic_store(&db->stop, true);
	pthread_mutex_lock(&db->salvager_lock);
	if (db->salvager_started)
		pthread_join(db->salvager, NULL);
	pthread_mutex_unlock(&db->salvager_lock);
	db_close_idle(db);
	health_release(&db->health);
	pthread_cond_destroy(&db->changed);
	pthread_mutex_destroy(&db->salvager_lock);
	pthread_mutex_destroy(&db->lock);
	pthread_mutex_destroy(&db->writer);
	free(db->path);
	free(db);
	return NULL;
}

void db_close_idle(struct db *db)
{
	while (db->idle != NULL) {
		struct conn *c = db->idle;

		db->idle = c->next;
		db->open--;
		conn_close(c);
	}
}

static struct timespec wait_until(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)(DB_WAIT_MS % 1000) * 1000000;
	t.tv_sec += DB_WAIT_MS / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* With the lock held. 0: there is an idle connection, or room for one. */
static int wait_for_room(struct db *db, bool for_write)
{
	struct timespec until = { 0 };

	for (;;) {
		bool readable = db->state == DB_OPEN || db->state == DB_SALVAGING;
		unsigned most = db->mode == CONN_ALONE ? 1 : db->o.connections;

		if (db->state == DB_CLOSED)
			return -EIO;
		if (for_write && (db->state == DB_SALVAGING || db->mode != CONN_WRITE))
			return -EIO;
		if (readable && (db->idle != NULL || db->open < most))
			return 0;
		if (until.tv_sec == 0)
			until = wait_until();
		if (pthread_cond_timedwait(&db->changed, &db->lock, &until) == ETIMEDOUT)
			return -EIO;
	}
}

static void give_up_place(struct db *db)
{
	pthread_mutex_lock(&db->lock);
	db->busy--;
	db->open--;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

int db_take(struct db *db, bool for_write, struct conn **ret)
{
	struct conn *c = NULL;
	int rc = SQLITE_OK, r;

	pthread_mutex_lock(&db->lock);
	r = wait_for_room(db, for_write);
	if (r == 0) {
		c = db->idle;
		if (c != NULL)
			db->idle = c->next;
		else
			db->open++;
		db->busy++;
	}
	pthread_mutex_unlock(&db->lock);
	if (r < 0)
		return r;
	if (c == NULL)
		rc = conn_open(db->path, db->mode, &c);
	if (rc != SQLITE_OK) {
		give_up_place(db);
		return db_report(db, rc, false);
	}
	if (for_write)
		conn_patience(c, health_bad(&db->health) ? 0 : CONN_BUSY_MS);
	*ret = c;
	return 0;
}

void db_give(struct db *db, struct conn *c, int rc)
{
	bool keep = !health_is_damage(rc) && (rc & 0xff) != SQLITE_IOERR;

	if (health_is_damage(rc))
		conn_abandon(c);
	if (!keep)
		conn_close(c);
	pthread_mutex_lock(&db->lock);
	db->busy--;
	if (keep) {
		c->next = db->idle;
		db->idle = c;
	} else {
		db->open--;
	}
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

int db_report(struct db *db, int rc, bool wrote)
{
	if (rc == SQLITE_OK) {
		if (wrote)
			health_wrote(&db->health, false);
		return 0;
	}
	if (health_is_damage(rc))
		keeper_damaged(db, rc);
	else
		health_lost(&db->health, health_of(rc), sqlite3_errstr(rc));
	return -EIO;
}

/* A small write, so that persistence comes back without waiting for the next policy. */
static void try_a_write(struct db *db)
{
	struct conn *c;
	int rc = SQLITE_OK, r;

	if (pthread_mutex_trylock(&db->writer) != 0)
		return;
	r = db_take(db, true, &c);
	if (r == 0) {
		sqlite3_stmt *touch = conn_statement(c, STATEMENT_TOUCH, &rc);

		if (touch != NULL)
			rc = conn_run(touch);
		if (rc == SQLITE_FULL)
			rc = conn_make_room(c, touch);
		db_give(db, c, rc);
	}
	pthread_mutex_unlock(&db->writer);
	if (r == 0)
		(void)db_report(db, rc, true);
}

static bool same(struct store_identity a, struct store_identity b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

static bool moved(const struct db *db, struct store_identity was)
{
	struct store_identity is;
	int r = store_file_identity(db->path, &is);

	return r == -ENOENT || (r == 0 && !same(was, is));
}

struct chores {
	bool look, reopen, recover;
	struct store_identity was;
	unsigned generation;
};

static struct chores due(struct db *db, bool for_write)
{
	int64_t now = clock_mono(db->o.clock);
	struct chores c = { 0 };

	pthread_mutex_lock(&db->lock);
	c.was = db->file;
	c.generation = db->generation;
	if (db->state == DB_OPEN && (for_write || now >= db->look_at)) {
		c.look = true;
		db->look_at = now + DB_LOOK_MS;
	}
	if ((db->state == DB_OPEN || db->state == DB_CLOSED) && now >= db->retry_at) {
		c.reopen = db->state == DB_CLOSED || db->mode != CONN_WRITE;
		c.recover = !c.reopen && health_bad(&db->health);
		db->retry_at = now + DB_RETRY_MS;
	}
	pthread_mutex_unlock(&db->lock);
	return c;
}

/* Only one of those who saw the same thing gets to change it. */
static bool begin_change(struct db *db, unsigned generation)
{
	bool mine;

	pthread_mutex_lock(&db->lock);
	mine = (db->state == DB_CLOSED || db->state == DB_OPEN) && generation == db->generation;
	if (mine)
		db->state = DB_CHANGING;
	pthread_mutex_unlock(&db->lock);
	return mine;
}

void db_maintain(struct db *db, bool for_write)
{
	struct chores c = due(db, for_write);
	bool gone = c.look && moved(db, c.was);

	if (gone || c.reopen) {
		if (begin_change(db, c.generation))
			keeper_reopen(db, gone);
	} else if (c.recover && atomic_load(&db->health.trouble) == TROUBLE_DAMAGED) {
		keeper_damaged(db, SQLITE_CORRUPT);
	} else if (c.recover) {
		try_a_write(db);
	}
}
