#include "config.h"

#include "tests/bench/figure.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static bool met(const struct figure *f)
{
	double v = f->against != NULL ? f->ratio : f->value;

	return f->kind == TARGET_AT_LEAST ? v >= f->target : v <= f->target;
}

/* Four digits are more than any of these measurements is worth; no exponents, people read this. */
static int decimals(double v)
{
	double size = fabs(v);

	return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

void figure_print(const struct figure *f)
{
	printf("bench name=%s value=%.*f unit=%s", f->name, decimals(f->value), f->value, f->unit);
	if (f->against != NULL)
		printf(" against=%s ratio=%.3f", f->against, f->ratio);
	if (f->kind != TARGET_NONE)
		printf(" target=%s%g verdict=%s",
		       f->kind == TARGET_AT_LEAST ? ">=" : "<=", f->target,
		       met(f) ? "met" : "short");
	putchar('\n');
	(void)fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double figure_median(double *v, size_t n)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static int by_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void figure_sort(uint32_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_u32);
}

uint32_t figure_percentile(const uint32_t *sorted, size_t n, double p)
{
	size_t rank = (size_t)ceil(p / 100 * (double)n);

	if (n == 0)
		return 0;
	return sorted[rank == 0 ? 0 : rank - 1];
}

static double seconds(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double figure_now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

double figure_cpu(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}
