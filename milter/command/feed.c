#include "config.h"

#include "milter/command/feed.h"

#include "common/base/cleanup.h"
#include "milter/command/ask.h"
#include "milter/command/ending.h"
#include "milter/command/feed_cursor.h"
#include "milter/command/feed_queue.h"
#include "milter/command/now.h"
#include "milter/command/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
	LOOK_MS = 1000,	      /* how often files are looked at, and the daemon is told */
	PATIENCE_MS = 60000,  /* between attempts to reach it, at most */
	CURSOR_MS = 5000,     /* how often the cursor is saved */
	LINES_AT_ONCE = 10000 /* of one source before the others have their turn */
};

struct feed {
	const struct invocation *inv;
	struct follow sources[FEED_SOURCES];
	size_t n_sources;
	struct tls_sessions *sessions;
	struct feed_queue queue;
	struct client *client;
	int64_t send_at, wait_ms; /* wait_ms > 0: the daemon is away */
	const char *cursor;	  /* NULL: none */
	int64_t save_at;
	bool unsaved; /* lines have been read since the cursor was saved */
	bool once, dry_run, json;
	struct ending ending;
	uint64_t about_tls, recognised, told, refused, dropped_said;
};

static void show_session(const struct feed *f, const struct tls_session *session)
{
	json_t *o;

	if (f->json) {
		o = feed_outcome(session);
		output_json(o, stdout);
		json_decref(o);
		return;
	}
	printf("%s %s mx=%s address=%s", session->domain, session->result,
	       session->mx[0] != '\0' ? session->mx : "?",
	       session->address[0] != '\0' ? session->address : "?");
	if (session->detail[0] != '\0')
		printf(" detail=\"%s\"", session->detail);
	putchar('\n');
}

static void tell(void *arg, const struct tls_session *session)
{
	struct feed *f = arg;

	f->recognised++;
	if (f->dry_run)
		show_session(f, session);
	else
		feed_queue_add(&f->queue, session);
}

/* True: there may be more at once. */
static bool read_source(struct feed *f, struct follow *source, int *status)
{
	for (unsigned n = 0; n < LINES_AT_ONCE; n++) {
		struct logline line;
		bool known;
		int r = follow_next(source, &line, &known);

		if (r < 0) {
			complain("%s cannot be read: %s", source->name, strerror(-r));
			*status = EX_NOINPUT;
		}
		if (r <= 0)
			return false;
		f->unsaved = true;
		if (known && tls_sessions_line(f->sessions, &line))
			f->about_tls++;
	}
	return true;
}

static bool try_again(int status)
{
	return status == EX_UNAVAILABLE || status == EX_NOPERM || status == EX_TEMPFAIL;
}

/* Over the connection of before, or a new one where the daemon has hung up on that. */
static int ask(struct feed *f, json_t *request, json_t **ret)
{
	bool old = f->client != NULL;
	int status = EX_OK;

	if (!old)
		status = ask_open(f->inv, &f->client);
	if (status == EX_OK)
		status = client_ask(f->client, json_incref(request), ret);
	if (!try_again(status))
		return status;
	f->client = client_close(f->client);
	return old ? ask(f, request, ret) : status;
}

/* How many the daemon would not have. */
static size_t count_refused(const json_t *result)
{
	const json_t *one;
	size_t i, n = 0;

	json_array_foreach(json_object_get(result, "outcomes"), i, one) n +=
		json_object_get(one, "error") != NULL;
	return n;
}

/* One request. What the daemon does not want at all is not offered again. */
static int send_batch(struct feed *f)
{
	size_t n = 0, refused;
	json_t *request = feed_queue_request(&f->queue, &n), *result = NULL;
	int status;

	if (request == NULL)
		return f->queue.n == 0 ? EX_OK : EX_TEMPFAIL;
	status = ask(f, request, &result);
	json_decref(request);
	if (!try_again(status)) {
		refused = status == EX_OK ? count_refused(result) : n;
		f->refused += refused;
		f->told += n - refused;
		feed_queue_take(&f->queue, n);
	}
	json_decref(result);
	return status;
}

