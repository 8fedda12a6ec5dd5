/* freshness.h - record + what we hold + now -> what to do, and when to look again
 *
 * PURPOSE The rules of RFC 8461 s3.1, s3.3, s5.1 and s10.2 about cached policies in pure functions: an
 *         unexpired policy survives a vanished, broken or unanswered record and any failed fetch; a
 *         new id takes effect only with its new body.
 * UNITS   Wall-clock seconds.
 */
#ifndef COMMON_STS_FRESHNESS_H
#define COMMON_STS_FRESHNESS_H

#include "common/sts/record.h"

#include <stdint.h>

enum {
	FETCH_RETRY = 300, /* after a failed fetch the same id is left alone that long (s3.3) */
	/* Who changes the id all the time, while an unexpired policy is at hand, gets one fetch in so many seconds, */
	FETCH_PACE = 60,
	FETCH_BURST = 5 /* after so many at once */
};

/* A policy is fetched again well before it expires, once a day at most: who can keep us from the policy host must not win by doing it at the
 * moment of expiry (s3.3, s10.2). */
enum {
	REFRESH_AGE = 86400,	   /* ... or half of its lifetime, if that is less, */
	REFRESH_AGE_LEAST = 21600, /* ... but no sooner than this, */
	REFRESH_JITTER =
		4, /* and up to a quarter earlier, so that the policies of one provider spread */
	REFRESH_RETRY = 3600, /* after one that failed, when nothing better is known */
	BACKOFF_LEAST = 300,  /* otherwise after this, doubled with every failure, */
	BACKOFF_MOST = 21600  /* up to this */
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
	int64_t due_at; /* of the cached policy: when it is to be fetched again; 0: not known */
	int64_t paced_until;   /* freshness_pace() of the last fetch; 0: none */
	const char *failed_id; /* the id whose fetch failed last; "" or NULL: none */
	int64_t failed_at;
};

/* lookup_failed: SERVFAIL, time-out or bogus; `record` is not read then. */
enum plan freshness_plan(bool lookup_failed, const struct sts_record *record,
			 const struct held *held, int64_t now);

/* What a fetch at `now` makes of held.paced_until. */
int64_t freshness_pace(int64_t paced_until, int64_t now);

/* When a policy that was fetched is to be fetched again. hash: of the domain and the fetch. */
int64_t freshness_due(int64_t fetched_at, int64_t expires_at, uint64_t hash);

/* For how many seconds a policy is left alone after so many failures in a row. Towards its end the tries come closer: half of what is left. */
int64_t freshness_backoff(uint32_t failures, int64_t expires_at, int64_t now);

/* Is a policy that cannot be fetched again near its end? Never before half of its lifetime is over. */
bool freshness_ends_soon(int64_t fetched_at, int64_t expires_at, int64_t warning, int64_t now);

#endif
