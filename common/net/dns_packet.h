/* dns_packet.h - what only the packet tells
 *
 * RFC 1035 s4.1
 */
#ifndef COMMON_NET_DNS_PACKET_H
#define COMMON_NET_DNS_PACKET_H

#include "common/base/span.h"

enum dns_packet_section { DNS_PACKET_ANSWER, DNS_PACKET_AUTHORITY };

/* Does the section hold a record of this type? False also for what is no DNS message. */
bool dns_packet_has(struct span packet, enum dns_packet_section section, unsigned type);

#endif
