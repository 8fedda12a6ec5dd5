#include "tests/fuzz/fuzz.h"

#include "common/sts/nexthop.h"

static void check(const struct nexthop *hop)
{
	bool named = hop->kind == NEXTHOP_DOMAIN || hop->kind == NEXTHOP_HOST ||
		     hop->kind == NEXTHOP_WRAPPED;
	char again[DOMAIN_SIZE], key[NEXTHOP_KEY_SIZE];
	struct nexthop back;

	MUST(named == (hop->domain[0] != '\0'));
	MUST((hop->kind == NEXTHOP_BAD) == (hop->status != DOMAIN_OK));
	MUST(hop->port != 0);
	nexthop_key(hop, key);
	MUST(named == (key[0] != '\0'));
	if (!named)
		return;
	MUST(domain_is_normal(hop->domain));
	MUST(domain_normalize(span_of(hop->domain), again) == DOMAIN_OK);
	MUST(strcmp(hop->domain, again) == 0);
	/* A key is a route that means the same. */
	back = nexthop_of_route(span_of(key));
	MUST(back.kind == hop->kind && back.port == hop->port);
	MUST(strcmp(back.domain, hop->domain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct nexthop hop = nexthop_of_address(in);
	char out[DOMAIN_SIZE];

	check(&hop);
	hop = nexthop_of_route(in);
	check(&hop);
	MUST((domain_normalize(in, out) == DOMAIN_OK) == (out[0] != '\0'));
	return 0;
}
