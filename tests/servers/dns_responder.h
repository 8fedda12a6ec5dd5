/* dns_responder.h - answers DNS questions over UDP from a small table
 *
 * PURPOSE   Authoritative enough for a stub zone, and good enough for a resolver that strips
 *           DNSSEC: no EDNS, no signatures, no TCP.
 * OWNERSHIP The table must outlive the responder.
 * THREADS   One of its own; dns_responder_asked() from any.
 * LIMITS    The last DNS_RESPONDER_MEMORY questions are remembered for dns_responder_asked(); all
 *           are counted.
 */
#ifndef TESTS_SERVERS_DNS_RESPONDER_H
#define TESTS_SERVERS_DNS_RESPONDER_H

#include <stddef.h>
#include <stdint.h>

enum { DNS_RESPONDER_MEMORY = 4096 };

/* A name that matches no row does not exist; one that matches rows of other types has no data. */
struct dns_row {
	const char *name; /* fnmatch() pattern, lower case, no trailing dot: "_mta-sts.*.example" */
	const char
		*type; /* "A", "AAAA", "MX", "TXT"; "SERVFAIL" and "SILENCE" hold for every type */
	const char *value; /* "192.0.2.1", "10 mx.example", "v=STSv1; id=1;" */
	uint32_t ttl;	   /* seconds; of rows that do not exist: 3600 */
};

struct dns_responder;

/* rows end with a NULL name. 0 or -errno. */
int dns_responder_start(const char *ip, uint16_t port, const struct dns_row *rows,
			struct dns_responder **ret);
struct dns_responder *
dns_responder_stop(struct dns_responder *r); /* NULL in: no-op; returns NULL */

size_t dns_responder_total(const struct dns_responder *r);
/* How often names like the pattern were asked for, of a type, or of any (NULL). */
size_t dns_responder_asked(struct dns_responder *r, const char *pattern, const char *type);

/* The answer to one packet; 0: none is given. out holds at least 512 bytes. */
size_t dns_answer(const struct dns_row *rows, const unsigned char *question, size_t n,
		  unsigned char *out);

#endif
