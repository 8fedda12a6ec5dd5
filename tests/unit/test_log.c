/* Log lines from the daemon's pen to the sink: levels, order, and what is counted when the sink stands still. */
#include "tests/unit/test.h"

#include "milter/daemon/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Standard error is a pipe of ours while the test runs. */
struct sink {
	int read, before;
	char *text;
	size_t n, size;
};

static void sink_open(struct sink *s)
{
	int fds[2];

	*s = (struct sink){ .before = dup(STDERR_FILENO), .size = 8u << 20 };
	s->text = malloc(s->size);
	assert_non_null(s->text);
	assert_int_equal(pipe(fds), 0);
	s->read = fds[0];
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
}

/* Back to the old standard error; what is left in the pipe is read to its end. */
static void sink_end(struct sink *s)
{
	ssize_t got;

	dup2(s->before, STDERR_FILENO);
	close(s->before);
	while ((got = read(s->read, s->text + s->n, s->size - s->n)) > 0)
		s->n += (size_t)got;
	close(s->read);
}

/* Until the text ends in `last`. */
static void sink_read(struct sink *s, const char *last)
{
	size_t n = strlen(last);
	ssize_t got;

	while (s->n < n || memcmp(s->text + s->n - n, last, n) != 0) {
		assert_true(s->n < s->size);
		got = read(s->read, s->text + s->n, s->size - s->n);
		assert_true(got > 0);
		s->n += (size_t)got;
	}
}

static void levels(void **state)
{
	static const char *const want[] = {
		"a warning\n",
		"a warning\nan info\n",
		"a warning\nan info\na debug\n",
	};
	(void)state;

	for (int least = LOG_LEVEL_WARNING; least <= LOG_LEVEL_DEBUG; least++) {
		struct sink s;
		struct log *log;
		bool same;

		sink_open(&s);
		log = log_open(LOG_TARGET_STDERR, (enum log_level)least, "test");
		assert_non_null(log);
		log_line(log, LOG_LEVEL_WARNING, "a warning");
		log_line(log, LOG_LEVEL_INFO, "an info");
		log_line(log, LOG_LEVEL_DEBUG, "a debug");
		log_close(log);
		sink_end(&s);
		same = s.n == strlen(want[least]) && memcmp(s.text, want[least], s.n) == 0;
		free(s.text);
		assert_true(same);
	}
}

static size_t count(const struct sink *s, const char *line)
{
	size_t n = 0, length = strlen(line);

	for (size_t i = 0; i + length <= s->n; i++)
		n += memcmp(s->text + i, line, length) == 0 && (i == 0 || s->text[i - 1] == '\n');
	return n;
}

static unsigned long told_dropped(struct sink *s)
{
	static const char event[] = "event=log-dropped count=";
	unsigned long sum = 0;

	s->text[s->n] = '\0';
	for (const char *p = strstr(s->text, event); p != NULL; p = strstr(p + 1, event))
		sum += strtoul(p + sizeof(event) - 1, NULL, 10);
	return sum;
}

/* Nobody reads: lines wait, then are dropped and counted; nobody who logs ever waits. */
static void a_sink_that_stands_still(void **state)
{
	enum { LINES = 100000 };
	unsigned long dropped, told;
	struct log *log;
	struct sink s;
	size_t arrived;
	(void)state;

	sink_open(&s);
	log = log_open(LOG_TARGET_STDERR, LOG_LEVEL_INFO, "test");
	for (int i = 0; i < LINES; i++)
		log_line(log, LOG_LEVEL_INFO, "event=rcpt id=0123456789abcdef rcpt=u@example.com");
	dropped = log_dropped(log);
	log_line(log, LOG_LEVEL_INFO, "x"); /* may find room, so it does not count */
	sink_read(&s, "\n");
	while (told_dropped(&s) < dropped) {
		ssize_t got = read(s.read, s.text + s.n, s.size - s.n - 1);

		if (got <= 0)
			break;
		s.n += (size_t)got;
	}
	log_line(log, LOG_LEVEL_INFO, "the last");
	sink_read(&s, "the last\n");
	dropped = log_dropped(log);
	told = told_dropped(&s);
	arrived =
		count(&s, "event=rcpt id=0123456789abcdef rcpt=u@example.com\n") + count(&s, "x\n");
	log_close(log);
	sink_end(&s);
	free(s.text);
	assert_true(dropped > 0);
	assert_int_equal(told, dropped);
	assert_int_equal(arrived + dropped, LINES + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(a_sink_that_stands_still),
	};

	(void)alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
