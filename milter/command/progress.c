#include "config.h"

#include "milter/command/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR = 20, COLUMNS = 80, EVERY_TERMINAL = 200, EVERY_LINE = 30000 };

void progress_begin(struct progress *p, int64_t now, bool quiet)
{
	bool terminal = isatty(STDERR_FILENO) == 1;

	*p = (struct progress){
		.terminal = terminal, .silent = quiet && !terminal, .began_at = now, .shown_at = now
	};
}

/* "about 3 min left" */
static void format_rest(size_t done, size_t before, size_t total, int64_t elapsed, char *out,
			size_t size)
{
	int64_t now_done = (int64_t)(done - before), left = (int64_t)(total - done), seconds;

	out[0] = '\0';
	if (now_done <= 0 || elapsed < 2000 || left == 0)
		return;
	seconds = elapsed * left / now_done / 1000;
	if (seconds < 90)
		snprintf(out, size, ", about %lld s left", (long long)seconds + 1);
	else if (seconds < 5400)
		snprintf(out, size, ", about %lld min left", (long long)(seconds + 59) / 60);
	else
		snprintf(out, size, ", about %lld h left", (long long)(seconds + 3599) / 3600);
}

const char *progress_line(size_t done, size_t before, size_t total, int64_t elapsed,
			  const char *note, char out[PROGRESS_LINE])
{
	char bar[BAR + 1], rest[40];
	size_t full = total > 0 ? done * BAR / total : BAR;

	for (size_t i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	format_rest(done, before, total, elapsed, rest, sizeof(rest));
	snprintf(out, PROGRESS_LINE, "[%s] %zu of %zu%s%s%s", bar, done, total, rest,
		 note[0] != '\0' ? ": " : "", note);
	return out;
}

/* One column stays free: some terminals begin a new line behind the last one. */
static int terminal_room(void)
{
	struct winsize size;
	bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;

	return (known ? size.ws_col : COLUMNS) - 1;
}

void progress_show(struct progress *p, int64_t now, size_t done, size_t before, size_t total,
		   const char *note)
{
	char line[PROGRESS_LINE];

	if (p->silent || now - p->shown_at < (p->terminal ? EVERY_TERMINAL : EVERY_LINE))
		return;
	p->shown_at = now;
	progress_line(done, before, total, now - p->began_at, note, line);
	if (p->terminal)
		fprintf(stderr, "\r%.*s\033[K", terminal_room(), line);
	else
		fprintf(stderr, "mta-sts: %s\n", line + BAR + 3);
	fflush(stderr);
	p->drawn = p->terminal;
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
