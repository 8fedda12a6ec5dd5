#include "config.h"

#include "milter/command/feed_cursor.h"

#include "common/base/cleanup.h"
#include "milter/command/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "# mta-sts feed: read so far"

/* Lines "NAME\tMARK". */
int feed_cursor_load(const char *path, struct buf *text)
{
	struct span all, line;
	char piece[4096];
	size_t n;
	int r = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL && errno == ENOENT)
		return 0;
	if (file == NULL) {
		r = -errno;
		complain("%s cannot be read: %s", path, strerror(-r));
		return r;
	}
	while (r == 0 && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		r = buf_add(text, piece, n);
	fclose(file);
	all = buf_span(text);
	if (r != 0 || (all.n > 0 && (!span_line(&all, &line) || !span_eq(line, HEAD)))) {
		complain("%s is no cursor of mine; it is left alone", path);
		r = -EINVAL;
	}
	return r;
}

struct span feed_cursor_mark(const struct buf *text, const char *name)
{
	struct span all = buf_span(text), line, key;

	while (span_line(&all, &line))
		if (span_until(&line, '\t', line.n, &key) && span_eq(key, name))
			return line;
	return span_make("", 0);
}

static int write_all(const char *path, const struct buf *text)
{
	FILE *file = fopen(path, "we");
	bool good;

	if (file == NULL)
		return -errno;
	good = fwrite(text->p, 1, text->n, file) == text->n;
	return fclose(file) == 0 && good ? 0 : -EIO;
}

int feed_cursor_save(const char *path, struct follow *sources, size_t n)
{
	AUTO(buf_release) struct buf text = { .max = FEED_CURSOR };
	char *fresh = NULL;
	int r = buf_adds(&text, HEAD "\n");

	for (size_t i = 0; i < n && r == 0; i++) {
		if (strcmp(sources[i].name, "-") == 0)
			continue;
		r = buf_addf(&text, "%s\t", sources[i].name);
		if (r == 0)
			r = follow_mark(&sources[i], &text);
		if (r == 0)
			r = buf_addc(&text, '\n');
	}
	if (r == 0 && asprintf(&fresh, "%s.new", path) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = write_all(fresh, &text);
	if (r == 0 && rename(fresh, path) != 0)
		r = -errno;
	free(fresh);
	if (r < 0)
		complain("%s cannot be written: %s", path, strerror(-r));
	return r;
}
