/* store.h - the persistence port of the engine
 *
 * PURPOSE   Policies survive a restart (RFC 8461 s3.3), and so do the times at which failures began, what has happened to policies, and what
 *           the operator has decided.
 * OWNERSHIP What get() fills lives in the caller's arena.
 * THREADS   All functions may be called from any thread.
 * UNITS     Wall-clock seconds.
 * ERRORS    0; STORE_NOT_FOUND; STORE_FULL; -EIO when persistence is lost for now (the caller goes on without).
 */
#ifndef COMMON_STORE_STORE_H
#define COMMON_STORE_STORE_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/sts/event.h"
#include "common/sts/outcome.h"
#include "common/sts/policy.h"

#include <stdint.h>

enum { STORE_NOT_FOUND = 1, STORE_FULL = 2 };

struct stored_policy {
	char id[LIMIT_STS_ID + 1]; /* of the record that announced this body */
	enum policy_mode mode;	   /* for listings; the body decides */
	struct span body;	   /* as fetched, verified to parse */
	int64_t fetched_at;
	int64_t expires_at; /* fetched_at + max_age, never moved by a mere record match */
};

/* Since when look-ups of one class have been failing for one domain. */
struct stored_failure {
	const char *domain;
	int class; /* enum grace_class (engine/grace.h) */
	int64_t first_at;
	int64_t last_at;
};

struct store_counts {
	uint64_t policies;
	uint64_t enforce;
	uint64_t failures;
	uint64_t events;
	uint64_t overrides; /* active */
	uint64_t outcomes;  /* kinds of outcome, of all days */
	uint64_t bytes;	    /* of the database file */
};

/* What is kept beside a policy to keep it alive: one row per policy, small, written more often than the policy itself. */
struct stored_upkeep {
	int64_t used_at;   /* mail last needed the policy; written once a day at most */
	int64_t due_at;	   /* when it is to be fetched again */
	int64_t failed_at; /* the last refresh that failed; 0: the last one succeeded */
	uint32_t failures; /* in a row */
	uint32_t
		standing; /* 1u << enum event_kind for each standing event that has been told and has not ended */
};

/* One line of a domain's history. */
struct stored_event {
	int64_t serial; /* given by the store, growing */
	const char *domain;
	enum event_kind kind;
	enum event_source source;
	int64_t at;
	/* the policy as it is after the event; id "" and the rest zero when there is none */
	char id[LIMIT_STS_ID + 1];
	enum policy_mode mode;
	uint32_t max_age;
	uint64_t body_hash;
	const char *mx;	    /* patterns, separated by blanks, cut at STORE_EVENT_MX */
	const char *detail; /* escaped, less than LIMIT_DETAIL */
};

/* A decision of the operator about one domain. The row stays when it has ended. */
enum override_end { OVERRIDE_ACTIVE, OVERRIDE_EXPIRED, OVERRIDE_REMOVED, OVERRIDE_REPLACED };

struct stored_override {
	int64_t serial; /* given by the store, growing */
	const char *domain;
	enum policy_mode mode;
	const char *mx; /* patterns, separated by blanks; "": those of the published policy */
	int64_t added_at, until;
	const char *reason, *owner; /* the operator's words, escaped */
	int64_t uid;		    /* who added it */
	enum override_end end;
	int64_t ended_at;  /* 0: active */
	int64_t ended_uid; /* who removed or replaced it; -1: nobody */
};

enum {
	STORE_EVENT_MX = 512,
	STORE_EVENTS_PER_DOMAIN = 50, /* older ones of the domain make room, */
	STORE_EVENTS = 100000,	      /* and the oldest of all */
	STORE_OVERRIDES = 10000,      /* active ones; past it override_add() gives STORE_FULL */
	STORE_OVERRIDE_TEXT = 256,    /* octets of reason, owner */
	STORE_OVERRIDE_MX = 4096,
	STORE_OVERRIDE_KEEP = 366 * 86400, /* seconds that an ended one is remembered, */
	STORE_OVERRIDES_PAST = 10000,	   /* and how many of them */
	STORE_OUTCOME_DAYS = 8,		   /* that are kept, today among them */
	STORE_OUTCOMES = 200000,	   /* kinds of outcome; the oldest make room */
	STORE_OUTCOMES_OF_HOSTS =
		100, /* of one domain and day; more are folded (outcome_folded()), */
	STORE_OUTCOMES_PER_DOMAIN = 128 /* and past this dropped */
};

typedef void store_each_policy(void *arg, const char *domain, const struct stored_policy *p);
typedef void store_each_due(void *arg, const char *domain, const struct stored_upkeep *u);
typedef void store_each_event(void *arg, const struct stored_event *e);
typedef void store_each_outcome(void *arg, const struct tls_outcome *o);
typedef void store_each_override(void *arg, const struct stored_override *o);

struct store {
	int (*get)(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret);
	int (*put)(void *ctx, const char *domain, const struct stored_policy *p);
	int (*remove)(void *ctx, const char *domain);
	int (*failure_put)(void *ctx, const struct stored_failure *f);
	int (*failure_remove)(void *ctx, const char *domain, int class);
	/* Calls each() for every failure not older than `since`, and deletes the older ones. */
	int (*failures_load)(void *ctx, int64_t since,
			     void (*each)(void *arg, const struct stored_failure *f), void *arg);
	/* What each() is given lives until it returns; it must not call the store. */

	/* Policies by name, those behind `after` ("" to begin), at most `limit`. */
	int (*policies)(void *ctx, const char *after, unsigned limit, store_each_policy *each,
			void *arg);

	/* STORE_NOT_FOUND without a policy of that name. remove() takes the row with it. */
	int (*upkeep_get)(void *ctx, const char *domain, struct stored_upkeep *ret);
	int (*upkeep_put)(void *ctx, const char *domain, const struct stored_upkeep *u);
	/* Policies with due_at <= now and used_at >= used_since, the longest due first, at most `limit`. */
	int (*due)(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
		   void *arg);

	int (*event_put)(void *ctx, const struct stored_event *e);
	/* The newest first, those with a serial below `before` (0: all), of one domain or (NULL) of all. */
	int (*events)(void *ctx, const char *domain, int64_t before, unsigned limit,
		      store_each_event *each, void *arg);

	/* An active one of the same domain ends as REPLACED in the same transaction. STORE_FULL. */
	int (*override_add)(void *ctx, const struct stored_override *o, int64_t *ret_serial);
	/* STORE_NOT_FOUND when it has ended already. */
	int (*override_end)(void *ctx, int64_t serial, enum override_end how, int64_t at,
			    int64_t uid);
	/* The newest first; ended ones only when asked for. domain: NULL for all. */
	int (*overrides)(void *ctx, const char *domain, bool ended_too, store_each_override *each,
			 void *arg);

	/* Adds the counts of each to what is kept of its kind, all in one transaction. *ret_dropped: sessions for which there was no room. */
	int (*outcomes_add)(void *ctx, const struct tls_outcome *const *v, size_t n,
			    uint64_t *ret_dropped);
	/* Of one day, of one domain or (NULL) of all, by domain, then outcome_key() as it is signed; those behind `after` and its key ("" to begin). */
	int (*outcomes)(void *ctx, int64_t day, const char *domain, const char *after,
			int64_t after_key, unsigned limit, store_each_outcome *each, void *arg);

	int (*counts)(void *ctx, struct store_counts *ret);
	/* NULL while persistence works, otherwise one sentence (static text) for status and log. */
	const char *(*trouble)(void *ctx);
	void *ctx;
};

#endif
