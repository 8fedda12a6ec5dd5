#include "config.h"

#include "milter/command/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int line_reader_open(struct line_reader *r, const char *path, size_t max)
{
	bool standard = strcmp(path, "-") == 0;

	*r = (struct line_reader){ .name = standard ? "standard input" : path, .max = max };
	r->line = malloc(max);
	if (r->line == NULL)
		return -ENOMEM;
	r->file = standard ? stdin : fopen(path, "re");
	return r->file != NULL ? 0 : -errno;
}

void line_reader_close(struct line_reader *r)
{
	if (r->file != NULL && r->file != stdin)
		fclose(r->file);
	free(r->line);
	*r = (struct line_reader){ 0 };
}

int line_reader_next(struct line_reader *r, struct span *ret)
{
	size_t n = 0;
	int c;

	errno = 0;
	while ((c = getc_unlocked(r->file)) != EOF && c != '\n') {
		if (n < r->max)
			r->line[n] = (char)c;
		n++;
	}
	if (c == EOF && ferror(r->file))
		return errno != 0 ? -errno : -EIO;
	if (c == EOF && n == 0)
		return 0;
	r->number++;
	if (n > r->max)
		return -EFBIG;
	*ret = span_make(r->line, n);
	return 1;
}
