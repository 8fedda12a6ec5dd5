/* bench_store - what a memory miss costs that SQLite answers, with a million policies on disk
 *
 * A miss, and get() alone, beside a bare prepared SELECT of the same rows on a connection that is set up alike; put() beside a bare prepared
 * upsert into a table without tally and seal; memory with 16 connections in use; the time to open, and to salvage.
 * CPU time of one thread, in alternating runs, unless the unit says otherwise.
 */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/engine/held.h"
#include "common/store/store_bind.h"
#include "common/store/store_conn.h"
#include "common/store/store_db.h"
#include "common/store/store_schema.h"
#include "tests/bench/figure.h"
#include "tests/bench/resident.h"

enum { ROWS = 1000000, GETS = 50000, PUTS = 5000, RUNS = 7, THREADS = 16, NAME = 48, PATH = 256 };

static const char BARE_TABLE[] = "CREATE TABLE bare (domain TEXT NOT NULL PRIMARY KEY, id TEXT NOT "
				 "NULL, mode INTEGER NOT NULL, "
				 "body BLOB NOT NULL, fetched_at INTEGER NOT NULL, expires_at "
				 "INTEGER NOT NULL) WITHOUT ROWID";
static const char BARE_PUT[] =
	"INSERT INTO bare VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (domain) DO UPDATE SET "
	"id = excluded.id, mode = excluded.mode, body = excluded.body, "
	"fetched_at = excluded.fetched_at, expires_at = excluded.expires_at";
static const char BARE_GET[] =
	"SELECT id, mode, body, fetched_at, expires_at FROM policy WHERE domain = ?1";

struct bench {
	char dir[PATH / 2], path[PATH], bare_path[PATH];
	struct clock clock;
	struct store store;
	uint64_t random;
};

static int64_t wall(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static int64_t mono(void *ctx)
{
	(void)ctx;
	return (int64_t)(figure_now() * 1000);
}

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "bench_store: %s\n", line);
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench_store: %s failed\n", what);
		exit(1);
	}
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* In order of the number they are in order of the key: a large file is made quickly. */
static const char *name_of(unsigned i, char name[NAME])
{
	snprintf(name, NAME, "company%07u.mail%u.example", i, i % 97);
	return name;
}

static struct stored_policy policy_of(unsigned i, char body[256])
{
	int64_t now = time(NULL);
	struct stored_policy p = {
		.id = "20260101T000000",
		.mode = POLICY_MODE_ENFORCE,
		.fetched_at = now,
		.expires_at = now + 604800,
	};
	int n = snprintf(body, 256,
			 "version: STSv1\r\nmode: enforce\r\nmx: mx1.company%07u.example\r\n"
			 "mx: mx2.company%07u.example\r\nmax_age: 604800\r\n",
			 i, i);

	p.body = span_make(body, (size_t)n);
	return p;
}

