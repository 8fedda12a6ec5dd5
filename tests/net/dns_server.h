/* dns_server.h - a DNS server for tests: one UDP socket on 127.0.0.1, one thread
 *
 * The test's own function answers; what it does not answer is silence. Wire building is enough for
 * answers that a forwarder would give: no compression, EDNS echoed.
 */
#ifndef TESTS_NET_DNS_SERVER_H
#define TESTS_NET_DNS_SERVER_H

#include "common/base/span.h"

#include <stdint.h>

struct dns_server;

enum { DNS_MESSAGE = 16384 };

struct dns_message {
	uint8_t bytes[DNS_MESSAGE];
	size_t n;
	char name[256]; /* asked for, lower case, without the final dot */
	unsigned type;
	unsigned counts[4];
};

enum dns_section { DNS_ANSWER = 1, DNS_AUTHORITY = 2 };

/* Fills the reply (it begins with the question and rcode 0); false: no reply. Called on the
 * server's thread. */
typedef bool dns_answerer(void *ctx, struct dns_message *m);

struct dns_server *dns_server_start(dns_answerer *answer, void *ctx);
void dns_server_stop(struct dns_server *s);
const char *dns_server_address(const struct dns_server *s); /* "127.0.0.1@PORT" */

void dns_rcode(struct dns_message *m, unsigned rcode);
void dns_record(struct dns_message *m, enum dns_section section, const char *owner, unsigned type,
		uint32_t ttl, struct span rdata);
/* Sections in order: all answers before the first authority record. */

size_t dns_wire_name(const char *text, uint8_t out[256]);

#endif
