/* assessment.h - everything known about where a domain's mail would go
 *
 * OWNERSHIP Immutable once published; reference counted; one allocation.
 * THREADS   ref/unref from any thread.
 */
#ifndef COMMON_STS_ASSESSMENT_H
#define COMMON_STS_ASSESSMENT_H

#include "common/sts/domain.h"
#include "common/sts/fact.h"

#include <stdatomic.h>

enum mx_source {
	MX_RECORDS,  /* the MX RRset */
	MX_IMPLICIT, /* no MX: the domain itself (RFC 5321 s5.1) */
	MX_FIXED,    /* a bracketed next-hop: that host alone */
	MX_MOOT, /* null MX, no such domain, no address at all: nothing will be delivered, the MTA
		    says so better */
	MX_UNKNOWN, /* the look-up failed: `reason` says how */
};

/* What DNS says about DANE for one MX host (RFC 7672 s2.2). */
enum dane_state {
	DANE_NONE,     /* MX or address answer insecure, or securely no TLSA records: MTA-STS decides */
	DANE_USABLE,   /* DANE decides, in every mode, whatever MTA-STS would say (RFC 8461 s2) */
	DANE_UNUSABLE, /* records, but none that we could use: MTA-STS still decides */
	DANE_FAILED,   /* a look-up failed or is bogus: the host must not be used; mx_host.reason says which */
};

struct mx_host {
	const char *name;
	uint16_t preference;
	bool in_policy; /* some pattern matches (RFC 8461 s4.1) */
	enum reason
		reason; /* REASON_OK when `facts` is what counts; otherwise why there are none */
	enum dane_state dane;
	const char *tlsa_base; /* of USABLE and UNUSABLE; else NULL */
	unsigned n_tlsa, n_tlsa_usable;
	uint64_t tlsa_hash[2]; /* of USABLE: under which names the facts of its records are remembered (tlsa_set_hash()); 0: none */
	size_t n_facts; /* one per address; PROOF_DANE exactly when dane is USABLE */
	struct fact *facts;
};

/* A host name that was in the MX set lately, under a wildcard of the policy: MTAs that ask other resolvers may still see it, or see it again. */
struct mx_seen {
	const char *name;
	int64_t at; /* when it was last seen there */
};

struct assessment {
	atomic_uint refs;
	enum mx_source source;
	enum reason reason; /* of MX_MOOT and MX_UNKNOWN */
	int64_t assessed_at;
	int64_t expires_at; /* wall seconds: MX TTL, oldest fact */
	size_t n_hosts;
	struct mx_host *hosts; /* by preference, lowest first */
	size_t n_seen; /* at most LIMIT_MX_SEEN, but in what mx_seen_only() gives */
	struct mx_seen *seen; /* the newest first; none that is one of hosts */
};

/* Why nobody may vouch for the host: DANE governs it, and it fails, or could not be seen to pass (RFC 8461 s2). REASON_OK: DANE has no objection. */
enum reason mx_host_dane_objection(const struct mx_host *host);

/* May everything be left to an MTA that does DANE: no host is there that only its certificate vouches for? What neither DANE nor the policy vouches
 * for is used by nobody; those whose DANE state is unknown the MTA refuses by itself. */
bool assessment_dane_governs(const struct assessment *a);

const char *dane_state_name(enum dane_state s); /* "none", "usable", "unusable", "failed" */

struct assessment *assessment_ref(struct assessment *a);
void assessment_unref(struct assessment *a); /* NULL: no-op */

/* One allocation holding a deep copy. NULL: no memory. */
struct assessment *assessment_copy(const struct assessment *a);
size_t assessment_bytes(const struct assessment *a);

#endif
