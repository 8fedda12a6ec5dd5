#include "config.h"

#include "common/sts/smtp_reply.h"

#include "common/base/text.h"

#include <string.h>

void smtp_reply_init(struct smtp_reply *r)
{
	/* Not the line: it is 2 kB, and line_n says what of it counts. */
	r->state = SMTP_MORE;
	r->code = 0;
	r->starttls = false;
	r->lines = 0;
	r->text[0] = '\0';
	r->why = NULL;
	r->line_n = 0;
}

static void broken(struct smtp_reply *r, const char *why)
{
	r->state = SMTP_BROKEN;
	r->why = why;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Three digits, 200..599; 0: no reply code. */
static int code_of(struct span line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5')
		return 0;
	if (!is_digit(line.p[1]) || !is_digit(line.p[2]))
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
}

static bool says_starttls(struct span text)
{
	struct span word;
	size_t n = 0;

	while (n < text.n && text.p[n] != ' ' && text.p[n] != '\t')
		n++;
	word = span_make(text.p, n);
	return span_caseeq(word, "STARTTLS");
}

static void take_line(struct smtp_reply *r)
{
	struct span line = span_make(r->line, r->line_n), text;
	int code;
	char mark;

	/* MTAs drop every CR before the LF; what they would see counts. */
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	code = code_of(line);
	mark = line.n > 3 ? line.p[3] : ' ';
	if (code == 0) {
		broken(r, "a line does not begin with a reply code");
		return;
	}
	if (mark != ' ' && mark != '-') {
		broken(r, "a reply code is followed by neither blank nor hyphen");
		return;
	}
	if (r->lines > 0 && code != r->code) {
		broken(r, "the lines of one reply have different codes");
		return;
	}
	text = line.n > 4 ? span_make(line.p + 4, line.n - 4) : span_make(line.p, 0);
	if (r->lines == 0)
		text_printable(text, r->text, sizeof(r->text));
	else if (code / 100 == 2 && says_starttls(text))
		r->starttls = true;
	r->code = code;
	r->lines++;
	if (mark == ' ')
		r->state = SMTP_DONE;
	else if (r->lines == LIMIT_SMTP_LINES)
		broken(r, "the reply has too many lines");
}

size_t smtp_reply_feed(struct smtp_reply *r, struct span in)
{
	size_t used = 0;

	while (used < in.n && r->state == SMTP_MORE) {
		char c = in.p[used++];

		if (c == '\n') {
			take_line(r);
			r->line_n = 0;
		} else if (r->line_n == sizeof(r->line)) {
			broken(r, "a reply line is too long");
		} else {
			r->line[r->line_n++] = c;
		}
	}
	return used;
}
