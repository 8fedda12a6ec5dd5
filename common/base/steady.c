#include "config.h"

#include "common/base/steady.h"

static int64_t believed(struct steady *s, int64_t mono)
{
	return atomic_load_explicit(&s->offset, memory_order_relaxed) + mono / 1000;
}

static int64_t believe(struct steady *s, int64_t wall, int64_t mono)
{
	atomic_store_explicit(&s->offset, wall - mono / 1000, memory_order_relaxed);
	if (wall >= STEADY_BORN && atomic_load_explicit(&s->unset, memory_order_relaxed))
		atomic_store_explicit(&s->unset, false, memory_order_relaxed);
	if (atomic_load_explicit(&s->doubt_since, memory_order_relaxed) != 0)
		atomic_store_explicit(&s->doubt_since, 0, memory_order_relaxed);
	return wall;
}

static int64_t steady_wall(void *ctx)
{
	struct steady *s = ctx;
	int64_t wall = clock_wall(&s->under), mono = clock_mono(&s->under);
	int64_t ahead = wall - believed(s, mono);
	long long since = 0;

	/* The two clocks do not change their second at the same moment. */
	if (ahead >= -1 && ahead <= 1 &&
	    atomic_load_explicit(&s->doubt_since, memory_order_relaxed) == 0)
		return wall;
	if (ahead <= STEADY_LEAP || atomic_load_explicit(&s->unset, memory_order_relaxed))
		return believe(s, wall, mono);
	if (atomic_compare_exchange_strong(&s->doubt_since, &since, mono + 1))
		since = mono + 1;
	if (mono + 1 - since >= (int64_t)STEADY_DOUBT * 1000)
		return believe(s, wall, mono);
	return believed(s, mono);
}

static int64_t steady_mono(void *ctx)
{
	struct steady *s = ctx;

	return clock_mono(&s->under);
}

void steady_init(struct steady *s, const struct clock *under)
{
	s->under = *under;
	atomic_init(&s->offset, clock_wall(under) - clock_mono(under) / 1000);
	atomic_init(&s->doubt_since, 0);
	atomic_init(&s->unset, clock_wall(under) < STEADY_BORN);
}

struct clock steady_clock(struct steady *s)
{
	return (struct clock){ steady_wall, steady_mono, s };
}

int64_t steady_doubt(struct steady *s)
{
	int64_t ahead = clock_wall(&s->under) - steady_wall(s);

	return ahead > 1 ? ahead : 0;
}
