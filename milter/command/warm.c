#include "config.h"

#include "milter/command/warm.h"

#include "common/base/cleanup.h"
#include "common/base/num.h"
#include "milter/command/ask.h"
#include "milter/command/journal.h"
#include "milter/command/line_reader.h"
#include "milter/command/maillog.h"
#include "milter/command/names.h"
#include "milter/command/now.h"
#include "milter/command/progress.h"
#include "milter/command/warm_tally.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum {
	RATE = 10,	    /* domains begun per second */
	AT_ONCE = 32,	    /* under way at the same time */
	LOOK_MS = 200,	    /* how often we ask about one that is under way */
	BUSY_MS = 1000,	    /* how long the daemon is left alone when it has too much to do */
	LOG_LINE = 64 << 10 /* octets of a line of the list */
};

struct flight {
	const char *domain;
	int64_t look_at;
};

struct warm {
	struct client *client;
	struct names list;
	struct names done; /* before this run */
	size_t n_done;	   /* of the list, before this run and in it */
	size_t n_before;   /* of these, before */
	size_t n_fresh;	   /* of these, known anyway */
	size_t next;	   /* of the list */
	int64_t begin_at;  /* when the next may begin */
	int64_t interval;
	struct flight flights[AT_ONCE];
	size_t n_flights;
	struct journal journal;
	struct warm_tally tally;
	struct progress progress;
	bool quiet;
	size_t n_lines, n_ignored;
};

