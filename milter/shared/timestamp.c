#include "config.h"

#include "milter/shared/timestamp.h"

#include "common/base/num.h"

#include <string.h>
#include <time.h>

const char *timestamp_format(int64_t at, char out[TIMESTAMP_SIZE])
{
	time_t t = (time_t)at;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900 ||
	    strftime(out, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

static int number(const char *p, size_t n)
{
	uint64_t value = 0;

	num_u64(span_make(p, n), 9999, &value); /* digits: the shape was checked */
	return (int)value;
}

bool timestamp_parse(struct span text, int64_t *ret)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	char again[TIMESTAMP_SIZE];
	struct tm tm = { 0 };
	int64_t at;

	if (text.n != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (shape[i] == 'd' ? text.p[i] < '0' || text.p[i] > '9' : text.p[i] != shape[i])
			return false;
	tm.tm_year = number(text.p, 4) - 1900;
	tm.tm_mon = number(text.p + 5, 2) - 1;
	tm.tm_mday = number(text.p + 8, 2);
	tm.tm_hour = number(text.p + 11, 2);
	tm.tm_min = number(text.p + 14, 2);
	tm.tm_sec = number(text.p + 17, 2);
	at = timegm(&tm);
	/* timegm() makes the 3rd of March of a 31st of February. */
	if (!span_eq(text, timestamp_format(at, again)))
		return false;
	*ret = at;
	return true;
}
