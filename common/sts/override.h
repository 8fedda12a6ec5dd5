/* override.h - what the operator has decided about one policy domain
 *
 * PURPOSE   The words of `mta-sts override add` become one immutable struct, or one sentence that says what is wrong with them. Pure: the caller
 *           says what time it is.
 * OWNERSHIP struct override is immutable and reference counted; one allocation, and one reference on a policy with its own patterns.
 * THREADS   ref and unref from any thread.
 * UNITS     Wall-clock seconds; how a time is written: base/moment.h.
 * LIMITS    OVERRIDE_TEXT octets of reason and of owner, OVERRIDE_MX octets of patterns, ends within OVERRIDE_LONGEST seconds.
 * ERRORS    0; -ENOMEM; OVERRIDE_INVALID with one sentence, printable ASCII.
 */
#ifndef COMMON_STS_OVERRIDE_H
#define COMMON_STS_OVERRIDE_H

#include "common/base/buf.h"
#include "common/sts/domain.h"
#include "common/sts/policy.h"

enum { OVERRIDE_INVALID = 1 };
enum {
	OVERRIDE_TEXT = 255,
	OVERRIDE_MX = 4000,
	OVERRIDE_LONGEST = 3653 * 86400, /* ten years */
};

struct override {
	atomic_uint refs;
	int64_t serial; /* of its row in the store; 0: not kept yet */
	const char *domain;
	enum policy_mode mode;
	int64_t added_at, until;
	int64_t uid;		    /* who added it */
	const char *reason, *owner; /* UTF-8 without control characters; owner may be "" */
	const char
		*mx; /* its own patterns, separated by blanks; "": those of the published policy */
	struct policy *patterns; /* those and the mode, as a policy; NULL without own patterns */
};

/* As the operator gives them. */
struct override_words {
	struct span domain, mode, until, reason, owner;
	struct span mx; /* separated by blanks or commas */
};

int override_read(const struct override_words *words, int64_t now, struct override **ret,
		  struct buf *error);

/* The policy domain that somebody means: normal form; next-hops and addresses are refused. */
int override_domain(struct span given, char out[DOMAIN_SIZE], struct buf *error);

/* The same as override_read() of fields that were kept: nothing may be wrong with them but the time, which is taken as it is. OVERRIDE_INVALID, without a
 * sentence, when they are not what override_read() gives. fields: domain, mode, added_at, until, uid, serial, and texts that are copied. */
int override_make(const struct override *fields, struct override **ret);

struct override *override_ref(struct override *o); /* NULL: no-op */
void override_unref(struct override *o);	   /* NULL: no-op */
void override_unrefp(struct override **o);

#endif
