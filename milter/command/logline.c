#include "config.h"

#include "milter/command/logline.h"

#include <string.h>

/* A picture of what must stand at the beginning: 9 is a digit, a a letter, "_" a digit or blank; others stand for themselves. */
static bool take_picture(struct span *text, const char *picture)
{
	size_t n = strlen(picture);

	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text->p[i];
		bool digit = c >= '0' && c <= '9';
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool fits = picture[i] == '9'	? digit
			    : picture[i] == 'a' ? letter
			    : picture[i] == '_' ? digit || c == ' '
						: c == picture[i];

		if (!fits)
			return false;
	}
	*text = span_make(text->p + n, text->n - n);
	return true;
}

static void take_digits(struct span *text)
{
	while (text->n > 0 && text->p[0] >= '0' && text->p[0] <= '9')
		*text = span_make(text->p + 1, text->n - 1);
}

static void take_fraction(struct span *text)
{
	if (take_picture(text, ".9"))
		take_digits(text);
}

/* Nov 22 02:26:53, 2026-11-22T02:26:53.123456+01:00; with the blank behind it. */
static bool take_syslog_time(struct span *text)
{
	if (take_picture(text, "aaa _9 99:99:99 "))
		return true;
	if (!take_picture(text, "9999-99-99T99:99:99"))
		return false;
	take_fraction(text);
	return take_picture(text, "Z ") || take_picture(text, "+99:99 ") ||
	       take_picture(text, "-99:99 ");
}

/* 2026-11-22 02:26:53, with millisec and timezone among Exim's log selectors 2026-11-22 02:26:53.123 +0100 */
static bool take_exim_time(struct span *text)
{
	struct span rest = *text;

	if (!take_picture(&rest, "9999-99-99 99:99:99"))
		return false;
	take_fraction(&rest);
	if (!take_picture(&rest, " +9999 ") && !take_picture(&rest, " -9999 ") &&
	    !take_picture(&rest, " "))
		return false;
	*text = rest;
	return true;
}

/* "[4711] " */
static void take_exim_process(struct span *text, struct span *process)
{
	struct span rest = *text, number;

	if (!take_picture(&rest, "[9"))
		return;
	number = span_make(rest.p - 1, rest.n + 1);
	take_digits(&rest);
	number.n -= rest.n;
	if (!take_picture(&rest, "] "))
		return;
	*process = number;
	*text = rest;
}

static bool is_one_of(struct span word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(word, names[i]))
			return true;
	return false;
}

static bool mta_of(struct span program, enum logline_mta *ret)
{
	static const char *const sendmail[] = { "sm-mta", "sendmail", "sendmail-mta", "sm-que" };
	static const char *const exim[] = { "exim", "exim4" };

	if (is_one_of(program, sendmail, 4))
		*ret = LOGLINE_SENDMAIL;
	else if (is_one_of(program, exim, 2))
		*ret = LOGLINE_EXIM;
	else if (span_starts(program, "postfix") && program.n > 5 &&
		 memcmp(program.p + program.n - 5, "/smtp", 5) == 0)
		*ret = LOGLINE_POSTFIX;
	else
		return false;
	return true;
}

bool logline_of(struct span program, struct span process, struct span text, struct logline *ret)
{
	struct logline line = { .process = process, .text = text };

	if (!mta_of(program, &line.mta))
		return false;
	if (line.mta == LOGLINE_EXIM && take_exim_time(&line.text))
		take_exim_process(&line.text, &line.process);
	*ret = line;
	return true;
}

static bool is_program(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_' || c == '.' || c == '/';
}

/* sm-mta[4711]: */
static bool take_program(struct span *text, struct span *program, struct span *process)
{
	struct span rest = *text;
	size_t n = 0;

	while (n < rest.n && is_program(rest.p[n]))
		n++;
	*program = span_make(rest.p, n);
	rest = span_make(rest.p + n, rest.n - n);
	if (n == 0 || !take_picture(&rest, "[9"))
		return false;
	*process = span_make(rest.p - 1, rest.n + 1);
	take_digits(&rest);
	process->n -= rest.n;
	if (!take_picture(&rest, "]: "))
		return false;
	*text = rest;
	return true;
}

bool logline_read(struct span line, struct logline *ret)
{
	struct span text = line, host, program, process = { "", 0 };

	if (take_exim_time(&text)) {
		take_exim_process(&text, &process);
		*ret = (struct logline){ LOGLINE_EXIM, process, text };
		return true;
	}
	if (!take_syslog_time(&text))
		return false;
	/* A program writes to its own host's log without that host's name. */
	if (!take_program(&text, &program, &process) &&
	    (!span_until(&text, ' ', 255, &host) || host.n == 0 ||
	     !take_program(&text, &program, &process)))
		return false;
	return logline_of(program, process, text, ret);
}
