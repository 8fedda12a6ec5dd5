#include "config.h"

#include "common/base/moment.h"

#include "common/base/num.h"

#include <time.h>

/* Takes exactly n digits. */
static bool take_digits(struct span *in, size_t n, unsigned least, unsigned most, unsigned *ret)
{
	unsigned v = 0;

	if (in->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (in->p[i] < '0' || in->p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(in->p[i] - '0');
	}
	*in = span_make(in->p + n, in->n - n);
	*ret = v;
	return v >= least && v <= most;
}

static bool take_any(struct span *in, const char *bytes)
{
	for (; in->n > 0 && *bytes != '\0'; bytes++) {
		if (in->p[0] != *bytes)
			continue;
		*in = span_make(in->p + 1, in->n - 1);
		return true;
	}
	return false;
}

static bool take_date(struct span *in, int64_t *ret)
{
	unsigned y, m, d;
	struct tm tm;

	if (!take_digits(in, 4, 1970, 9999, &y) || !take_any(in, "-") ||
	    !take_digits(in, 2, 1, 12, &m) || !take_any(in, "-") || !take_digits(in, 2, 1, 31, &d))
		return false;
	tm = (struct tm){ .tm_year = (int)y - 1900, .tm_mon = (int)m - 1, .tm_mday = (int)d };
	*ret = timegm(&tm);
	return tm.tm_mday == (int)d; /* timegm() makes the 3rd of March of a 31st of February */
}

/* "18:00", "18:00:59", "18:00:59.5". A leap second is the second before it. */
static bool take_clock(struct span *in, int64_t *ret)
{
	unsigned h, m, s = 0, digit;

	if (!take_digits(in, 2, 0, 23, &h) || !take_any(in, ":") || !take_digits(in, 2, 0, 59, &m))
		return false;
	if (take_any(in, ":")) {
		if (!take_digits(in, 2, 0, 60, &s))
			return false;
		if (take_any(in, ".") && !take_digits(in, 1, 0, 9, &digit))
			return false;
		while (in->n > 0 && take_digits(in, 1, 0, 9, &digit))
			;
	}
	*ret = (int64_t)h * 3600 + (int64_t)m * 60 + (s > 59 ? 59 : s);
	return true;
}

/* "", "Z" or "+01:00": seconds east. */
static bool take_zone(struct span *in, int64_t *ret)
{
	bool west = in->n > 0 && in->p[0] == '-';
	unsigned h, m;

	*ret = 0;
	if (in->n == 0 || take_any(in, "Zz"))
		return true;
	if (!take_any(in, "+-") || !take_digits(in, 2, 0, 23, &h) || !take_any(in, ":") ||
	    !take_digits(in, 2, 0, 59, &m))
		return false;
	*ret = ((int64_t)h * 3600 + (int64_t)m * 60) * (west ? -1 : 1);
	return true;
}

static bool read_stamp(struct span in, int64_t *ret)
{
	int64_t date, clock = 0, zone = 0;

	if (!take_date(&in, &date))
		return false;
	if (take_any(&in, "Tt ") && (!take_clock(&in, &clock) || !take_zone(&in, &zone)))
		return false;
	if (in.n > 0)
		return false;
	*ret = date + clock - zone;
	return true;
}

static bool read_duration(struct span in, int64_t now, int64_t *ret)
{
	int64_t ms, s;

	(void)take_any(&in, "+");
	/* "12" might be seconds, hours or a day of the month. */
	if (in.n == 0 || (in.p[in.n - 1] >= '0' && in.p[in.n - 1] <= '9') || !num_duration(in, &ms))
		return false;
	s = ms / 1000 + (ms % 1000 != 0);
	if (s > INT64_MAX - now)
		return false;
	*ret = now + s;
	return true;
}

bool moment_read(struct span text, int64_t now, int64_t *ret)
{
	struct span in = span_trim(text);

	return read_stamp(in, ret) || read_duration(in, now, ret);
}

bool moment_read_stamp(struct span text, int64_t *ret)
{
	char again[MOMENT_TEXT];
	int64_t at;

	if (!read_stamp(text, &at) || !span_eq(text, moment_format(at, again)))
		return false;
	*ret = at;
	return true;
}

const char *moment_format(int64_t at, char out[MOMENT_TEXT])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (at < 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(out, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}