static void fill(const struct bench *b)
{
	struct conn *c;
	int rc = conn_open(b->path, CONN_BUILD, &c);

	must(rc == SQLITE_OK && schema_create(c->db) == SQLITE_OK, "create");
	must(sqlite3_exec(c->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "begin");
	for (unsigned i = 0; i < ROWS; i++) {
		char name[NAME], body[256];
		struct stored_policy p = policy_of(2 * i, body);
		sqlite3_stmt *put = conn_statement(c, STATEMENT_PUT, &rc);

		bind_policy(put, span_of(name_of(2 * i, name)), &p);
		must(conn_run(put) == SQLITE_OK, "insert");
	}
	must(sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "commit");
	conn_close(c);
}

static double open_store(struct bench *b)
{
	const struct store_options o = {
		.path = b->path, .clock = &b->clock, .notice = say, .connections = THREADS
	};
	double start = figure_now();

	must(store_sqlite_open(&o, &b->store) == 0, "open");
	must(b->store.trouble(b->store.ctx) == NULL, "open without trouble");
	return figure_now() - start;
}

static double run_get(struct bench *b, unsigned gets)
{
	double start = figure_cpu();

	for (unsigned i = 0; i < gets; i++) {
		char name[NAME];
		struct stored_policy p;
		struct arena arena;

		arena_init(&arena, 1 << 20);
		name_of((unsigned)(next_random(&b->random) % ROWS) * 2, name);
		must(b->store.get(b->store.ctx, name, &arena, &p) == 0 && p.body.n > 100, "get");
		arena_release(&arena);
	}
	return (figure_cpu() - start) / gets;
}

/* All that a memory miss does before anybody is asked: the row, its policy, an entry. */
static double run_miss(struct bench *b)
{
	const struct engine_env env = { .store = b->store, .clock = b->clock };
	double start = figure_cpu();

	for (unsigned i = 0; i < GETS; i++) {
		char name[NAME];
		struct nexthop hop;
		struct entry *e;

		name_of((unsigned)(next_random(&b->random) % ROWS) * 2, name);
		hop = nexthop_of_route(span_of(name));
		e = held_load(&env, &hop);
		must(e != NULL && e->policy != NULL && e->policy->n_mx == 2, "held_load");
		entry_unref(e);
	}
	return (figure_cpu() - start) / GETS;
}

static double run_bare_get(struct bench *b, sqlite3_stmt *s)
{
	double start = figure_cpu();

	for (unsigned i = 0; i < GETS; i++) {
		char name[NAME];

		name_of((unsigned)(next_random(&b->random) % ROWS) * 2, name);
		(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		must(sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 2) > 100, "SELECT");
		(void)sqlite3_reset(s);
	}
	return (figure_cpu() - start) / GETS;
}

static void bench_get(struct bench *b)
{
	double ours[RUNS], bare[RUNS], ratio[RUNS], miss[RUNS], miss_ratio[RUNS];
	sqlite3_stmt *s = NULL;
	struct conn *c;

	must(conn_open(b->path, CONN_WRITE, &c) == SQLITE_OK, "connect");
	must(sqlite3_prepare_v3(c->db, BARE_GET, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) ==
		     SQLITE_OK,
	     "prepare");
	for (size_t i = 0; i < RUNS; i++) {
		bare[i] = run_bare_get(b, s);
		ours[i] = run_get(b, GETS);
		ratio[i] = ours[i] / bare[i];
		miss[i] = run_miss(b);
		miss_ratio[i] = miss[i] / bare[i];
	}
	sqlite3_finalize(s);
	conn_close(c);
	figure_print(&(struct figure){
		.name = "memory_miss_1000000",
		.value = figure_median(miss, RUNS) * 1e6,
		.unit = "us_cpu",
		.against = "bare_select",
		.ratio = figure_median(miss_ratio, RUNS),
		.kind = TARGET_AT_MOST,
		.target = 3,
	});
	figure_print(&(struct figure){
		.name = "store_get_1000000",
		.value = figure_median(ours, RUNS) * 1e6,
		.unit = "us_cpu",
		.against = "bare_select",
		.ratio = figure_median(ratio, RUNS),
		.kind = TARGET_AT_MOST,
		.target = 3,
	});
	figure_print(&(struct figure){ .name = "bare_select_1000000",
				       .value = figure_median(bare, RUNS) * 1e6,
				       .unit = "us_cpu" });
}

static double run_put(struct bench *b)
{
	double start = figure_now();

	for (unsigned i = 0; i < PUTS; i++) {
		char name[NAME], body[256];
		unsigned n = (unsigned)(next_random(&b->random) % ROWS) * 2 + i % 2;
		struct stored_policy p = policy_of(n, body);

		p.fetched_at += (int64_t)(b->random & 0xffff);
		must(b->store.put(b->store.ctx, name_of(n, name), &p) == 0, "put");
	}
	return (figure_now() - start) / PUTS;
}

static double run_bare_put(struct bench *b, sqlite3_stmt *s)
{
	double start = figure_now();

	for (unsigned i = 0; i < PUTS; i++) {
		char name[NAME], body[256];
		unsigned n = (unsigned)(next_random(&b->random) % ROWS) * 2 + i % 2;
		struct stored_policy p = policy_of(n, body);

		name_of(n, name);
		(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		(void)sqlite3_bind_text(s, 2, p.id, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int(s, 3, p.mode);
		(void)sqlite3_bind_blob(s, 4, p.body.p, (int)p.body.n, SQLITE_STATIC);
		(void)sqlite3_bind_int64(s, 5, p.fetched_at + (int64_t)(b->random & 0xffff));
		(void)sqlite3_bind_int64(s, 6, p.expires_at);
		must(conn_run(s) == SQLITE_OK, "upsert");
	}
	return (figure_now() - start) / PUTS;
}

/* Its table is filled from ours, so that both trees are equally deep. */
static struct conn *make_bare(struct bench *b, sqlite3_stmt **ret)
{
	char copy[2 * PATH];
	struct conn *c;

	snprintf(copy, sizeof(copy), "ATTACH '%s' AS ours", b->path);
	must(conn_open(b->bare_path, CONN_CREATE, &c) == SQLITE_OK, "create bare");
	must(sqlite3_exec(c->db, BARE_TABLE, NULL, NULL, NULL) == SQLITE_OK, "create bare");
	must(sqlite3_exec(c->db, copy, NULL, NULL, NULL) == SQLITE_OK, "attach");
	must(sqlite3_exec(c->db,
			  "INSERT INTO bare SELECT domain, id, mode, body, fetched_at, expires_at "
			  "FROM ours.policy; DETACH ours; PRAGMA wal_checkpoint(TRUNCATE)",
			  NULL, NULL, NULL) == SQLITE_OK,
	     "copy");
	must(sqlite3_prepare_v3(c->db, BARE_PUT, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) ==
		     SQLITE_OK,
	     "prepare");
	return c;
}

static void bench_put(struct bench *b)
{
	double ours[RUNS], bare[RUNS], ratio[RUNS];
	sqlite3_stmt *s = NULL;
	struct conn *c = make_bare(b, &s);

	for (size_t i = 0; i < RUNS; i++) {
		bare[i] = run_bare_put(b, s);
		ours[i] = run_put(b);
		ratio[i] = ours[i] / bare[i];
	}
	sqlite3_finalize(s);
	conn_close(c);
	figure_print(&(struct figure){
		.name = "store_put_1000000",
		.value = 1 / figure_median(ours, RUNS),
		.unit = "rows_per_s",
		.against = "bare_upsert_time",
		.ratio = figure_median(ratio, RUNS),
	});
}

static void *get_in_thread(void *arg)
{
	struct bench own = *(struct bench *)arg;

	own.random += (uint64_t)(uintptr_t)&own;
	(void)run_get(&own, GETS / 5);
	return NULL;
}

/* Memory with as many connections as threads, each with a full page cache. */
static void bench_memory(struct bench *b, long before)
{
	pthread_t threads[THREADS];
	double start = figure_now();

	for (size_t i = 0; i < THREADS; i++)
		must(pthread_create(&threads[i], NULL, get_in_thread, b) == 0, "thread");
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	figure_print(&(struct figure){ .name = "store_get_16_threads",
				       .value = THREADS * (GETS / 5) / (figure_now() - start),
				       .unit = "rows_per_s" });
	figure_print(&(struct figure){
		.name = "store_memory_16_connections",
		.value = (double)(resident_kib() - before) / 1024,
		.unit = "MiB",
		.kind = TARGET_AT_MOST,
		.target = 16,
	});
}

static void bench_salvage(struct bench *b)
{
	int fd = open(b->path, O_WRONLY | O_CLOEXEC);
	static const char zeros[100];
	struct store_counts counts;
	double took;

	must(fd >= 0 && pwrite(fd, zeros, sizeof(zeros), 0) == sizeof(zeros), "damage");
	close(fd);
	took = open_store(b);
	must(b->store.counts(b->store.ctx, &counts) == 0 && counts.policies >= ROWS, "salvage");
	store_sqlite_close(&b->store);
	figure_print(
		&(struct figure){ .name = "store_salvage_1000000", .value = took, .unit = "s" });
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int main(void)
{
	struct bench b = { .clock = { wall, mono, NULL }, .random = 88172645463325252 };
	const char *tmp = getenv("TMPDIR");
	double opening;
	long before;

	snprintf(b.dir, sizeof(b.dir), "%s/bench-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(b.dir) != NULL, "mkdtemp");
	snprintf(b.path, sizeof(b.path), "%s/sts.db", b.dir);
	snprintf(b.bare_path, sizeof(b.bare_path), "%s/bare.db", b.dir);
	fill(&b);
	before = resident_kib();
	opening = open_store(&b);
	bench_memory(&b, before);
	figure_print(&(struct figure){
		.name = "store_open_1000000", .value = opening * 1e3, .unit = "ms" });
	bench_get(&b);
	bench_put(&b);
	store_sqlite_close(&b.store);
	bench_salvage(&b);
	must(nftw(b.dir, remove_one, 4, FTW_DEPTH | FTW_PHYS) == 0, "clean up");
	return 0;
}
