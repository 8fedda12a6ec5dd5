#include "config.h"

#include "common/sts/sts_map.h"

#include <string.h>

static int write_secure(const struct delivery *d, struct buf *out)
{
	static const char begin[] = "OK secure match=", end[] = " servername=hostname";
	size_t left = STS_MAP_POLICY - (sizeof(begin) - 1 - strlen("OK ")) - (sizeof(end) - 1);
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n_names; i++) {
		size_t size = strlen(d->names[i]) + (n > 0);

		if (size > left)
			continue;
		r = buf_addf(out, "%s%s", n == 0 ? begin : ":", d->names[i]);
		left -= size;
		n++;
	}
	if (r == 0 && n == 0)
		return buf_adds(out, "TEMP the names of the MX hosts are too long for Sendmail");
	return r == 0 ? buf_adds(out, end) : r;
}

int sts_map_write(const struct delivery *d, struct buf *out)
{
	switch (d->demand) {
	case DEMAND_NOTHING:
	case DEMAND_DANE:
		return buf_adds(out, "NOTFOUND ");
	case DEMAND_DELAY:
		return buf_addf(out, "TEMP %s", reason_sentence(d->reason));
	case DEMAND_VERIFY:
		break;
	}
	return write_secure(d, out);
}
