#include "config.h"

#include "common/store/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/store/store_bytes.h"
#include "common/store/store_sqlite.h"
#include "common/store/store_wal.h"

enum { HEADER = 100, NAMES_TRIED = 1000 };

/* Beside the database, in the order in which they have to go: a log must never meet another
 * database. */
static const char *const companions[] = { "-shm", "-wal", "-journal", "" };
enum { N_COMPANIONS = sizeof(companions) / sizeof(companions[0]) };

int store_file_name(const char *path, const char *suffix, char ret[STORE_PATH_MAX])
{
	int n = snprintf(ret, STORE_PATH_MAX, "%s%s", path, suffix);

	return n < 0 || n >= STORE_PATH_MAX ? -ENAMETOOLONG : 0;
}

static void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool header_good(const unsigned char *h)
{
	static const char magic[16] = "SQLite format 3";
	static const unsigned char fractions[3] = { 64, 32, 32 };

	return memcmp(h, magic, sizeof(magic)) == 0 && h[18] >= 1 && h[18] <= 2 && h[19] >= 1 &&
	       h[19] <= 2 && memcmp(h + 21, fractions, sizeof(fractions)) == 0;
}

size_t store_file_page_size(const unsigned char head[STORE_FILE_HEAD])
{
	size_t size = bytes_u16(head + 16);

	if (size == 1)
		size = 65536;
	return header_good(head) && bytes_page_size_good(size) ? size : 0;
}

/* What the newest page 1 says of the file. */
static void judge_header(const unsigned char *h, struct store_file *f)
{
	uint32_t application = bytes_u32(h + 68);

	f->user_version = bytes_u32(h + 60);
	f->kind = FILE_OURS;
	if (store_file_page_size(h) == 0) {
		f->kind = FILE_DAMAGED;
		f->why = "its header is damaged";
	} else if (f->user_version > STORE_SCHEMA_VERSION && f->user_version <= INT32_MAX) {
		f->kind = FILE_NEWER;
	} else if (f->user_version == 0 && application == 0) {
		f->kind = FILE_EMPTY; /* so far: whether it has tables is for SQLite to say */
	} else if (application != STORE_APPLICATION_ID || f->user_version < STORE_SCHEMA_OLDEST ||
		   f->user_version > STORE_SCHEMA_VERSION) {
		f->kind = FILE_FOREIGN;
		f->why = "it is the database of another program";
	}
}

static int read_header(int fd, unsigned char *page)
{
	int r = bytes_read(fd, 0, page, HEADER);

	if (r > 0)
		memset(page, 0, HEADER); /* too short to be one */
	return r < 0 ? r : 0;
}

/* The first page as the log has it, or else the file. */
static int newest_header(int fd, const struct wal *wal, unsigned char *page)
{
	int r = wal_page(wal, 1, page);

	if (r != 0 || (wal->damaged && !header_good(page)))
		r = read_header(fd, page);
	return r;
}

static void judge_log(const struct wal *wal, struct store_file *f)
{
	if (f->kind == FILE_NEWER || f->kind == FILE_FOREIGN)
		return;
	if (f->size == 0) {
		f->kind = FILE_DAMAGED;
		f->why = "it is empty, but its write-ahead log is not";
	} else if (wal->damaged && f->kind != FILE_DAMAGED) {
		f->kind = FILE_DAMAGED;
		f->why = "its write-ahead log is damaged";
	}
}

static int judge(int fd, const char *path, unsigned char *page, struct store_file *f)
{
	AUTO(wal_release) struct wal wal = { .fd = -1 };
	char name[STORE_PATH_MAX];
	int r = store_file_name(path, "-wal", name);

	if (r == 0)
		r = read_header(fd, page);
	if (r == 0)
		r = wal_open(name, store_file_page_size(page), &wal);
	if (r == 0)
		r = newest_header(fd, &wal, page);
	if (r < 0)
		return r;
	f->has_log = wal.n > 0;
	if (f->size == 0 && !f->has_log) {
		f->kind = FILE_EMPTY;
		return 0;
	}
	judge_header(page, f);
	judge_log(&wal, f);
	return 0;
}

