#include "tests/unit/store_kit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/siphash.h"
#include "tests/unit/faulty_vfs.h"

static int64_t wall(void *ctx)
{
	return atomic_load(&((struct kit *)ctx)->wall);
}

static int64_t mono(void *ctx)
{
	return atomic_load(&((struct kit *)ctx)->mono);
}

static void notice(void *arg, const char *line)
{
	struct kit *k = arg;

	pthread_mutex_lock(&k->lock);
	if (k->n_notices < KIT_NOTICES)
		snprintf(k->notices[k->n_notices], sizeof(k->notices[0]), "%s", line);
	k->n_notices++;
	pthread_cond_broadcast(&k->told);
	pthread_mutex_unlock(&k->lock);
	if (getenv("KIT_VERBOSE") != NULL)
		print_message("notice: %s\n", line);
}

int kit_setup(void **state)
{
	struct kit *k = calloc(1, sizeof(*k));
	const char *tmp = getenv("TMPDIR");

	if (k == NULL)
		return -1;
	faulty_vfs_register();
	faulty_vfs_heal();
	snprintf(k->dir, sizeof(k->dir), "%s/test-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(k->dir) == NULL)
		return -1;
	snprintf(k->path, sizeof(k->path), "%s/sts.db", k->dir);
	atomic_init(&k->wall, KIT_NOW);
	atomic_init(&k->mono, 1000);
	k->clock = (struct clock){ wall, mono, k };
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->told, NULL);
	*state = k;
	return 0;
}

static void remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		char name[2 * KIT_PATH];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
		if (unlink(name) < 0)
			remove_tree(name);
	}
	closedir(d);
	(void)rmdir(dir);
}

int kit_teardown(void **state)
{
	struct kit *k = *state;

	kit_close(k);
	faulty_vfs_heal();
	(void)chmod(k->dir, 0700);
	remove_tree(k->dir);
	pthread_cond_destroy(&k->told);
	pthread_mutex_destroy(&k->lock);
	free(k);
	return 0;
}

int kit_open(struct kit *k)
{
	const struct store_options o = {
		.path = k->path,
		.clock = &k->clock,
		.notice = notice,
		.notice_arg = k,
		.connections = 4,
	};
	int r = store_sqlite_open(&o, &k->store);

	k->is_open = r == 0;
	return r;
}

void kit_close(struct kit *k)
{
	if (k->is_open)
		store_sqlite_close(&k->store);
	k->is_open = false;
}

void kit_reopen(struct kit *k)
{
	kit_close(k);
	assert_int_equal(kit_open(k), 0);
}

void kit_later(struct kit *k, int64_t ms)
{
	atomic_fetch_add(&k->mono, ms);
	atomic_fetch_add(&k->wall, ms / 1000);
}

void kit_killed(struct kit *k, void (*fn)(struct kit *k))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (kit_open(k) == 0)
			fn(k);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
}

size_t kit_notices(struct kit *k)
{
	size_t n;

	pthread_mutex_lock(&k->lock);
	n = k->n_notices;
	pthread_mutex_unlock(&k->lock);
	return n;
}

const char *kit_notice(struct kit *k, size_t i)
{
	return i < kit_notices(k) ? k->notices[i] : "";
}

const char *kit_wait_notice(struct kit *k, size_t i)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	pthread_mutex_lock(&k->lock);
	while (k->n_notices <= i && r == 0)
		r = pthread_cond_timedwait(&k->told, &k->lock, &until);
	pthread_mutex_unlock(&k->lock);
	if (r != 0)
		fail_msg("notice %zu never came", i);
	return k->notices[i];
}

const char *kit_domain(unsigned i, char out[64])
{
	/* Scattered over the key space, so that neighbours in time are none on disk. */
	snprintf(out, 64, "d%u.x%u.example", i * 7919 % 9973, i);
	return out;
}

static size_t body_of(unsigned i, unsigned version, char *out, size_t size)
{
	/* Every hundredth has so many hosts that the row needs overflow pages. */
	unsigned hosts = i % 100 == 99 ? 300 : 2;
	size_t n = (size_t)snprintf(out, size, "version: STSv1\r\nmode: %s\r\nmax_age: %u\r\n",
				    i % 4 == 3 ? "testing" : "enforce", 604800 + version);

	for (unsigned h = 0; h < hosts; h++)
		n += (size_t)snprintf(out + n, size - n, "mx: mx%u.x%u.example\r\n", h, i);
	return n;
}

int kit_put_version(struct kit *k, unsigned i, unsigned version)
{
	char domain[64], body[16384];
	struct stored_policy p = {
		.mode = i % 4 == 3 ? POLICY_MODE_TESTING : POLICY_MODE_ENFORCE,
		.fetched_at = KIT_NOW + version,
		.expires_at = KIT_NOW + version + 604800,
	};

	snprintf(p.id, sizeof(p.id), "%uv%u", i, version);
	p.body = span_make(body, body_of(i, version, body, sizeof(body)));
	return k->store.put(k->store.ctx, kit_domain(i, domain), &p);
}

int kit_put(struct kit *k, unsigned i)
{
	return kit_put_version(k, i, 0);
}

int kit_get(struct kit *k, unsigned i)
{
	char domain[64], body[16384], id[32];
	struct stored_policy p = { .fetched_at = -1 };
	struct arena arena;
	unsigned version;
	int r;

	arena_init(&arena, 1 << 20);
	r = k->store.get(k->store.ctx, kit_domain(i, domain), &arena, &p);
	if (r == 0) {
		version = (unsigned)(p.fetched_at - KIT_NOW);
		snprintf(id, sizeof(id), "%uv%u", i, version);
		if (strcmp(id, p.id) != 0 || p.expires_at != p.fetched_at + 604800 ||
		    p.body.n != body_of(i, version, body, sizeof(body)) ||
		    memcmp(p.body.p, body, p.body.n) != 0 ||
		    p.mode != (i % 4 == 3 ? POLICY_MODE_TESTING : POLICY_MODE_ENFORCE))
			fail_msg("%s: what came back is not what was put", domain);
	} else {
		assert_true(p.fetched_at == -1);
	}
	arena_release(&arena);
	return r;
}

