#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "tests/milter/milter_client.h"
#include "tests/milter/milter_dial.h"
#include "tests/milter/milter_wire.h"

enum { TIMEOUT_MS = 200 };

static void freep(struct milter_client **c)
{
	*c = milter_free(*c);
}

static void closep(int *fd)
{
	(void)close(*fd);
}

/* A client and the other end of its connection. */
static struct milter_client *make(int *ret_peer)
{
	struct milter_client *c;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	c = milter_attach(fd[0], TIMEOUT_MS);
	assert_non_null(c);
	*ret_peer = fd[1];
	return c;
}

static void say(int fd, const void *bytes, size_t n)
{
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
}

static void expect(int fd, const void *bytes, size_t n)
{
	char got[512];

	assert_int_equal(recv(fd, got, sizeof(got), MSG_DONTWAIT), (ssize_t)n);
	assert_memory_equal(got, bytes, n);
}

static void expect_nothing(int fd)
{
	char got;

	assert_int_equal(recv(fd, &got, 1, MSG_DONTWAIT), -1);
}

#define SAY(fd, literal)    say(fd, literal, sizeof(literal) - 1)
#define EXPECT(fd, literal) expect(fd, literal, sizeof(literal) - 1)
#define MACROS(...)	    ((const char *const[]){ __VA_ARGS__, NULL })

/* Negotiates: no CONNECT, no reply to MAIL, one macro at RCPT. */
static struct milter_client *agree(int *ret_peer)
{
	struct milter_client *c = make(ret_peer);

	SAY(*ret_peer, "\0\0\0\x1dO\0\0\0\6\0\0\0\x11\0\0\x40\1\0\0\0\3{rcpt_host}\0");
	assert_int_equal(milter_negotiate(c, MILTER_OFFER_ALL), 0);
	EXPECT(*ret_peer, "\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff");
	return c;
}

static void negotiation(void **state)
{
	AUTO(closep) int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	(void)state;

	assert_int_equal(milter_terms(c)->version, 6);
	assert_int_equal(milter_terms(c)->actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS);
	assert_int_equal(milter_terms(c)->steps, SMFIP_NOCONNECT | SMFIP_NR_MAIL);
	assert_string_equal(milter_terms(c)->symbols[SMFIM_ENVRCPT], "{rcpt_host}");
	assert_null(milter_terms(c)->symbols[SMFIM_ENVFROM]);
}

static void a_step_that_is_not_wanted_is_not_sent(void **state)
{
	AUTO(closep) int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	struct milter_reply reply = { 0 };
	(void)state;

	assert_int_equal(milter_macros(c, SMFIC_CONNECT, MACROS("j", "mail.example")), 0);
	assert_int_equal(milter_connection(c, "h", "192.0.2.1", 25, &reply), 0);
	assert_int_equal(reply.code, SMFIR_CONTINUE);
	assert_false(reply.sent);
	expect_nothing(peer);
}

static void a_promised_silence_is_not_awaited(void **state)
{
	AUTO(closep) int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	struct milter_reply reply = { 0 };
	(void)state;

	assert_int_equal(milter_mail(c, "<a@b>", &reply), 0);
	assert_true(reply.sent);
	assert_false(reply.awaited);
	EXPECT(peer, "\0\0\0\7M<a@b>\0");
}

static void only_macros_that_were_asked_for_are_sent(void **state)
{
	AUTO(closep) int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	(void)state;

	SAY(peer, "\0\0\0\1c");
	assert_int_equal(
		milter_macros(c, SMFIC_RCPT, MACROS("{rcpt_mailer}", "smtp", "{rcpt_host}", "b")),
		0);
	assert_int_equal(milter_rcpt(c, "<a@b>", NULL), 0);
	EXPECT(peer, "\0\0\0\x10"
		     "DR{rcpt_host}\0b\0"
		     "\0\0\0\7R<a@b>\0");
	SAY(peer, "\0\0\0\1c");
	assert_int_equal(milter_rcpt(c, "<a@b>", NULL), 0);
	EXPECT(peer, "\0\0\0\7R<a@b>\0"); /* they held for one step */
}