static void say_dropped(struct feed *f)
{
	if (f->queue.dropped == f->dropped_said)
		return;
	complain("%llu outcomes were dropped: the daemon was away too long",
		 (unsigned long long)(f->queue.dropped - f->dropped_said));
	f->dropped_said = f->queue.dropped;
}

/* At most one request a second; a daemon that is away is left alone for longer each time. */
static void send_some(struct feed *f, int64_t now)
{
	int status;

	if (f->queue.n == 0 || now < f->send_at)
		return;
	status = send_batch(f);
	if (!try_again(status)) {
		if (f->wait_ms > 0)
			complain("the daemon answers again");
		f->wait_ms = 0;
		f->send_at = now + LOOK_MS;
		say_dropped(f);
		return;
	}
	f->wait_ms = f->wait_ms == 0 ? LOOK_MS : f->wait_ms * 2;
	if (f->wait_ms > PATIENCE_MS)
		f->wait_ms = PATIENCE_MS;
	f->send_at = now + f->wait_ms;
	complain("%zu outcomes wait; trying again in %d s", f->queue.n, (int)(f->wait_ms / 1000));
}

/* At the end: all of it, or as much as the daemon takes. */
static int send_rest(struct feed *f)
{
	int status = EX_OK;

	while (f->queue.n > 0 && status == EX_OK)
		status = send_batch(f);
	if (f->queue.n > 0)
		complain("%zu outcomes were not told", f->queue.n);
	say_dropped(f);
	return status;
}

/* Only what the daemon has been told counts as read. */
static void save(struct feed *f)
{
	if (f->cursor == NULL || f->dry_run || !f->unsaved || f->queue.n > 0)
		return;
	f->unsaved = feed_cursor_save(f->cursor, f->sources, f->n_sources) != 0;
}

/* Sleeps until there is something to read or to send. True: the operator has had enough. */
static bool wait_for_more(struct feed *f, int ms)
{
	struct pollfd fds[FEED_SOURCES + 1] = { { .fd = f->ending.fd, .events = POLLIN } };

	for (size_t i = 0; i < f->n_sources; i++)
		fds[i + 1] = (struct pollfd){ .fd = follow_fd(&f->sources[i]), .events = POLLIN };
	poll(fds, (nfds_t)f->n_sources + 1, ms);
	return fds[0].revents != 0;
}

/* What there is has been read, and more is not waited for. */
static bool is_done(const struct feed *f)
{
	for (size_t i = 0; i < f->n_sources; i++) {
		const struct follow *source = &f->sources[i];

		if (f->once ? follow_pending(source) : !follow_ended(source))
			return false;
	}
	return true;
}

/* Reads, and sends when it is time. True: there may be more to read at once. */
static bool do_round(struct feed *f, int *status)
{
	int64_t now;
	bool more = false;

	for (size_t i = 0; i < f->n_sources && *status == EX_OK; i++)
		more |= read_source(f, &f->sources[i], status);
	if (f->dry_run)
		fflush(stdout);
	now = now_ms();
	if (!f->once)
		send_some(f, now);
	else if (f->queue.n >= FEED_QUEUE / 2)
		*status = send_rest(f);
	if (now >= f->save_at) {
		save(f);
		f->save_at = now + CURSOR_MS;
	}
	return more;
}

/* Until it fails, there is no more, or the operator has had enough: what was written before that is read still. */
static int go_on(struct feed *f)
{
	int status = EX_OK;
	bool enough = false, more;

	for (;;) {
		more = do_round(f, &status);
		if (status != EX_OK || enough || (!more && is_done(f)))
			return status;
		enough = wait_for_more(f, more ? 0 : LOOK_MS);
	}
}

