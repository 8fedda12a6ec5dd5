/* store_kit.h - a store in a directory of its own, a clock that stands still, and what it told us */
#ifndef TESTS_UNIT_STORE_KIT_H
#define TESTS_UNIT_STORE_KIT_H

#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "common/store/store_sqlite.h"

enum { KIT_PATH = 512, KIT_NOTICES = 16, KIT_NOW = 1790000000 };

struct kit {
	char dir[KIT_PATH / 2];
	char path[KIT_PATH];
	atomic_llong wall, mono;
	struct clock clock;
	struct store store;
	bool is_open;

	pthread_mutex_t lock;
	pthread_cond_t told;
	char notices[KIT_NOTICES][1024];
	size_t n_notices;
};

#define ON_A_DISK(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int kit_setup(void **state);
int kit_teardown(void **state);

int kit_open(struct kit *k); /* what store_sqlite_open() says */
void kit_close(struct kit *k);
void kit_reopen(struct kit *k);
void kit_later(struct kit *k, int64_t ms); /* moves both clocks */

/* Runs fn in a child that ends without closing anything, as after kill -9. */
void kit_killed(struct kit *k, void (*fn)(struct kit *k));

size_t kit_notices(struct kit *k);
const char *kit_notice(struct kit *k, size_t i);
/* Waits until the i-th notice has come; fails the test after a minute. */
const char *kit_wait_notice(struct kit *k, size_t i);

/* Policies that can be told apart: the number stands in name, id and body. */
const char *kit_domain(unsigned i, char out[64]);
int kit_put(struct kit *k, unsigned i);
int kit_put_version(struct kit *k, unsigned i, unsigned version);
int kit_get(struct kit *k, unsigned i); /* 0: there, and right to the last byte */
unsigned kit_count(struct kit *k, unsigned from, unsigned to); /* how many of them get() finds */
void kit_sql(const struct kit *k, const char *sql);	       /* by another connection */

/* KIT_N policies and one failure in a closed database; copied when it was made before. */
enum { KIT_N = 2000 };
void kit_fill(struct kit *k);
unsigned kit_failures(struct kit *k); /* 1 when that failure is there */
/* What has to hold after a salvage. */
void kit_check_works(struct kit *k, const char *name);

/* Files. */
void kit_name(const struct kit *k, const char *suffix, char out[KIT_PATH]);
off_t kit_size(const struct kit *k, const char *suffix); /* -1: there is none */
void kit_overwrite(const struct kit *k, const char *suffix, off_t at, size_t n,
		   int byte); /* byte < 0: noise */
void kit_truncate(const struct kit *k, const char *suffix, off_t size);
void kit_copy(const struct kit *k, const char *from, const char *to);
off_t kit_place(const struct kit *k, const char *text); /* where it stands in the database */
size_t kit_find(const struct kit *k, const char *part,
		char out[KIT_PATH]);	       /* files with that in their name; the first */
uint64_t kit_fingerprint(const struct kit *k); /* names, contents and times of all files */

#endif
