#include "config.h"

#include "common/sts/settings_private.h"

#include <errno.h>
#include <string.h>

#include "common/base/text.h"

enum { VALUE_MAX = 4096, SHOWN_MAX = 128 };

struct check {
	const struct settings *s;
	size_t *rows;
	struct buf *why;
};

static int blame(const struct check *c, size_t a, size_t b)
{
	c->rows[0] = a;
	c->rows[1] = b;
	return SETTINGS_INVALID;
}

static const char *shown(const struct check *c, size_t row, char out[SHOWN_MAX])
{
	struct buf value;

	buf_init(&value, VALUE_MAX);
	out[0] = '\0';
	if (settings_value(c->s, row, &value) == 0)
		text_printable(buf_span(&value), out, SHOWN_MAX);
	buf_release(&value);
	return out;
}

/* Says that a and b do not go together, and what would. */
static int conflict(const struct check *c, size_t a, size_t b, const char *expected)
{
	char av[SHOWN_MAX], bv[SHOWN_MAX];
	int r = buf_addf(c->why, "%s = %s does not go with %s = %s, expected %s",
			 setting_row(a)->name, shown(c, a, av), setting_row(b)->name,
			 shown(c, b, bv), expected);

	return r == -ENOMEM ? r : blame(c, a, b);
}

static int check_times(const struct check *c)
{
	const struct settings *s = c->s;

	if (s->connect_timeout >= s->probe_timeout)
		return conflict(c, ROW_connect_timeout, ROW_probe_timeout,
				"connect_timeout to be shorter than probe_timeout");
	if (s->greeting_timeout >= s->probe_timeout)
		return conflict(c, ROW_greeting_timeout, ROW_probe_timeout,
				"greeting_timeout to be shorter than probe_timeout");
	if (s->rcpt_deadline > s->message_deadline)
		return conflict(c, ROW_rcpt_deadline, ROW_message_deadline,
				"rcpt_deadline to be no longer than message_deadline");
	return 0;
}

static int check_sockets(const struct check *c)
{
	const char *milter = c->s->milter_socket;

	if (strncmp(milter, "unix:", 5) == 0 && strcmp(milter + 5, c->s->control_socket) == 0)
		return conflict(c, ROW_milter_socket, ROW_control_socket, "two different paths");
	return 0;
}

static const char *common_word(const struct string_list *a, const struct string_list *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (strcmp(a->v[i], b->v[j]) == 0)
				return a->v[i];
	return NULL;
}

static int check_mailers(const struct check *c)
{
	const char *both = common_word(&c->s->judge_mailers, &c->s->skip_mailers);
	int r;

	if (both == NULL)
		return 0;
	r = buf_addf(
		c->why,
		"\"%s\" stands in judge_mailers and in skip_mailers, expected it in one of them",
		both);
	return r == -ENOMEM ? r : blame(c, ROW_judge_mailers, ROW_skip_mailers);
}

int settings_check(const struct settings *s, size_t ret_rows[2], struct buf *why)
{
	const struct check c = { .s = s, .rows = ret_rows, .why = why };
	int r = check_times(&c);

	if (r == 0)
		r = check_sockets(&c);
	return r == 0 ? check_mailers(&c) : r;
}