static int add_line(struct warm *w, struct span line)
{
	char names[MAILLOG_DOMAINS][DOMAIN_SIZE];
	size_t n;

	w->n_lines++;
	if (maillog_line(line, names, &n) == MAILLOG_OTHER)
		w->n_ignored++;
	for (size_t i = 0; i < n; i++) {
		int r = names_add(&w->list, names[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_list(struct warm *w, const char *path)
{
	struct line_reader reader;
	struct span line;
	int r = line_reader_open(&reader, path, LOG_LINE);

	while (r == 0) {
		r = line_reader_next(&reader, &line);
		if (r == 0)
			break;
		if (r == -EFBIG) {
			w->n_lines++;
			w->n_ignored++;
		} else if (r < 0) {
			break;
		} else {
			r = add_line(w, line);
			if (r == -ENOSPC)
				complain("%s:%zu: more than %d domains; the rest is left out",
					 reader.name, reader.number, NAMES_MAX);
			if (r < 0)
				break;
		}
		r = 0;
	}
	if (r < 0 && r != -ENOSPC)
		complain("%s cannot be read: %s", reader.name, strerror(-r));
	line_reader_close(&reader);
	return r == 0 || r == -ENOSPC ? EX_OK : EX_NOINPUT;
}

/* Of a journal. What failed is tried again. */
static void done_before(void *arg, const char *domain, const char *outcome)
{
	struct warm *w = arg;
	int class = warm_class_from_name(outcome);

	if (class < 0 || class == WARM_FAILED || !names_have(&w->list, domain) ||
	    names_add(&w->done, domain) != 0)
		return;
	w->tally.counts[class]++;
	w->n_done++;
	w->n_before++;
}

static int ask(struct warm *w, const char *domain, bool start, json_t **ret)
{
	return client_ask(
		w->client,
		json_pack("{s:s, s:s, s:b}", "verb", "warm", "nexthop", domain, "start", start),
		ret);
}

static bool is_true(const json_t *result, const char *name)
{
	return json_is_true(json_object_get(result, name));
}

static int finish(struct warm *w, const char *domain, const json_t *result)
{
	enum warm_class class = warm_tally_add(&w->tally, result);

	w->n_done++;
	return journal_add(&w->journal, domain, warm_class_name(class)) == 0 ? EX_OK : EX_IOERR;
}

/* Begins the next domain of the list. One that is known already costs nothing. */
static int begin(struct warm *w, int64_t now)
{
	const char *domain = w->list.v[w->next];
	json_t *result = NULL;
	int status;

	if (names_have(&w->done, domain)) {
		w->next++;
		return EX_OK;
	}
	status = ask(w, domain, true, &result);
	if (status != EX_OK)
		return status;
	if (is_true(result, "busy")) {
		w->begin_at = now + BUSY_MS;
	} else if (is_true(result, "fresh") || is_true(result, "skipped")) {
		w->next++;
		w->n_fresh += is_true(result, "fresh");
		status = finish(w, domain, result);
	} else {
		w->next++;
		w->flights[w->n_flights++] = (struct flight){ domain, now + LOOK_MS };
		w->begin_at = now + w->interval;
	}
	json_decref(result);
	return status;
}

static int look(struct warm *w, size_t i, int64_t now)
{
	struct flight *flight = &w->flights[i];
	json_t *result = NULL;
	int status = ask(w, flight->domain, false, &result);

	if (status != EX_OK)
		return status;
	if (is_true(result, "checking")) {
		flight->look_at = now + LOOK_MS;
	} else {
		status = finish(w, flight->domain, result);
		*flight = w->flights[--w->n_flights];
	}
	json_decref(result);
	return status;
}

/* One round; ret_wake: when there is something to do again. */
static int work(struct warm *w, int64_t *ret_wake)
{
	int64_t now = now_ms();
	int status = EX_OK;

	for (size_t i = w->n_flights; i-- > 0 && status == EX_OK;)
		if (w->flights[i].look_at <= now)
			status = look(w, i, now);
	for (unsigned n = 0; n < 100 && status == EX_OK && w->next < w->list.n &&
			     w->n_flights < AT_ONCE && w->begin_at <= now;
	     n++)
		status = begin(w, now);
	*ret_wake = now + LOOK_MS;
	for (size_t i = 0; i < w->n_flights; i++)
		if (w->flights[i].look_at < *ret_wake)
			*ret_wake = w->flights[i].look_at;
	if (w->next < w->list.n && w->n_flights < AT_ONCE && w->begin_at < *ret_wake)
		*ret_wake = w->begin_at;
	return status;
}

static void show_progress(struct warm *w)
{
	const size_t *n = w->tally.counts;
	char note[100];

	snprintf(note, sizeof(note), "%zu enforce, %zu testing, %zu failed", n[WARM_ENFORCE],
		 n[WARM_TESTING], n[WARM_FAILED]);
	progress_show(&w->progress, now_ms(), w->n_done, w->n_before, w->list.n, note);
}

/* Sleeps until then, or until the operator has had enough: true. */
static bool interrupted(const sigset_t *signals, int64_t until)
{
	int64_t ms = until - now_ms();
	struct timespec t = { ms > 0 ? ms / 1000 : 0, ms > 0 ? ms % 1000 * 1000000 : 0 };

	return sigtimedwait(signals, NULL, &t) > 0;
}

static int go_through(struct warm *w)
{
	sigset_t signals, before;
	int64_t wake = 0;
	int status = EX_OK;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &before);
	progress_begin(&w->progress, now_ms(), w->quiet);
	while (status == EX_OK && (w->next < w->list.n || w->n_flights > 0)) {
		status = work(w, &wake);
		show_progress(w);
		if (status == EX_OK && interrupted(&signals, wake)) {
			progress_end(&w->progress);
			complain("interrupted");
			status = EX_TEMPFAIL;
		}
	}
	progress_end(&w->progress);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

static int show(struct warm *w, const struct invocation *inv, int status)
{
	AUTO(output_release) struct output out;
	struct row row;

	output_init(&out);
	row = output_row(&out);
	row_truth(row, "finished", status == EX_OK);
	row_number(row, "lines", (int64_t)w->n_lines);
	row_number(row, "lines_ignored", (int64_t)w->n_ignored);
	row_number(row, "domains", (int64_t)w->list.n);
	row_number(row, "done", (int64_t)w->n_done);
	row_number(row, "done_before", (int64_t)w->n_before);
	row_number(row, "known_already", (int64_t)w->n_fresh);
	warm_tally_show(&w->tally, row);
	return output_answer(&out, inv->options & OPTION_BIT(OPTION_JSON), status);
}

static int warm(struct warm *w, const struct invocation *inv)
{
	int status = read_list(w, inv->operands[0]);

	if (status == EX_OK)
		status = ask_open(inv, &w->client);
	if (status == EX_OK &&
	    journal_open(&w->journal, inv->values[OPTION_JOURNAL], done_before, w) != 0)
		status = EX_CANTCREAT;
	if (status != EX_OK)
		return status;
	status = go_through(w);
	journal_close(&w->journal, status == EX_OK);
	return show(w, inv, status);
}

int warm_run(const struct invocation *inv)
{
	const char *given = inv->values[OPTION_RATE];
	struct warm w = { .client = NULL };
	uint64_t rate = RATE;
	int status;

	if (given != NULL && (!num_u64(span_of(given), 1000, &rate) || rate == 0)) {
		complain("--rate takes a number from 1 to 1000, domains per second");
		return EX_USAGE;
	}
	w.quiet = (inv->options & OPTION_BIT(OPTION_JSON)) != 0;
	w.interval = 1000 / (int64_t)rate;
	names_init(&w.list);
	names_init(&w.done);
	warm_tally_init(&w.tally);
	status = warm(&w, inv);
	client_close(w.client);
	journal_close(&w.journal, false);
	names_release(&w.list);
	names_release(&w.done);
	warm_tally_release(&w.tally);
	return status;
}
