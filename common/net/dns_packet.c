#include "config.h"

#include "common/net/dns_packet.h"

enum { HEADER = 12, QUESTION_TAIL = 4, RECORD_TAIL = 10 };

static unsigned u16(struct span in, size_t at)
{
	return (unsigned)(unsigned char)in.p[at] << 8 | (unsigned char)in.p[at + 1];
}

static bool skip(struct span *in, size_t n)
{
	if (n > in->n)
		return false;
	*in = span_make(in->p + n, in->n - n);
	return true;
}

/* Labels up to the root or to a compression pointer, which ends a name (RFC 1035 s4.1.4). */
static bool skip_name(struct span *in)
{
	while (in->n > 0) {
		unsigned char n = (unsigned char)in->p[0];

		if (n >= 0xc0)
			return skip(in, 2);
		if (n > 63 || !skip(in, 1u + n))
			return false;
		if (n == 0)
			return true;
	}
	return false;
}

/* Takes n records off *in and notes whether one is of this type. False: malformed. */
static bool take_records(struct span *in, unsigned n, unsigned type, bool *found)
{
	while (n-- > 0) {
		if (!skip_name(in) || in->n < RECORD_TAIL)
			return false;
		*found |= u16(*in, 0) == type;
		if (!skip(in, RECORD_TAIL + (size_t)u16(*in, 8)))
			return false;
	}
	return true;
}

bool dns_packet_has(struct span packet, enum dns_packet_section section, unsigned type)
{
	bool found[2] = { false, false };
	struct span in = packet;
	unsigned questions;

	if (!skip(&in, HEADER))
		return false;
	questions = u16(packet, 4);
	while (questions-- > 0)
		if (!skip_name(&in) || !skip(&in, QUESTION_TAIL))
			return false;
	return take_records(&in, u16(packet, 6), type, &found[DNS_PACKET_ANSWER]) &&
	       take_records(&in, u16(packet, 8), type, &found[DNS_PACKET_AUTHORITY]) &&
	       found[section];
}
