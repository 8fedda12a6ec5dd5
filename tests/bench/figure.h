/* figure.h - one measured figure is one line
 *
 * PURPOSE Writes `bench name=... value=... unit=... against=... ratio=... target=...
 *         verdict=met|short` to standard output, and holds the arithmetic that all benchmarks
 *         share.
 * THREADS One thread.
 */
#ifndef TESTS_BENCH_FIGURE_H
#define TESTS_BENCH_FIGURE_H

#include <stddef.h>
#include <stdint.h>

enum target_kind {
	TARGET_NONE,	 /* no verdict */
	TARGET_AT_LEAST, /* the ratio, or the value where there is nothing beside it */
	TARGET_AT_MOST,
};

struct figure {
	const char *name;
	double value;
	const char *unit;
	const char *against; /* what was measured beside it; NULL: nothing, and ratio is ignored */
	double ratio;
	enum target_kind kind;
	double target;
};

void figure_print(const struct figure *f);

/* Sorts v. The middle value, or the mean of the two in the middle; 0 of none. */
double figure_median(double *v, size_t n);

/* The smallest value that at least p percent of the sorted values do not exceed (nearest rank); 0
 * of none. */
uint32_t figure_percentile(const uint32_t *sorted, size_t n, double p);
void figure_sort(uint32_t *v, size_t n);

double figure_now(void); /* seconds, CLOCK_MONOTONIC */
double figure_cpu(void); /* seconds of CPU that this thread has used */

#endif