static int show(const struct feed *f, int status)
{
	AUTO(output_release) struct output out;
	struct row row;
	uint64_t lines = 0;

	for (size_t i = 0; i < f->n_sources; i++)
		lines += f->sources[i].lines;
	output_init(&out);
	row = output_row(&out);
	row_number(row, "lines", (int64_t)lines);
	row_number(row, "lines_about_tls", (int64_t)f->about_tls);
	row_number(row, "outcomes", (int64_t)f->recognised);
	row_number(row, "told", (int64_t)f->told);
	row_number(row, "refused", (int64_t)f->refused);
	row_number(row, "dropped", (int64_t)f->queue.dropped);
	row_number(row, "not_told", (int64_t)f->queue.n);
	return output_answer(&out, f->json, status);
}

static int run(struct feed *f)
{
	int status = go_on(f), last;
	bool ended = is_done(f);

	last = send_rest(f);
	save(f);
	/* Who ends it on purpose hears about what waits, and no more. */
	if (status == EX_OK && ended)
		status = last;
	return f->dry_run ? status : show(f, status);
}

/* What this machine has. */
static size_t usual_sources(const char *names[FEED_SOURCES])
{
	static const char *const logs[] = { "/var/log/mail.log", "/var/log/exim4/mainlog" };
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		if (access(logs[i], F_OK) == 0)
			names[n++] = logs[i];
	if (n == 0)
		names[n++] = "journal";
	return n;
}

static int open_sources(struct feed *f)
{
	AUTO(buf_release) struct buf marks = { .max = FEED_CURSOR };
	enum follow_from from = f->once ? FOLLOW_FROM_START : FOLLOW_FROM_END;
	const char *names[FEED_SOURCES];
	size_t n = f->inv->n_operands;

	for (size_t i = 0; i < n; i++)
		names[i] = f->inv->operands[i];
	if (n == 0)
		n = usual_sources(names);
	if (f->cursor != NULL && feed_cursor_load(f->cursor, &marks) < 0)
		return EX_CANTCREAT;
	for (size_t i = 0; i < n; i++) {
		struct follow *source = &f->sources[i];
		int r = follow_open(source, names[i], from, feed_cursor_mark(&marks, names[i]));

		if (r < 0) {
			complain("%s cannot be read: %s%s", names[i], strerror(-r),
				 r == -EACCES ? "; join the group adm, or that of the log" : "");
			return EX_NOINPUT;
		}
		f->n_sources++;
		if (!f->dry_run && !f->once)
			complain("following %s", names[i]);
	}
	f->unsaved = f->cursor != NULL;
	return EX_OK;
}

static int prepare(struct feed *f)
{
	struct settings *settings = NULL;
	bool hears;
	int status = ask_settings(f->inv, &settings);

	if (status != EX_OK)
		return status;
	hears = settings->tlsrpt_socket[0] != '\0';
	settings_free(settings);
	f->sessions = tls_sessions_new(f->dry_run || !hears, tell, f);
	if (f->sessions == NULL || feed_queue_init(&f->queue) != 0) {
		complain("out of memory");
		return EX_TEMPFAIL;
	}
	return open_sources(f);
}

int feed_run(const struct invocation *inv)
{
	struct feed f = {
		.inv = inv,
		.once = (inv->options & OPTION_BIT(OPTION_ONCE)) != 0,
		.dry_run = (inv->options & OPTION_BIT(OPTION_DRY_RUN)) != 0,
		.json = (inv->options & OPTION_BIT(OPTION_JSON)) != 0,
		.cursor = inv->values[OPTION_CURSOR],
	};
	/* Before anything is said: who hears that we follow may end us. */
	int status = ending_begin(&f.ending) ? prepare(&f) : EX_OSERR;

	if (status == EX_OK)
		status = run(&f);
	ending_release(&f.ending);
	for (size_t i = 0; i < f.n_sources; i++)
		follow_close(&f.sources[i]);
	client_close(f.client);
	feed_queue_release(&f.queue);
	tls_sessions_free(f.sessions);
	return status;
}
