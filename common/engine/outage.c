#include "config.h"

#include "common/engine/outage.h"

void outage_init(struct outage *o)
{
	*o = (struct outage){ .down = false };
	pthread_mutex_init(&o->lock, NULL);
}

void outage_release(struct outage *o)
{
	pthread_mutex_destroy(&o->lock);
}

static bool mostly_failing(const struct outage *o)
{
	unsigned all = o->ok + o->failed;

	return all >= OUTAGE_LEAST && o->failed * 100 >= all * OUTAGE_PERCENT;
}

enum outage_change outage_note(struct outage *o, bool ok, int64_t mono)
{
	enum outage_change change = OUTAGE_SAME;

	pthread_mutex_lock(&o->lock);
	if (mono - o->began >= OUTAGE_WINDOW) {
		o->began = mono;
		o->ok = o->failed = 0;
	}
	if (ok)
		o->ok++;
	else
		o->failed++;
	if (!o->down && mostly_failing(o))
		change = OUTAGE_BEGAN;
	else if (o->down && ok && !mostly_failing(o))
		change = OUTAGE_ENDED;
	if (change != OUTAGE_SAME)
		o->down = change == OUTAGE_BEGAN;
	pthread_mutex_unlock(&o->lock);
	return change;
}

bool outage_is_down(struct outage *o)
{
	bool down;

	pthread_mutex_lock(&o->lock);
	down = o->down;
	pthread_mutex_unlock(&o->lock);
	return down;
}