unsigned kit_count(struct kit *k, unsigned from, unsigned to)
{
	unsigned n = 0;

	for (unsigned i = from; i < to; i++)
		n += kit_get(k, i) == 0;
	return n;
}

void kit_name(const struct kit *k, const char *suffix, char out[KIT_PATH])
{
	snprintf(out, KIT_PATH, "%.400s%s", k->path, suffix);
}

off_t kit_size(const struct kit *k, const char *suffix)
{
	char name[KIT_PATH];
	struct stat st;

	kit_name(k, suffix, name);
	return stat(name, &st) == 0 ? st.st_size : -1;
}

static int open_file(const struct kit *k, const char *suffix, int flags)
{
	char name[KIT_PATH];
	int fd;

	kit_name(k, suffix, name);
	fd = open(name, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_msg("%s: %s", name, strerror(errno));
	return fd;
}

void kit_overwrite(const struct kit *k, const char *suffix, off_t at, size_t n, int byte)
{
	int fd = open_file(k, suffix, O_WRONLY | O_CREAT);
	unsigned char *p = malloc(n);
	uint32_t x = 12345;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = byte < 0 ? (unsigned char)(x >> 24) : (unsigned char)byte;
	}
	assert_true(pwrite(fd, p, n, at) == (ssize_t)n);
	close(fd);
	free(p);
}

void kit_truncate(const struct kit *k, const char *suffix, off_t size)
{
	int fd = open_file(k, suffix, O_WRONLY | O_CREAT);

	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

void kit_copy(const struct kit *k, const char *from, const char *to)
{
	int in = open_file(k, from, O_RDONLY), out = open_file(k, to, O_WRONLY | O_CREAT | O_TRUNC);
	char piece[65536];
	ssize_t n;

	while ((n = read(in, piece, sizeof(piece))) > 0)
		assert_true(write(out, piece, (size_t)n) == n);
	close(in);
	close(out);
}

size_t kit_find(const struct kit *k, const char *part, char out[KIT_PATH])
{
	DIR *d = opendir(k->dir);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, part) != NULL && n++ == 0)
			snprintf(out, KIT_PATH, "%s/%.200s", k->dir, e->d_name);
	closedir(d);
	return n;
}

static uint64_t fingerprint_of(const char *name, const char *base)
{
	static const struct siphash_key key = { 1, 2 };
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint64_t sum = siphash13(&key, base, strlen(base));
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	p = malloc((size_t)st.st_size + 1);
	if (p != NULL && read(fd, p, (size_t)st.st_size) == st.st_size)
		sum ^= siphash13(&key, p, (size_t)st.st_size);
	sum ^= siphash13(&key, &st.st_mtim, sizeof(st.st_mtim));
	close(fd);
	free(p);
	return sum;
}

uint64_t kit_fingerprint(const struct kit *k)
{
	DIR *d = opendir(k->dir);
	struct dirent *e;
	uint64_t sum = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char name[2 * KIT_PATH];

		snprintf(name, sizeof(name), "%s/%s", k->dir, e->d_name);
		if (e->d_name[0] != '.')
			sum += fingerprint_of(name, e->d_name);
	}
	closedir(d);
	return sum;
}

void kit_sql(const struct kit *k, const char *sql)
{
	sqlite3 *db;
	char *error = NULL;

	assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static void fill(struct kit *k)
{
	const struct stored_failure f = { "down.example", 1, KIT_NOW - 3600, KIT_NOW };

	for (unsigned i = 0; i < KIT_N; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
}

void kit_fill(struct kit *k)
{
	if (kit_size(k, ".master") < 0) {
		assert_int_equal(kit_open(k), 0);
		fill(k);
		kit_close(k);
		kit_copy(k, "", ".master");
	} else {
		kit_copy(k, ".master", "");
	}
}

static void count_failure(void *arg, const struct stored_failure *f)
{
	if (strcmp(f->domain, "down.example") == 0 && f->class == 1 &&
	    f->first_at == KIT_NOW - 3600)
		++*(unsigned *)arg;
}

unsigned kit_failures(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.failures_load(k->store.ctx, 0, count_failure, &n), 0);
	return n;
}

/* After a salvage everything has to work. */
void kit_check_works(struct kit *k, const char *name)
{
	struct store_counts counts;
	unsigned found = kit_count(k, 0, KIT_N + 100);

	if (k->store.trouble(k->store.ctx) != NULL)
		fail_msg("%s: %s", name, k->store.trouble(k->store.ctx));
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	if (counts.policies != found)
		fail_msg("%s: counts %u, has %u", name, (unsigned)counts.policies, found);
	assert_int_equal(kit_put(k, KIT_N + 500), 0);
	kit_reopen(k);
	assert_int_equal(kit_get(k, KIT_N + 500), 0);
	assert_int_equal(kit_count(k, 0, KIT_N + 100), found);
}

off_t kit_place(const struct kit *k, const char *text)
{
	FILE *f = fopen(k->path, "re");
	static char all[8 << 20];
	size_t n = f != NULL ? fread(all, 1, sizeof(all), f) : 0;
	char *at = f != NULL ? memmem(all, n, text, strlen(text)) : NULL;

	if (f != NULL)
		fclose(f);
	assert_non_null(at);
	return at - all;
}
