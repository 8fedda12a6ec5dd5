#include "config.h"

#include "milter/command/journal.h"

#include "common/sts/domain.h"
#include "milter/command/line_reader.h"
#include "milter/command/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEAD "# mta-sts cache warm: done so far"

enum { JOURNAL_LINE = 400 };

static void read_line(struct span line, journal_each *each, void *arg)
{
	char domain[DOMAIN_SIZE], outcome[32];
	struct span first;

	/* A line that was cut by a full disk or a crash is no name, or is done once more. */
	if (span_until(&line, ' ', LIMIT_DOMAIN, &first) &&
	    span_copy(first, domain, sizeof(domain)) && domain_is_normal(domain) &&
	    span_copy(line, outcome, sizeof(outcome)))
		each(arg, domain, outcome);
}

/* 1: it is empty, or there is none. */
static int read_all(const char *path, journal_each *each, void *arg)
{
	struct line_reader reader;
	struct span line;
	int r = line_reader_open(&reader, path, JOURNAL_LINE);

	if (r == 0)
		r = line_reader_next(&reader, &line);
	if (r == -ENOENT || r == 0) {
		line_reader_close(&reader);
		return 1;
	}
	if (r == -EFBIG || (r == 1 && !span_eq(line, HEAD))) {
		complain("%s is no journal of mine; nothing was written to it", path);
		r = -EINVAL;
	} else if (r < 0) {
		complain("the journal %s cannot be used: %s", path, strerror(-r));
	}
	while (r > 0) {
		r = line_reader_next(&reader, &line);
		if (r == 1)
			read_line(line, each, arg);
		else if (r == -EFBIG)
			r = 1;
		else if (r < 0)
			complain("the journal %s cannot be used: %s", path, strerror(-r));
	}
	line_reader_close(&reader);
	return r;
}

int journal_open(struct journal *j, const char *path, journal_each *each, void *arg)
{
	int r;

	*j = (struct journal){ .path = path };
	if (path == NULL)
		return 0;
	r = read_all(path, each, arg);
	if (r < 0)
		return r;
	j->file = fopen(path, "ae");
	/* The last line may have no end. */
	if (j->file == NULL || fputs(r == 1 ? HEAD "\n" : "\n", j->file) == EOF ||
	    fflush(j->file) != 0) {
		r = -errno;
		complain("the journal %s cannot be used: %s", path, strerror(-r));
		return r;
	}
	return 0;
}

int journal_add(struct journal *j, const char *domain, const char *outcome)
{
	if (j->file == NULL)
		return 0;
	if (fprintf(j->file, "%s %s\n", domain, outcome) > 0 && fflush(j->file) == 0)
		return 0;
	complain("the journal %s cannot be written: %s", j->path, strerror(errno));
	return -EIO;
}

void journal_close(struct journal *j, bool finished)
{
	if (j->file == NULL)
		return;
	fclose(j->file);
	j->file = NULL;
	if (finished)
		unlink(j->path);
}
