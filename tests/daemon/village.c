#include "config.h"

#include "tests/daemon/village.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/servers/private_net.h"

enum { MOMENTS = 120 };

/* clang-format off */
static const struct dns_row ZONE[] = {
	{ "plain.example", "MX", "10 mx.good.example", 3600 },
	{ "_mta-sts.good.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "good.example", "MX", "10 mx.good.example", 3600 },
	{ "mx.good.example", "A", "127.0.0.10", 3600 },
	{ "_mta-sts.bare.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "bare.example", "MX", "10 mx.bare.example", 3600 },
	{ "mx.bare.example", "A", "127.0.0.11", 3600 },
	{ "_mta-sts.forged.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "forged.example", "MX", "10 mx.forged.example", 3600 },
	{ "mx.forged.example", "A", "127.0.0.12", 3600 },
	{ "_mta-sts.expired.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "expired.example", "MX", "10 mx.expired.example", 3600 },
	{ "mx.expired.example", "A", "127.0.0.13", 3600 },
	{ "_mta-sts.testing.example", "TXT", "v=STSv1; id=1;", 3600 },
	{ "testing.example", "MX", "10 mx.bare.example", 3600 },
	{ "*.silent.example", "SILENCE", "", 0 },
	{ NULL, NULL, NULL, 0 },
};

static const struct stage_mx MX[] = {
	{ "127.0.0.10", "mx.good.example", 86400 },
	{ "127.0.0.11", NULL, 0 },
	{ "127.0.0.12", "mx.elsewhere.example", 86400 },
	{ "127.0.0.13", "mx.expired.example", -86400 },
	{ NULL, NULL, 0 },
};

static const struct stage_policy POLICIES[] = {
	{ "good.example", POLICY_MODE_ENFORCE, "*.good.example" },
	{ "bare.example", POLICY_MODE_ENFORCE, "mx.bare.example" },
	{ "forged.example", POLICY_MODE_ENFORCE, "mx.forged.example" },
	{ "expired.example", POLICY_MODE_ENFORCE, "mx.expired.example" },
	{ "testing.example", POLICY_MODE_TESTING, "mx.bare.example" },
	{ "held.silent.example", POLICY_MODE_ENFORCE, "mx.held.silent.example" },
	{ NULL, POLICY_MODE_NONE, NULL },
};
/* clang-format on */

int village_open(struct stage *s, const char *extra)
{
	const struct daemon_options options = { .dns = "127.0.0.1@53", .extra = extra };
	int r = stage_open(s, ZONE, MX);

	if (r == 0)
		r = stage_store(s, POLICIES);
	return r == 0 ? daemon_start(&s->daemon, &options) : r;
}

int village_setup(void **state)
{
	static struct stage stage;
	int r = village_open(&stage, NULL);

	*state = &stage;
	if (r < 0) {
		fprintf(stderr, "village: error %d\n", r);
		daemon_show_log(&stage.daemon);
		stage_close(&stage);
	}
	return r;
}

int village_teardown(void **state)
{
	static const char *const complaint[] = { "Sanitizer", NULL };
	struct stage *s = *state;
	int r = daemon_stop(&s->daemon, NULL);

	if (r != 0 || daemon_logged(&s->daemon, complaint) > 0) {
		fprintf(stderr, "village: the daemon ended with status %d\n", r);
		daemon_show_log(&s->daemon);
		r = -1;
	}
	stage_close(s);
	return r;
}

int village_enter(void)
{
	(void)alarm(MOMENTS);
	if (private_net_enter() == 0)
		return 0;
	fputs("needs a network namespace of its own\n", stderr);
	return TEST_SKIPPED;
}
