#include "config.h"

#include "common/base/distance.h"

enum { LONGEST = 64 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool swapped(struct span a, size_t i, struct span b, size_t j)
{
	return i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
	       lower(a.p[i - 2]) == lower(b.p[j - 1]);
}

/* Optimal string alignment, three rows at a time. */
unsigned distance_between(struct span a, struct span b)
{
	unsigned rows[3][LONGEST + 1];

	if (a.n > LONGEST || b.n > LONGEST)
		return DISTANCE_FAR;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *before = rows[(i - 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned differs = lower(a.p[i - 1]) != lower(b.p[j - 1]);

			now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + differs);
			if (swapped(a, i, b, j) && rows[(i - 2) % 3][j - 2] + 1 < now[j])
				now[j] = rows[(i - 2) % 3][j - 2] + 1;
		}
	}
	return rows[a.n % 3][b.n];
}

bool distance_is_slip(unsigned distance, struct span wanted)
{
	return distance * 3 <= wanted.n || distance <= 1;
}
