/* freshness.h - record + what we hold + now -> what to do
 *
 * PURPOSE The rules of RFC 8461 s3.1, s3.3 and s5.1 about cached policies in one pure function: an
 *         unexpired policy survives a vanished, broken or unanswered record and any failed fetch; a
 *         new id takes effect only with its new body.
 * UNITS   Wall-clock seconds.
 */
#ifndef COMMON_STS_FRESHNESS_H
#define COMMON_STS_FRESHNESS_H

#include "common/sts/record.h"

#include <stdint.h>

enum { FETCH_RETRY = 300 }; /* after a failed fetch the same id is left alone that long (s3.3) */

/* A policy is fetched again well before it expires, once a day at most: who can keep us from the policy host must not win by doing it at the
 * moment of expiry (s3.3, s10.2). */
enum {
	REFRESH_AGE = 86400,	   /* ... or half of its lifetime, if that is less, */
	REFRESH_AGE_LEAST = 21600, /* ... but no sooner than this */
	REFRESH_RETRY = 3600	   /* after one that failed */
};

enum plan {
	PLAN_NONE,	    /* no policy: deliver as if there were no MTA-STS */
	PLAN_LOOKUP_FAILED, /* nothing cached, and the record could not be asked for */
	PLAN_USE,	    /* the cached policy holds */
	PLAN_FETCH,	    /* fetch; if that fails, use the cached policy while it is unexpired */
	PLAN_FETCH_LATER,   /* the fetch of this id failed a moment ago and nothing unexpired is
			       cached */
};

struct held {
	const char *id;	    /* of the cached policy; NULL: none cached */
	int64_t fetched_at; /* of the cached policy */
	int64_t expires_at;
	const char *failed_id; /* the id whose fetch failed last; "" or NULL: none */
	int64_t failed_at;
};

/* lookup_failed: SERVFAIL, time-out or bogus; `record` is not read then. */
enum plan freshness_plan(bool lookup_failed, const struct sts_record *record,
			 const struct held *held, int64_t now);

#endif
