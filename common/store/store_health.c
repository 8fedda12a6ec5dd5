#include "config.h"

#include "common/store/store_health.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const texts[] = {
	[TROUBLE_NONE] = NULL,
	[TROUBLE_FULL] = "The disk is full: new policies are kept in memory only.",
	[TROUBLE_READONLY] = "The database is read-only: new policies are kept in memory only.",
	[TROUBLE_IO] = "Reading or writing the database fails: policies are kept in memory only.",
	[TROUBLE_CANNOT_OPEN] = "The database cannot be opened: policies are kept in memory only.",
	[TROUBLE_BUSY] =
		"Another program keeps the database locked: new policies are kept in memory only.",
	[TROUBLE_MEMORY] = "There is not enough memory for the database.",
	[TROUBLE_SALVAGING] = "The database is damaged and is being salvaged.",
	[TROUBLE_DAMAGED] = "The database is damaged and could not be salvaged yet.",
	[TROUBLE_OLD] = "The database cannot be upgraded to this version's schema now: what is in "
			"it is used, and nothing new is kept.",
	[TROUBLE_NEWER] =
		"The database was written by a newer version: policies are kept in memory only.",
	[TROUBLE_FOREIGN] =
		"The database belongs to another program: policies are kept in memory only.",
	[TROUBLE_OTHER] = "The database does not work: policies are kept in memory only.",
};

void health_init(struct health *h, const struct store_options *o)
{
	*h = (struct health){ .o = o };
	atomic_init(&h->trouble, TROUBLE_NONE);
	pthread_mutex_init(&h->lock, NULL);
}

void health_release(struct health *h)
{
	pthread_mutex_destroy(&h->lock);
}

bool health_is_damage(int rc)
{
	/* SQLITE_ERROR: our statements do not compile, so the tables are not what they were. */
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB || rc == SQLITE_ERROR;
}

enum trouble health_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
		return TROUBLE_NONE;
	case SQLITE_FULL:
		return TROUBLE_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return TROUBLE_READONLY;
	case SQLITE_IOERR:
		return rc == SQLITE_IOERR_NOMEM ? TROUBLE_MEMORY : TROUBLE_IO;
	case SQLITE_CANTOPEN:
		return TROUBLE_CANNOT_OPEN;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return TROUBLE_BUSY;
	case SQLITE_NOMEM:
		return TROUBLE_MEMORY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return TROUBLE_DAMAGED;
	default:
		return TROUBLE_OTHER;
	}
}

enum trouble health_of_errno(int r)
{
	switch (-r) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return TROUBLE_FULL;
	case EROFS:
		return TROUBLE_READONLY;
	case EIO:
		return TROUBLE_IO;
	case ENOMEM:
		return TROUBLE_MEMORY;
	default:
		return TROUBLE_CANNOT_OPEN;
	}
}

const char *health_text(enum trouble t)
{
	return texts[t];
}

void health_notice(const struct health *h, const char *format, ...)
{
	char line[HEALTH_LINE];
	va_list ap;

	if (h->o->notice == NULL)
		return;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	h->o->notice(h->o->notice_arg, line);
}

void health_lost(struct health *h, enum trouble t, const char *detail)
{
	enum trouble before;

	pthread_mutex_lock(&h->lock);
	before = (enum trouble)atomic_exchange(&h->trouble, (int)t);
	h->failed_at = clock_mono(h->o->clock);
	pthread_mutex_unlock(&h->lock);
	/* A salvage has a line of its own. */
	if ((before == TROUBLE_NONE || before == TROUBLE_SALVAGING) && t != TROUBLE_SALVAGING)
		health_notice(h, "persistence is lost: database %s: %s%s%s", h->o->path, texts[t],
			      detail != NULL ? " SQLite or the system says: " : "",
			      detail != NULL ? detail : "");
}

void health_wrote(struct health *h, bool now_regained)
{
	enum trouble before = TROUBLE_NONE;

	if (!health_bad(h))
		return;
	pthread_mutex_lock(&h->lock);
	if (now_regained || clock_mono(h->o->clock) - h->failed_at >= HEALTH_CALM_MS)
		before = (enum trouble)atomic_exchange(&h->trouble, TROUBLE_NONE);
	pthread_mutex_unlock(&h->lock);
	if (before != TROUBLE_NONE && before != TROUBLE_SALVAGING)
		health_notice(h, "persistence is back: database %s", h->o->path);
}
