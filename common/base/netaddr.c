#include "config.h"

#include "common/base/netaddr.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/base/num.h"

/* One row of a registry: the longest matching row decides. */
struct special {
	unsigned char prefix;
	bool global;
	unsigned char bytes[16];
};

/* clang-format off */

/* IANA IPv4 Special-Purpose Address Registry; multicast and class E besides. */
static const struct special special4[] = {
	{  8, false, { 0 } },              /* "this network" (RFC 791) */
	{  8, false, { 10 } },             /* private (RFC 1918) */
	{ 10, false, { 100, 64 } },        /* shared, carrier-grade NAT (RFC 6598) */
	{  8, false, { 127 } },            /* loopback (RFC 1122) */
	{ 16, false, { 169, 254 } },       /* link-local (RFC 3927) */
	{ 12, false, { 172, 16 } },        /* private (RFC 1918) */
	{ 24, false, { 192, 0, 0 } },      /* protocol assignments (RFC 6890) */
	{ 32, true,  { 192, 0, 0, 9 } },   /* PCP anycast (RFC 7723) */
	{ 32, true,  { 192, 0, 0, 10 } },  /* TURN anycast (RFC 8155) */
	{ 24, false, { 192, 0, 2 } },      /* documentation (RFC 5737) */
	{ 24, false, { 192, 88, 99 } },    /* 6to4 relay, deprecated (RFC 7526) */
	{ 16, false, { 192, 168 } },       /* private (RFC 1918) */
	{ 15, false, { 198, 18 } },        /* benchmarks (RFC 2544) */
	{ 24, false, { 198, 51, 100 } },   /* documentation (RFC 5737) */
	{ 24, false, { 203, 0, 113 } },    /* documentation (RFC 5737) */
	{  4, false, { 224 } },            /* multicast (RFC 5771) */
	{  4, false, { 240 } },            /* reserved, limited broadcast (RFC 1112, RFC 8190) */
};

/* IANA IPv6 Special-Purpose Address Registry. Only 2000::/3 is global unicast; what wraps an IPv4 address is unwrapped
 * before this table is asked. */
static const struct special special6[] = {
	{  0, false, { 0 } },
	{  3, true,  { 0x20 } },
	{ 23, false, { 0x20, 0x01 } },                          /* protocol assignments, Teredo among them (RFC 2928, RFC 4380) */
	{ 128, true, { 0x20, 0x01, 0, 1, [15] = 1 } },          /* PCP anycast (RFC 7723) */
	{ 128, true, { 0x20, 0x01, 0, 1, [15] = 2 } },          /* TURN anycast (RFC 8155) */
	{ 128, true, { 0x20, 0x01, 0, 1, [15] = 3 } },          /* DNS-SD SRP anycast (RFC 9665) */
	{ 32, true,  { 0x20, 0x01, 0, 3 } },                    /* AMT (RFC 7450) */
	{ 48, true,  { 0x20, 0x01, 0, 4, 0x01, 0x12 } },        /* AS112 (RFC 7535) */
	{ 28, true,  { 0x20, 0x01, 0, 0x20 } },                 /* ORCHIDv2 (RFC 7343) */
	{ 28, true,  { 0x20, 0x01, 0, 0x30 } },                 /* drone identifiers (RFC 9374) */
	{ 32, false, { 0x20, 0x01, 0x0d, 0xb8 } },              /* documentation (RFC 3849) */
	{ 20, false, { 0x3f, 0xff } },                          /* documentation (RFC 9637) */
};
/* clang-format on */

enum { N_SPECIAL4 = sizeof(special4) / sizeof(special4[0]) };
enum { N_SPECIAL6 = sizeof(special6) / sizeof(special6[0]) };

static const unsigned char mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };
static const unsigned char nat64_prefix[12] = { 0x00, 0x64, 0xff, 0x9b };
static const unsigned char sixtofour_prefix[2] = { 0x20, 0x02 };

static size_t size_of(unsigned char family)
{
	return family == ADDR_V4 ? 4 : 16;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

struct netaddr netaddr_make(enum addr_family family, const void *bytes)
{
	struct netaddr a = { .family = (unsigned char)family };

	memcpy(a.bytes, bytes, size_of(a.family));
	return a;
}

bool netaddr_parse(struct span text, struct netaddr *ret)
{
	unsigned char bytes[16];
	char copy[NETADDR_TEXT];

	if (!span_copy(text, copy, sizeof(copy)))
		return false;
	if (inet_pton(AF_INET, copy, bytes) == 1)
		*ret = netaddr_make(ADDR_V4, bytes);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		*ret = netaddr_make(ADDR_V6, bytes);
	else
		return false;
	return true;
}

const char *netaddr_format(const struct netaddr *a, char out[NETADDR_TEXT])
{
	if (inet_ntop(a->family == ADDR_V4 ? AF_INET : AF_INET6, a->bytes, out, NETADDR_TEXT) ==
	    NULL)
		out[0] = '\0';
	return out;
}

bool netaddr_eq(const struct netaddr *a, const struct netaddr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, size_of(a->family)) == 0;
}

static bool is_mapped(const struct netaddr *a)
{
	return a->family == ADDR_V6 && memcmp(a->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

bool network_parse(struct span text, struct network *ret)
{
	struct span addr = text;
	struct network net;
	uint64_t prefix;
	size_t slash = 0;

	while (slash < text.n && text.p[slash] != '/')
		slash++;
	addr.n = slash;
	if (!netaddr_parse(addr, &net.addr))
		return false;
	prefix = size_of(net.addr.family) * 8;
	if (slash < text.n &&
	    !num_u64(span_make(text.p + slash + 1, text.n - slash - 1), prefix, &prefix))
		return false;
	/* One way to write an IPv4 network, so that membership has one way to ask. */
	if (is_mapped(&net.addr) && prefix >= 96) {
		net.addr = netaddr_make(ADDR_V4, net.addr.bytes + 12);
		prefix -= 96;
	}
	net.prefix = (unsigned char)prefix;
	*ret = net;
	return true;
}

bool network_has(const struct network *net, const struct netaddr *a)
{
	if (net->addr.family == a->family)
		return same_bits(net->addr.bytes, a->bytes, net->prefix);
	return net->addr.family == ADDR_V4 && is_mapped(a) &&
	       same_bits(net->addr.bytes, a->bytes + 12, net->prefix);
}

bool networks_have(const struct network *nets, size_t n, const struct netaddr *a)
{
	for (size_t i = 0; i < n; i++)
		if (network_has(&nets[i], a))
			return true;
	return false;
}

static bool lookup(const struct special *table, size_t n, const unsigned char *bytes,
		   bool otherwise)
{
	bool global = otherwise;
	int best = -1;

	for (size_t i = 0; i < n; i++)
		if (table[i].prefix > best && same_bits(table[i].bytes, bytes, table[i].prefix)) {
			best = table[i].prefix;
			global = table[i].global;
		}
	return global;
}

bool netaddr_is_global(const struct netaddr *a)
{
	const unsigned char *v4 = NULL;

	if (a->family == ADDR_V4)
		v4 = a->bytes;
	else if (is_mapped(a) || memcmp(a->bytes, nat64_prefix, sizeof(nat64_prefix)) == 0)
		v4 = a->bytes + 12;
	else if (memcmp(a->bytes, sixtofour_prefix, sizeof(sixtofour_prefix)) == 0)
		v4 = a->bytes + 2;
	if (v4 != NULL)
		return lookup(special4, N_SPECIAL4, v4, true);
	return lookup(special6, N_SPECIAL6, a->bytes, false);
}
