#include "config.h"

#include "tests/bench/town.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ENFORCE_EACH = 10, MX_HOSTS = 4 };

/* clang-format off */
static const struct dns_row ZONE[] = {
	{ "_mta-sts.*.enforce.bench.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "*0.enforce.bench.example", "MX", "10 mx0.mx.bench.example", 3600 },
	{ "*1.enforce.bench.example", "MX", "10 mx1.mx.bench.example", 3600 },
	{ "*2.enforce.bench.example", "MX", "10 mx2.mx.bench.example", 3600 },
	{ "*3.enforce.bench.example", "MX", "10 mx3.mx.bench.example", 3600 },
	{ "mx0.mx.bench.example", "A", "127.0.0.10", 3600 },
	{ "mx1.mx.bench.example", "A", "127.0.0.11", 3600 },
	{ "mx2.mx.bench.example", "A", "127.0.0.12", 3600 },
	{ "mx3.mx.bench.example", "A", "127.0.0.13", 3600 },
	{ NULL, NULL, NULL, 0 },
};

static const struct stage_mx MX[] = {
	{ "127.0.0.10", "mx0.mx.bench.example", 86400 },
	{ "127.0.0.11", "mx1.mx.bench.example", 86400 },
	{ "127.0.0.12", "mx2.mx.bench.example", 86400 },
	{ "127.0.0.13", "mx3.mx.bench.example", 86400 },
	{ NULL, NULL, 0 },
};
/* clang-format on */

void town_enforce_name(unsigned i, char out[LOAD_NAME])
{
	(void)snprintf(out, LOAD_NAME, "company-%u-%u.enforce.bench.example", i * ENFORCE_EACH,
		       i % MX_HOSTS);
}

void town_name(unsigned i, char out[LOAD_NAME])
{
	if (i % ENFORCE_EACH == 0)
		town_enforce_name(i / ENFORCE_EACH, out);
	else
		(void)snprintf(out, LOAD_NAME, "company-%u.plain.bench.example", i);
}

int town_open(struct stage *s)
{
	return stage_open(s, ZONE, MX);
}

int town_store(struct stage *s, unsigned policies)
{
	char(*name)[LOAD_NAME] = calloc(policies, sizeof(*name));
	struct stage_policy *policy = calloc((size_t)policies + 1, sizeof(*policy));
	int r = -ENOMEM;

	if (name != NULL && policy != NULL) {
		for (unsigned i = 0; i < policies; i++) {
			town_enforce_name(i, name[i]);
			policy[i] = (struct stage_policy){ name[i], POLICY_MODE_ENFORCE,
							   "*.mx.bench.example" };
		}
		r = stage_store(s, policy);
	}
	free(policy);
	free(name);
	return r;
}
