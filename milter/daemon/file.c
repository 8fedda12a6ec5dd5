#include "config.h"

#include "milter/daemon/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

static int read_all(const char *path, struct buf *out, struct buf *error)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;
	int r = 0;

	if (f == NULL) {
		buf_addf(error, "%s: %s", path, strerror(errno));
		return -1;
	}
	while (r == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		r = buf_add(out, piece, n);
	if (r != 0 || ferror(f) != 0) {
		buf_addf(error, "%s: %s", path,
			 r != 0 ? "larger than 1 MiB, this is no configuration" : strerror(errno));
		r = -1;
	}
	fclose(f);
	return r;
}

int file_settings(const char *path, struct settings **ret, struct buf *error)
{
	struct buf text;
	int r;

	buf_init(&text, FILE_MAX);
	r = read_all(path, &text, error);
	if (r == 0 && settings_parse(buf_span(&text), path, ret, error) != 0) {
		if (error->n == 0)
			buf_adds(error, "out of memory");
		r = -1;
	}
	buf_release(&text);
	return r;
}

int file_make_parent(const char *path, uid_t uid, gid_t gid, struct buf *error)
{
	char *dir = strdup(path), *slash = dir != NULL ? strrchr(dir, '/') : NULL;
	int r = 0;

	if (slash != NULL && slash != dir) {
		*slash = '\0';
		if (mkdir(dir, 0750) == 0) {
			if (geteuid() == 0)
				r = chown(dir, uid, gid);
		} else if (errno != EEXIST) {
			r = -1;
		}
		if (r != 0)
			buf_addf(error, "cannot make directory %s: %s", dir, strerror(errno));
	}
	free(dir);
	return r != 0 ? -1 : 0;
}
