/* A client's socket: requests that come in pieces, answers that it does not take at once. */
#include "tests/unit/test.h"

#include "milter/daemon/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONG = 3 * STREAM_SMALL, MANY = 4 << 20 };

/* The client's end. */
static int open_stream(struct stream *s)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	stream_init(s, pair[0]);
	return pair[1];
}

static char letter(size_t i)
{
	return (char)('a' + (int)(i % 26));
}

static void come(int client, const char *text, size_t n)
{
	assert_int_equal(send(client, text, n, MSG_NOSIGNAL), n);
}

static bool holds(const struct stream *s, const char *text)
{
	return span_eq(stream_held(s), text);
}

static void pieces_come_together(void **state)
{
	struct stream s;
	int client = open_stream(&s);
	(void)state;

	assert_int_equal(stream_read(&s), STREAM_LATER);
	come(client, "3:a", 3);
	assert_int_equal(stream_read(&s), STREAM_MOVED);
	come(client, " b,1:c", 6);
	assert_int_equal(stream_read(&s), STREAM_MOVED);
	assert_true(holds(&s, "3:a b,1:c"));
	stream_forget(&s, 6);
	assert_true(holds(&s, "1:c"));
	(void)shutdown(client, SHUT_WR);
	assert_int_equal(stream_read(&s), STREAM_ENDED);
	assert_true(holds(&s, "1:c"));
	stream_release(&s);
	(void)close(client);
}

/* Room is what the caller gives: a stranger's length alone takes no memory. */
static void a_long_request_has_the_room_it_is_given(void **state)
{
	static char text[LONG];
	struct stream s;
	int client = open_stream(&s);
	(void)state;

	memset(text, 'x', sizeof(text));
	come(client, text, sizeof(text));
	assert_int_equal(stream_read(&s), STREAM_MOVED);
	assert_true(stream_is_full(&s));
	assert_int_equal(stream_held(&s).n, STREAM_SMALL);
	assert_true(stream_make_room(&s, LONG + 1));
	assert_int_equal(stream_read(&s), STREAM_MOVED);
	assert_false(stream_is_full(&s));
	assert_int_equal(stream_held(&s).n, LONG);
	assert_memory_equal(stream_held(&s).p, text, LONG);
	stream_forget(&s, LONG - 2);
	assert_true(holds(&s, "xx"));
	assert_int_equal(s.in_size, STREAM_SMALL);
	stream_release(&s);
	(void)close(client);
}

/* What there is to be taken now, which must go on where `already` ends. */
static size_t take(int client, size_t already)
{
	static char chunk[65536];
	size_t at = already;
	ssize_t n;

	while ((n = recv(client, chunk, sizeof(chunk), 0)) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			assert_int_equal(chunk[i], letter(at));
	return at;
}

static void what_is_not_taken_waits(void **state)
{
	char *text = malloc(MANY);
	struct stream s;
	int client = open_stream(&s);
	size_t taken = 0;
	enum stream_result r;
	(void)state;

	assert_non_null(text);
	for (size_t i = 0; i < MANY; i++)
		text[i] = letter(i);
	r = stream_send(&s, span_make(text, MANY));
	assert_int_equal(r, STREAM_LATER);
	free(text); /* a copy waits */
	assert_int_equal(stream_flush(&s), STREAM_LATER);
	for (; r == STREAM_LATER; r = stream_flush(&s))
		taken = take(client, taken);
	assert_int_equal(r, STREAM_MOVED);
	assert_int_equal(take(client, taken), MANY);
	assert_null(s.out);
	stream_release(&s);
	(void)close(client);
}

static void a_client_that_is_gone_breaks_it(void **state)
{
	struct stream s;
	(void)state;

	(void)close(open_stream(&s));
	assert_int_equal(stream_send(&s, span_of("5:OK   ,")), STREAM_BROKEN);
	stream_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_come_together),
		cmocka_unit_test(a_long_request_has_the_room_it_is_given),
		cmocka_unit_test(what_is_not_taken_waits),
		cmocka_unit_test(a_client_that_is_gone_breaks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