int store_file_look(const char *path, struct store_file *ret)
{
	unsigned char page[65536];
	struct store_file f = { .kind = FILE_MISSING };
	struct stat st;
	AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int r;

	if (fd < 0 && errno == ENOENT) {
		*ret = f;
		return 0;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	f.size = st.st_size;
	r = judge(fd, path, page, &f);
	if (r == 0)
		*ret = f;
	return r;
}

int store_file_size(const char *path, uint64_t *ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

int store_file_identity(const char *path, struct store_identity *ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	*ret = (struct store_identity){ st.st_dev, st.st_ino };
	return 0;
}

static int directory_of(const char *path, char ret[STORE_PATH_MAX])
{
	char copy[STORE_PATH_MAX];
	int r = store_file_name(path, "", copy);

	return r < 0 ? r : store_file_name(dirname(copy), "", ret);
}

int store_file_create(const char *path)
{
	AUTO(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmod(fd, 0640) < 0 ? -errno : 0;
}

int store_file_make_directory(const char *path)
{
	char name[STORE_PATH_MAX];
	int r = directory_of(path, name);

	if (r == 0 && mkdir(name, 0750) < 0 && errno != EEXIST)
		r = -errno;
	return r;
}

int store_file_may_create(const char *path)
{
	char name[STORE_PATH_MAX], parent[STORE_PATH_MAX];
	int r = directory_of(path, name);

	if (r == 0 && access(name, W_OK | X_OK) < 0)
		r = -errno;
	if (r != -ENOENT)
		return r;
	r = directory_of(name, parent);
	return r == 0 && access(parent, W_OK | X_OK) < 0 ? -errno : r;
}

static int sync_one(const char *path, int flags)
{
	AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | flags);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int store_file_sync(const char *path)
{
	char name[STORE_PATH_MAX];
	int r = directory_of(path, name);

	if (r == 0)
		r = sync_one(path, 0);
	if (r == 0)
		r = sync_one(name, O_DIRECTORY);
	return r;
}

static bool is_free(const char *path)
{
	char name[STORE_PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < N_COMPANIONS; i++)
		if (store_file_name(path, companions[i], name) < 0 || lstat(name, &st) == 0 ||
		    errno != ENOENT)
			return false;
	return true;
}

static int free_name(const char *path, int64_t wall, char ret[STORE_PATH_MAX])
{
	time_t t = (time_t)wall;
	char stamp[32], suffix[64];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return -EOVERFLOW;
	for (unsigned i = 1; i <= NAMES_TRIED; i++) {
		int r;

		snprintf(suffix, sizeof(suffix), i == 1 ? ".damaged-%s" : ".damaged-%s.%u", stamp,
			 i);
		r = store_file_name(path, suffix, ret);
		if (r < 0 || is_free(ret))
			return r;
	}
	return -EEXIST;
}

int store_file_set_aside(const char *path, int64_t wall, char ret_name[STORE_PATH_MAX])
{
	char to[STORE_PATH_MAX], old[STORE_PATH_MAX], new[STORE_PATH_MAX];
	int r = free_name(path, wall, to);

	for (size_t i = 0; i < N_COMPANIONS && r == 0; i++) {
		r = store_file_name(path, companions[i], old);
		if (r == 0)
			r = store_file_name(to, companions[i], new);
		if (r == 0 && rename(old, new) < 0 && errno != ENOENT)
			r = -errno;
	}
	if (r == 0)
		r = store_file_name(to, "", ret_name);
	return r;
}

void store_file_remove(const char *path)
{
	char name[STORE_PATH_MAX];

	for (size_t i = 0; i < N_COMPANIONS; i++)
		if (store_file_name(path, companions[i], name) == 0)
			(void)unlink(name);
}
