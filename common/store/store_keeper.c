#include "config.h"

#include "common/store/store_keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_opening.h"
#include "common/store/store_salvage.h"

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
	if (o->upgraded)
		health_notice(&db->health, "database %s was upgraded to schema %d", db->path,
			      STORE_SCHEMA_VERSION);
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

static void say_of(int64_t expected, uint64_t is, char ret[32])
{
	ret[0] = '\0';
	if (expected >= 0 && (uint64_t)expected >= is)
		snprintf(ret, 32, " of %" PRId64, expected);
}

static void tell(const struct db *db, const struct salvage *s, const char *damage,
		 const char *aside)
{
	char of[32], of_overrides[32];

	say_of(s->expected, s->policies, of);
	say_of(s->expected_overrides, s->overrides, of_overrides);
	health_notice(&db->health,
		      "database %s was damaged (%s): salvaged %" PRIu64 "%s policies and %" PRIu64
		      " failure times, %" PRIu64 "%s overrides, %" PRIu64 " events, %" PRIu64
		      " rows did not check out; the damaged file is kept as %s",
		      db->path, damage, s->policies, of, s->failures, s->overrides, of_overrides,
		      s->events, s->rejected, aside);
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
	AUTO(salvage_release)
	struct salvage s = { .from = db->path, .stop = &db->stop, .now = clock_wall(db->o.clock) };
	char salvaged[STORE_PATH_MAX], aside[STORE_PATH_MAX];
	int rc = SQLITE_OK, r = store_file_name(db->path, OPENING_SALVAGED, salvaged);

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
		opening_attempt(db, &o);
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

	opening_attempt(db, &o);
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
