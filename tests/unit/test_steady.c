#include "tests/unit/test.h"

#include "common/base/steady.h"

enum { DAY = 86400, YEAR = 365 * DAY };

struct times {
	int64_t wall, mono;
};

static int64_t wall(void *ctx)
{
	return ((struct times *)ctx)->wall;
}

static int64_t mono(void *ctx)
{
	return ((struct times *)ctx)->mono;
}

static void pass(struct times *t, int64_t seconds)
{
	t->wall += seconds;
	t->mono += seconds * 1000;
}

static void steps(void **state)
{
	struct times t = { 1800000000, 5000 };
	struct clock under = { wall, mono, &t }, clock;
	struct steady s;
	int64_t known;
	(void)state;

	steady_init(&s, &under);
	clock = steady_clock(&s);
	assert_int_equal(clock_wall(&clock), 1800000000);
	assert_int_equal(clock_mono(&clock), 5000);
	/* As long as nobody steps it is the clock, however much time passes between two looks. */
	pass(&t, YEAR);
	assert_int_equal(clock_wall(&clock), t.wall);
	/* A small step is put right at once, a step back of any size as well. */
	t.wall += STEADY_LEAP;
	assert_int_equal(clock_wall(&clock), t.wall);
	t.wall -= YEAR;
	assert_int_equal(clock_wall(&clock), t.wall);
	assert_int_equal(steady_doubt(&s), 0);
	/* A leap forward is not: time goes on from where it was. */
	known = t.wall;
	t.wall += YEAR;
	assert_int_equal(clock_wall(&clock), known);
	assert_int_equal(steady_doubt(&s), YEAR);
	pass(&t, STEADY_DOUBT - 1);
	assert_int_equal(clock_wall(&clock), known + STEADY_DOUBT - 1);
	/* Put right in time: nothing has happened. */
	t.wall -= YEAR;
	assert_int_equal(clock_wall(&clock), t.wall);
	assert_int_equal(steady_doubt(&s), 0);
	/* Another leap is doubted anew, and believed when the clock insists. */
	pass(&t, 2 * STEADY_DOUBT);
	known = t.wall;
	t.wall += YEAR;
	assert_int_equal(clock_wall(&clock), known);
	pass(&t, STEADY_DOUBT - 1);
	assert_int_equal(clock_wall(&clock), known + STEADY_DOUBT - 1);
	pass(&t, 1);
	assert_int_equal(clock_wall(&clock), t.wall);
	assert_int_equal(steady_doubt(&s), 0);
}

/* The seconds of the two clocks begin at different moments: that is no step. */
static void phases(void **state)
{
	struct times t = { 1800000000, 900 };
	struct clock under = { wall, mono, &t }, clock;
	struct steady s;
	(void)state;

	steady_init(&s, &under);
	clock = steady_clock(&s);
	for (int i = 0; i < 10000; i++) {
		t.mono += 700;
		t.wall += i % 10 < 7;
		assert_int_equal(clock_wall(&clock), t.wall);
	}
}

/* A machine without a clock of its own is told the time when the network is up. */
static void nobody_has_set_it(void **state)
{
	struct times t = { 1000, 5000 };
	struct clock under = { wall, mono, &t }, clock;
	struct steady s;
	int64_t known;
	(void)state;

	steady_init(&s, &under);
	clock = steady_clock(&s);
	pass(&t, 2 * STEADY_DOUBT);
	assert_int_equal(clock_wall(&clock), t.wall);
	t.wall = 1800000000;
	assert_int_equal(clock_wall(&clock), 1800000000);
	assert_int_equal(steady_doubt(&s), 0);
	/* once: a clock that is set back makes no way round the doubt */
	t.wall = 1000;
	assert_int_equal(clock_wall(&clock), 1000);
	known = t.wall;
	t.wall = 1800000000 + YEAR;
	assert_int_equal(clock_wall(&clock), known);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(steps), cmocka_unit_test(phases),
					    cmocka_unit_test(nobody_has_set_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
