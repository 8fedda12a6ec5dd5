#include "config.h"

#include "milter/command/follow_journal.h"

#include "common/base/num.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

struct follow_journal {
	sd_journal *journal;
	bool stands; /* on an entry that has a cursor */
	char process[32];
};

/* smtp: of Postfix, whatever its instances and transports are called. */
static int choose(sd_journal *journal)
{
	static const char *const matches[] = {
		"SYSLOG_IDENTIFIER=postfix/smtp", "SYSLOG_IDENTIFIER=postfix/relay/smtp",
		"SYSLOG_IDENTIFIER=sm-mta",	  "SYSLOG_IDENTIFIER=sendmail",
		"SYSLOG_IDENTIFIER=sendmail-mta", "SYSLOG_IDENTIFIER=sm-que",
		"SYSLOG_IDENTIFIER=exim",	  "SYSLOG_IDENTIFIER=exim4"
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]) && r >= 0; i++)
		r = sd_journal_add_match(journal, matches[i], 0);
	if (r >= 0)
		r = sd_journal_add_disjunction(journal);
	if (r >= 0)
		r = sd_journal_add_match(journal, "_COMM=smtp", 0);
	return r;
}

static int find_place(struct follow_journal *j, const char *cursor, enum follow_from from)
{
	int r;

	if (cursor[0] != '\0') {
		r = sd_journal_seek_cursor(j->journal, cursor);
		if (r >= 0)
			r = sd_journal_next(j->journal);
		/* The entry itself was read; where it is gone, the one behind it was not. */
		if (r > 0 && sd_journal_test_cursor(j->journal, cursor) <= 0)
			r = sd_journal_previous(j->journal);
		j->stands = r > 0;
		if (r >= 0)
			return 0;
	}
	if (from == FOLLOW_FROM_START)
		return sd_journal_seek_head(j->journal);
	r = sd_journal_seek_tail(j->journal);
	if (r >= 0)
		r = sd_journal_previous(j->journal);
	j->stands = r > 0;
	return r < 0 ? r : 0;
}

int follow_journal_open(const char *directory, const char *cursor, enum follow_from from,
			struct follow_journal **ret)
{
	struct follow_journal *j = calloc(1, sizeof(*j));
	int r;

	if (j == NULL)
		return -ENOMEM;
	r = directory != NULL ? sd_journal_open_directory(&j->journal, directory, 0)
			      : sd_journal_open(&j->journal, SD_JOURNAL_LOCAL_ONLY);
	if (r >= 0)
		r = choose(j->journal);
	if (r >= 0)
		sd_journal_set_data_threshold(j->journal, FOLLOW_LINE);
	/* Before the place is found, so that nothing that comes in between is missed. */
	if (r >= 0)
		r = sd_journal_get_fd(j->journal);
	if (r >= 0)
		r = find_place(j, cursor, from);
	if (r < 0) {
		follow_journal_close(j);
		return r;
	}
	*ret = j;
	return 0;
}

struct follow_journal *follow_journal_close(struct follow_journal *j)
{
	if (j != NULL && j->journal != NULL)
		sd_journal_close(j->journal);
	free(j);
	return NULL;
}

int follow_journal_fd(struct follow_journal *j)
{
	return sd_journal_get_fd(j->journal);
}

/* The value of a field of this entry; valid until the next is asked for. */
static bool field(struct follow_journal *j, const char *name, struct span *ret)
{
	const void *data;
	size_t n, head = strlen(name) + 1;

	if (sd_journal_get_data(j->journal, name, &data, &n) < 0 || n < head)
		return false;
	*ret = span_make((const char *)data + head, n - head);
	return true;
}

static bool field_copy(struct follow_journal *j, const char *name, char *out, size_t size)
{
	struct span value;

	return field(j, name, &value) && span_copy(value, out, size);
}

static bool of_a_person(struct follow_journal *j)
{
	struct span value;
	uint64_t uid;

	return field(j, "_UID", &value) &&
	       (!num_u64(value, UINT32_MAX, &uid) || uid >= FOLLOW_FIRST_PERSON);
}

static bool entry(struct follow_journal *j, struct logline *ret)
{
	char program[64];
	struct span text;

	if (of_a_person(j) || !field_copy(j, "SYSLOG_IDENTIFIER", program, sizeof(program)) ||
	    (!field_copy(j, "SYSLOG_PID", j->process, sizeof(j->process)) &&
	     !field_copy(j, "_PID", j->process, sizeof(j->process))) ||
	    !field(j, "MESSAGE", &text))
		return false;
	return logline_of(span_of(program), span_of(j->process), text, ret);
}

int follow_journal_next(struct follow_journal *j, struct logline *ret)
{
	bool looked = false;

	for (;;) {
		int r = sd_journal_next(j->journal);

		if (r < 0)
			return r;
		if (r > 0) {
			j->stands = true;
			if (entry(j, ret))
				return 1;
			continue;
		}
		if (looked)
			return 0;
		/* Takes in what has been added since. */
		r = sd_journal_process(j->journal);
		if (r < 0)
			return r;
		looked = true;
	}
}

char *follow_journal_cursor(struct follow_journal *j)
{
	char *cursor = NULL;

	return j->stands && sd_journal_get_cursor(j->journal, &cursor) >= 0 ? cursor : NULL;
}
