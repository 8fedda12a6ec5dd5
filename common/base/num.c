#include "config.h"

#include "common/base/num.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* Largest first: formatting takes the first that divides. */
static const struct unit durations[] = {
	{ "w", 604800000 }, { "d", 86400000 }, { "h", 3600000 },
	{ "m", 60000 },	    { "s", 1000 },     { "ms", 1 },
};
static const struct unit sizes[] = {
	{ "G", 1u << 30 },
	{ "M", 1u << 20 },
	{ "K", 1u << 10 },
	{ "", 1 },
};

enum { N_DURATIONS = sizeof(durations) / sizeof(durations[0]) };
enum { N_SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static size_t digits(struct span text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	return n;
}

bool num_u64(struct span text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (text.n == 0 || digits(text) != text.n)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		uint64_t digit = (uint64_t)(text.p[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*ret = value;
	return true;
}

bool num_octal(struct span text, unsigned max, unsigned *ret)
{
	unsigned value = 0;

	if (text.n == 0 || text.n > 8)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '7')
			return false;
		value = value * 8 + (unsigned)(text.p[i] - '0');
	}
	if (value > max)
		return false;
	*ret = value;
	return true;
}

static bool with_unit(struct span text, const struct unit *units, size_t n_units, uint64_t bare,
		      uint64_t *ret)
{
	size_t n = digits(text);
	struct span unit = span_make(text.p + n, text.n - n);
	uint64_t factor = unit.n == 0 ? bare : 0;
	uint64_t value;

	if (!num_u64(span_make(text.p, n), UINT64_MAX, &value))
		return false;
	for (size_t i = 0; i < n_units && factor == 0; i++)
		if (span_caseeq(unit, units[i].name))
			factor = units[i].factor;
	if (factor == 0 || value > (uint64_t)INT64_MAX / factor)
		return false;
	*ret = value * factor;
	return true;
}

bool num_duration(struct span text, int64_t *ret_ms)
{
	uint64_t ms;

	if (!with_unit(text, durations, N_DURATIONS, 1000, &ms))
		return false;
	*ret_ms = (int64_t)ms;
	return true;
}

bool num_size(struct span text, uint64_t *ret_bytes)
{
	return with_unit(text, sizes, N_SIZES, 1, ret_bytes);
}

static const char *format(uint64_t value, const struct unit *units, size_t n_units, char *out)
{
	size_t i = 0;

	while (i + 1 < n_units && value % units[i].factor != 0)
		i++;
	if (value == 0)
		i = n_units - 1;
	snprintf(out, 32, "%" PRIu64 "%s", value / units[i].factor, units[i].name);
	return out;
}

const char *num_format_duration(int64_t ms, char *out)
{
	/* Zero reads better as seconds. */
	return ms == 0 ? "0s" : format((uint64_t)ms, durations, N_DURATIONS, out);
}

const char *num_format_size(uint64_t bytes, char *out)
{
	return format(bytes, sizes, N_SIZES, out);
}