static void replies(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t n;
		int r;
		char code;
		const char *text;
	} T[] = {
	/* clang-format off */
#define CASE(name, bytes, r, code, text) { name, bytes, sizeof(bytes) - 1, r, code, text }
		CASE("continue", "\0\0\0\1c", 0, SMFIR_CONTINUE, ""),
		CASE("tempfail", "\0\0\0\1t", 0, SMFIR_TEMPFAIL, ""),
		CASE("text", "\0\0\0\x0fy451 4.7.5 bad\0", 0, SMFIR_REPLYCODE, "451 4.7.5 bad"),
		CASE("progress first", "\0\0\0\1p\0\0\0\1c", 0, SMFIR_CONTINUE, ""),
		CASE("text without its NUL", "\0\0\0\4y451", -EPROTO, 0, NULL),
		CASE("unknown letter", "\0\0\0\1!", -EPROTO, 0, NULL),
		CASE("no letter", "\0\0\0\0", -EPROTO, 0, NULL),
		CASE("too long", "\x7f\0\0\1c", -EPROTO, 0, NULL),
		CASE("half a packet", "\0\0\0\2y", -ETIMEDOUT, 0, NULL),
#undef CASE
		/* clang-format on */
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(T); i++) {
		AUTO(closep) int peer = -1;
		AUTO(freep) struct milter_client *c = agree(&peer);
		struct milter_reply reply = { 0 };
		int r;

		say(peer, T[i].bytes, T[i].n);
		r = milter_rcpt(c, "<a@b>", &reply);
		if (r != T[i].r)
			fail_msg("%s: got %d, want %d", T[i].name, r, T[i].r);
		if (r == 0 && (reply.code != T[i].code || strcmp(reply.text, T[i].text) != 0))
			fail_msg("%s: got %c \"%s\"", T[i].name, reply.code, reply.text);
	}
}

static void a_closed_connection_is_reported(void **state)
{
	int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	(void)state;

	(void)close(peer);
	assert_int_equal(milter_rcpt(c, "<a@b>", NULL), -ECONNRESET);
}

static void changes_live_until_the_next_message(void **state)
{
	AUTO(closep) int peer = -1;
	AUTO(freep) struct milter_client *c = agree(&peer);
	const struct milter_change *change;
	struct milter_reply reply;
	size_t n;
	(void)state;

	SAY(peer, "\0\0\0\x0bm\0\0\0\2Name\0\0"
		  "\0\0\0\7hA\0b c\0"
		  "\0\0\0\x09i\0\0\0\0A\0b\0"
		  "\0\0\0\1c");
	assert_int_equal(milter_eom(c, &reply), 0);
	change = milter_changes(c, &n);
	assert_int_equal(n, 3);
	assert_int_equal(change[0].kind, SMFIR_CHGHEADER);
	assert_int_equal(change[0].index, 2);
	assert_string_equal(change[0].name, "Name");
	assert_string_equal(change[0].value, "");
	assert_int_equal(change[1].kind, SMFIR_ADDHEADER);
	assert_string_equal(change[1].value, "b c");
	assert_int_equal(change[2].kind, SMFIR_INSHEADER);
	assert_string_equal(change[2].name, "A");
	assert_int_equal(milter_mail(c, "<>", NULL), 0);
	(void)milter_changes(c, &n);
	assert_int_equal(n, 0);
}

static void addresses(void **state)
{
	static const struct {
		const char *address;
		int r;
	} T[] = {
		{ "unix:/nonexistent/milter.sock", -ENOENT },
		{ "local:/nonexistent/milter.sock", -ENOENT },
		{ "unix:", -EINVAL },
		{ "/nonexistent/milter.sock", -EINVAL },
		{ "inet:70000@127.0.0.1", -EINVAL },
		{ "inet:25", -EINVAL },
		{ "inet:25@localhost", -EINVAL },
		{ "inet6:25@127.0.0.1", -EINVAL },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(T); i++) {
		int r = milter_dial(T[i].address);

		if (r != T[i].r)
			fail_msg("%s: got %d, want %d", T[i].address, r, T[i].r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negotiation),
		cmocka_unit_test(a_step_that_is_not_wanted_is_not_sent),
		cmocka_unit_test(a_promised_silence_is_not_awaited),
		cmocka_unit_test(only_macros_that_were_asked_for_are_sent),
		cmocka_unit_test(replies),
		cmocka_unit_test(a_closed_connection_is_reported),
		cmocka_unit_test(changes_live_until_the_next_message),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
