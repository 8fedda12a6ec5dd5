#include "tests/fuzz/fuzz.h"

#include "common/net/dns_packet.h"
#include "common/sts/rdata.h"

static void fuzz_txt(struct span in, struct arena *arena)
{
	struct span text = { 0 };

	if (!rdata_txt(in, arena, &text))
		return;
	MUST(in.n > 0 && text.n < in.n && text.n <= LIMIT_TXT);
	for (size_t i = 0; i < text.n; i++)
		MUST(memchr(in.p, text.p[i], in.n) != NULL);
}

static void fuzz_mx(struct span in)
{
	char name[DOMAIN_SIZE] = "untouched";
	uint16_t preference = 4711;

	if (!rdata_mx(in, &preference, name)) {
		MUST(preference == 4711 && strcmp(name, "untouched") == 0);
		return;
	}
	MUST(name[0] == '\0' || domain_is_normal(name));
	MUST(strlen(name) + (name[0] == '\0' ? 1 : 2) == in.n - 2);
}

/* Takes RDATA and, of the same bytes, what a packet holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct netaddr a;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	fuzz_txt(in, &arena);
	fuzz_mx(in);
	MUST(rdata_address(in, ADDR_V4, &a) == (size == 4));
	MUST(rdata_address(in, ADDR_V6, &a) == (size == 16));
	for (unsigned type = 0; type < 64; type++)
		if (dns_packet_has(in, DNS_PACKET_ANSWER, type) ||
		    dns_packet_has(in, DNS_PACKET_AUTHORITY, type))
			MUST(size >= 12 + 11);
	arena_release(&arena);
	return 0;
}
