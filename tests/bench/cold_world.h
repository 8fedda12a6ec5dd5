/* cold_world.h - thousands of domains that nobody has heard of, each with a policy host and an MX host of its own
 *
 * PURPOSE Name and address say what a host is like, so that the simulator needs no table:
 *         "d7.https-tarpit.cold.example", policy host 127.<64 + kind>.0.7, MX host 127.<128 + kind>.0.7; for a
 *         closed port ::1, where nobody listens.
 * LIMITS  COLD_DOMAINS domains.
 */
#ifndef TESTS_BENCH_COLD_WORLD_H
#define TESTS_BENCH_COLD_WORLD_H

#include "common/sts/action.h"

#include <stdint.h>

enum { COLD_DOMAINS = 65536, COLD_NAME = 80 };

/* What a domain is like, and what must be said of it. The tarpits are what a worker waits longest for. */
#define COLD_KINDS(X)                                                                              \
	X(HEALTHY, "healthy", ENFORCE_PASSED, OK)                                                  \
	X(TXT_SERVFAIL, "txt-servfail", TXT_FAILED, TXT_FAILED)                                    \
	X(TXT_SILENT, "txt-silent", TXT_FAILED, TXT_FAILED)                                        \
	X(HTTPS_CLOSED, "https-closed", FETCH_FAILED, FETCH_CONNECT)                               \
	X(HTTPS_WRONG_NAME, "https-wrong-name", FETCH_FAILED, FETCH_TLS)                           \
	X(HTTPS_HUGE, "https-huge", FETCH_FAILED, FETCH_SIZE)                                      \
	X(HTTPS_ENDLESS, "https-endless", FETCH_FAILED, FETCH_ERROR)                               \
	X(MX_CLOSED, "mx-closed", ENFORCE_UNREACHABLE, CONNECT_FAILED)                             \
	X(MX_WRONG_NAME, "mx-wrong-name", ENFORCE_FAILED, CERT_NAME)                               \
	X(MX_ENDLESS, "mx-endless", ENFORCE_UNREACHABLE, PROBE_PROTOCOL)                           \
	X(HTTPS_TARPIT, "https-tarpit", FETCH_FAILED, FETCH_CONNECT) /* accepts, no more */        \
	X(HTTPS_DRIP, "https-drip", FETCH_FAILED, FETCH_TIMEOUT)     /* an octet a second */       \
	X(MX_TARPIT, "mx-tarpit", ENFORCE_UNREACHABLE, PROBE_TIMEOUT)                              \
	X(MX_DRIP, "mx-drip", ENFORCE_UNREACHABLE, PROBE_TIMEOUT)

enum cold_kind {
#define X(id, name, knowledge, reason) COLD_##id,
	COLD_KINDS(X)
#undef X
		COLD_KIND_COUNT
};

/* How many of how many are not healthy; they stand evenly among the others. */
struct cold_plan {
	unsigned domains;
	unsigned tail;	  /* dead, wrong and hostile ones of every kind but tarpits */
	unsigned tarpits; /* of every kind in turn */
};

enum cold_role { COLD_DOMAIN, COLD_RECORD, COLD_POLICY_HOST, COLD_MX_HOST };

struct cold_host {
	enum cold_role role;
	enum cold_kind kind;
	unsigned i;
};

/* The domain at a place below plan->domains. A tarpit's number is plan->domains and above, so that who stands elsewhere
 * is called the same without them. */
struct cold_host cold_domain(const struct cold_plan *plan, unsigned place);
/* The tarpits' numbers end here. */
unsigned cold_numbers(const struct cold_plan *plan);
/* The kind of number i, whether it has a place or its place is a tarpit's. */
enum cold_kind cold_kind_of(const struct cold_plan *plan, unsigned i);

bool cold_is_slow(enum cold_kind kind); /* its answer takes a time-out: of DNS, or a tarpit's */
enum knowledge cold_knowledge(enum cold_kind kind);
enum reason cold_reason(enum cold_kind kind);

void cold_name(const struct cold_host *host, char out[COLD_NAME]);
bool cold_host_of_name(const char *name, struct cold_host *ret); /* in lower case */
bool cold_host_of_address(uint32_t ipv4, struct cold_host *ret); /* host byte order */
void cold_address(const struct cold_host *host, char out[16]);

#endif
