/* Messages from MAIL to end: the MTA-STS-Verdict field, several messages in a session, sessions that break off. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <sys/socket.h>

#include "common/base/cleanup.h"
#include "tests/daemon/mta.h"
#include "tests/daemon/village.h"

#define OUTSIDE "192.0.2.1"
#define TRUSTED "127.0.0.1"
#define FIELD	"MTA-STS-Verdict"

static void freep(struct milter_client **c)
{
	*c = milter_free(*c);
}

static struct milter_client *session(void **state, const char *client)
{
	struct stage *s = *state;

	return mta_open(s->daemon.address, MTA_POSTFIX, client);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The decision id is the message's own: ID instead. */
static void mask_id(struct buf *header)
{
	char *at = strstr(header->p, "id=");

	for (char *p = at != NULL ? at + 3 : NULL; p != NULL && is_hex(*p); p++)
		*p = 'x';
}

/* One message to the recipients that are accepted; returns its header with the id masked. */
static struct buf deliver(struct milter_client *c, const char *const *rcpts,
			  const struct mta_field *fields)
{
	struct buf header;

	mta_mail(c, NULL);
	for (; *rcpts != NULL; rcpts++)
		(void)mta_simple_rcpt(c, *rcpts);
	mta_finish(c, fields, &header);
	mask_id(&header);
	return header;
}

#define RCPTS(...)  ((const char *const[]){ __VA_ARGS__, NULL })
#define FIELDS(...) ((const struct mta_field[]){ __VA_ARGS__, { NULL, NULL } })
#define OURS(word)  FIELD ": mx.test.example; id=xxxxxxxxxxxxxxxx; result=" word "\n"

static void one_word_says_the_worst(void **state)
{
	static const struct {
		const char *name;
		const char *rcpts[4];
		const char *want;
	} T[] = {
		{ "no policy", { "a@plain.example" }, OURS("none") },
		{ "good", { "a@good.example" }, OURS("pass") },
		{ "good and none", { "a@plain.example", "a@good.example" }, OURS("none") },
		{ "testing", { "a@good.example", "a@testing.example" }, OURS("testing") },
		/* a recipient that was put off is none of this message's recipients */
		{ "put off", { "a@bare.example", "a@good.example" }, OURS("pass") },
	};

	for (size_t i = 0; i < ARRAY_LEN(T); i++) {
		AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
		struct buf header = deliver(c, T[i].rcpts, FIELDS({ "Subject", "x" }));
		const char *end = strstr(buf_text(&header), "Subject: x\n");

		if (end == NULL || strcmp(end, "Subject: x\n") != 0)
			fail_msg("%s: field in the wrong place: %s", T[i].name, buf_text(&header));
		header.p[end - header.p] = '\0';
		if (strcmp(header.p, T[i].want) != 0)
			fail_msg("%s: got %s", T[i].name, header.p);
		buf_release(&header);
	}
}

/* A Bcc recipient's domain must not show, nor that there is one; at worst the word of a worse verdict does. */
static void a_blind_recipient_leaves_no_trace(void **state)
{
	static const struct {
		const char *to, *bcc;
	} T[] = {
		{ "a@good.example", "b@good.example" },
		{ "a@plain.example", "b@plain.example" },
		{ "a@plain.example", "b@good.example" },
		{ "a@testing.example", "b@plain.example" },
		{ "a@testing.example", "b@good.example" },
		{ "a@good.example", "b@bare.example" },
		{ "a@good.example", "b@forged.example" },
		{ "a@plain.example", "b@expired.example" },
	};
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);

	for (size_t i = 0; i < ARRAY_LEN(T); i++) {
		const struct mta_field *fields = FIELDS({ "To", T[i].to }, { "Subject", "x" });
		struct buf without = deliver(c, RCPTS(T[i].to), fields);
		struct buf with = deliver(c, RCPTS(T[i].to, T[i].bcc), fields);

		if (strcmp(buf_text(&without), buf_text(&with)) != 0)
			fail_msg("%s with %s: %s without: %s", T[i].to, T[i].bcc, buf_text(&with),
				 buf_text(&without));
		buf_release(&with);
		buf_release(&without);
	}
}

/* What came in. `stays`: still there afterwards, beside our own field. */
static const struct {
	const char *name, *value;
	bool stays;
} CLAIMS[] = {
	{ FIELD, "mx.test.example; id=0; result=pass", false },
	{ FIELD, " mx.test.example; id=0; result=pass", false },
	{ "mta-sts-verdict", "mx.test.example; result=pass", false },
	{ "MTA-STS-VERDICT", "MX.Test.Example; result=pass", false },
	{ FIELD, "mx.test.example.; result=pass", false },
	{ FIELD, "mx.test.example", false },
	{ FIELD, "mx.test.example;result=pass", false },
	{ FIELD, "(comment) mx.test.example; result=pass", false },
	{ FIELD, "(a(b)c\\)d)\tmx.test.example (x); result=pass", false },
	{ FIELD, "\r\n\tmx.test.example; result=pass", false },
	{ FIELD, "\"mx.test.example\"; result=pass", false },
	{ FIELD, "other.example; id=0; result=pass", true },
	{ FIELD, "mx.test.example.org; result=pass", true },
	{ FIELD, "amx.test.example; result=pass", true },
	{ FIELD, "", true },
	{ "X-MTA-STS-Verdict", "mx.test.example; result=pass", true },
	{ "MTA-STS-Verdicts", "mx.test.example; result=pass", true },
};

static void a_field_in_our_name_is_removed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(CLAIMS); i++) {
		AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
		struct buf header =
			deliver(c, RCPTS("a@good.example"),
				FIELDS({ "Subject", "x" }, { CLAIMS[i].name, CLAIMS[i].value }));
		char want[600];
		int n = snprintf(want, sizeof(want), "%sSubject: x\n", OURS("pass"));

		if (CLAIMS[i].stays)
			(void)snprintf(want + n, sizeof(want) - (size_t)n, "%s: %s\n",
				       CLAIMS[i].name, CLAIMS[i].value);
		if (strcmp(buf_text(&header), want) != 0)
			fail_msg("row %zu (%s: %s): got\n%s", i, CLAIMS[i].name, CLAIMS[i].value,
				 buf_text(&header));
		buf_release(&header);
	}
}

/* Removed ones between others: the numbers that the MTA counts by must be right. */
static void each_of_many_fields_gets_what_it_deserves(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
	struct buf header = deliver(
		c, RCPTS("a@good.example"),
		FIELDS({ FIELD, "mx.test.example; result=pass" },
		       { FIELD, "one.example; result=pass" }, { "Subject", "x" },
		       { "mta-sts-verdict", "mx.test.example; result=none" },
		       { FIELD, "mx.test.example; result=pass" },
		       { FIELD, "two.example; result=fail" }, { FIELD, "mx.test.example" }));

	assert_string_equal(buf_text(&header),
			    OURS("pass") FIELD ": one.example; result=pass\n"
					       "Subject: x\n" FIELD ": two.example; result=fail\n");
	buf_release(&header);
}

/* A content filter that hands the message back: what we said the first time stays, once. */
static void a_trusted_client_keeps_its_field(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, TRUSTED);
	struct buf header = deliver(
		c, RCPTS("a@good.example"),
		FIELDS({ FIELD, "mx.test.example; id=0123; result=none" }, { "Subject", "x" }));

	assert_non_null(strstr(buf_text(&header), "result=none\n"));
	buf_release(&header);
	header = deliver(c, RCPTS("a@good.example"), FIELDS({ "Subject", "x" }));
	assert_string_equal(buf_text(&header), OURS("pass") "Subject: x\n");
	buf_release(&header);
}

/* Nothing of a message is left for the next one in the same session, however it ended. */
static void messages_in_one_session_are_strangers(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
	struct buf header;

	mta_mail(c, NULL);
	(void)mta_simple_rcpt(c, "a@testing.example");
	assert_int_equal(milter_abort(c), 0);
	header = deliver(c, RCPTS("a@plain.example"), FIELDS({ "Subject", "x" }));
	assert_string_equal(buf_text(&header), OURS("none") "Subject: x\n");
	buf_release(&header);

	mta_mail(c, NULL);
	(void)mta_simple_rcpt(c, "a@good.example");
	assert_int_equal(milter_header(c, FIELD, "mx.test.example; result=pass", NULL), 0);
	assert_int_equal(milter_abort(c), 0);
	header = deliver(c, RCPTS("a@good.example"),
			 FIELDS({ FIELD, "other.example; result=pass" }));
	assert_string_equal(buf_text(&header), OURS("pass") FIELD ": other.example; result=pass\n");
	buf_release(&header);

	header = deliver(c, RCPTS("a@bare.example", "a@testing.example"),
			 FIELDS({ "Subject", "x" }));
	buf_release(&header);
	header = deliver(c, RCPTS("a@good.example"), FIELDS({ "Subject", "x" }));
	assert_string_equal(buf_text(&header), OURS("pass") "Subject: x\n");
	buf_release(&header);
}

/* Every message has an id of its own. */
static void ids_differ(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
	char id[2][17];

	for (int i = 0; i < 2; i++) {
		struct buf header;
		const char *at;

		mta_mail(c, NULL);
		(void)mta_simple_rcpt(c, "a@plain.example");
		mta_finish(c, FIELDS({ "Subject", "x" }), &header);
		at = strstr(buf_text(&header), "id=");
		assert_non_null(at);
		(void)snprintf(id[i], sizeof(id[i]), "%s", at + 3);
		buf_release(&header);
	}
	assert_string_not_equal(id[0], id[1]);
}

/* Clients and MTAs go away at every step; the daemon serves the next one. */
static void sessions_that_break_off_do_no_harm(void **state)
{
	for (int steps = 0; steps < 7 * 10; steps++) {
		AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
		int last = steps % 7;

		if (last > 0)
			mta_mail(c, NULL);
		if (last > 1)
			(void)mta_simple_rcpt(c, "a@good.example");
		if (last > 2)
			(void)mta_simple_rcpt(c, "a@bare.example");
		if (last > 3)
			(void)milter_header(c, FIELD, "mx.test.example; result=pass", NULL);
		if (last > 4)
			(void)milter_abort(c);
		if (last > 5)
			(void)milter_quit(c);
	}
	one_word_says_the_worst(state);
}

/* The connection ends in the middle of a packet, or while the daemon is still asking. */
static void sessions_that_are_cut_off_do_no_harm(void **state)
{
	static const char half[] = { 0, 0, 1, 0, 'R', '<', 'a' };
	struct stage *s = *state;

	for (int i = 0; i < 10; i++) {
		struct milter_client *c = session(state, OUTSIDE);
		char domain[64];

		mta_mail(c, NULL);
		assert_int_equal(send(milter_fd(c), half, sizeof(half), MSG_NOSIGNAL),
				 (ssize_t)sizeof(half));
		milter_free(c);
		c = session(state, OUTSIDE);
		mta_mail(c, NULL);
		(void)snprintf(domain, sizeof(domain), "<a@cut%d.silent.example>", i);
		assert_int_equal(milter_post(c, SMFIC_RCPT, domain, strlen(domain) + 1), 1);
		milter_free(c);
	}
	assert_int_not_equal(s->daemon.child.pid, 0);
	one_word_says_the_worst(state);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The id of the message in our field. */
static void id_of(const struct buf *header, char id[17])
{
	const char *at = strstr(buf_text(header), "id=");

	assert_non_null(at);
	(void)snprintf(id, 17, "%s", at + 3);
}

static const struct {
	const char *name;
	const char *parameters[3];
	struct mta_field fields[3];
	const char *want; /* behind rcpts=1 */
} ASKED[] = {
	/* clang-format off */
	{ "nothing", { NULL }, { { "Subject", "x" } }, "" },
	{ "no", { NULL }, { { "TLS-Required", "No" } }, " tls_required=no" },
	{ "case and folding", { NULL }, { { "tls-required", "\r\n\t nO " } }, " tls_required=no" },
	{ "another word", { NULL }, { { "TLS-Required", "Yes" } }, " tls_required=malformed" },
	{ "a comment", { NULL }, { { "TLS-Required", "No (really)" } }, " tls_required=malformed" },
	{ "empty", { NULL }, { { "TLS-Required", "" } }, " tls_required=malformed" },
	{ "twice", { NULL }, { { "TLS-Required", "No" }, { "TLS-Required", "No" } }, " tls_required=malformed" },
	{ "another field", { NULL }, { { "X-TLS-Required", "No" } }, "" },
	{ "REQUIRETLS", { "BODY=8BITMIME", "REQUIRETLS" }, { { "Subject", "x" } }, " requiretls=yes" },
	{ "in small letters", { "requiretls" }, { { "Subject", "x" } }, " requiretls=yes" },
	{ "with a value", { "REQUIRETLS=1" }, { { "Subject", "x" } }, "" },
	/* s4.1: the field is ignored */
	{ "both", { "REQUIRETLS" }, { { "TLS-Required", "No" } }, " requiretls=yes tls_required=ignored" },
	/* clang-format on */
};

/* RFC 8689: what a message asks for is told, and belongs to that message alone; RCPT was answered before. */
static void what_rfc8689_asks_for_is_recorded(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(ASKED); i++) {
		char id[17], want[200];
		const char *const message[] = { "event=message", id, NULL };
		const char *const rcpt[] = { "event=rcpt", id, "requiretls=yes", NULL };
		struct buf header, log;
		const char *line;

		assert_int_equal(
			milter_mail_with(c, "<s@client.example>", ASKED[i].parameters, NULL), 0);
		(void)mta_simple_rcpt(c, "a@plain.example");
		mta_finish(c, ASKED[i].fields, &header);
		id_of(&header, id);
		buf_release(&header);
		assert_int_equal(daemon_await_logged(&s->daemon, message), 1);
		assert_int_equal(daemon_read_log(&s->daemon, &log), 0);
		(void)snprintf(want, sizeof(want), "event=message id=%s", id);
		line = strstr(buf_text(&log), want);
		assert_non_null(line);
		(void)snprintf(want, sizeof(want), " rcpts=1%s\n", ASKED[i].want);
		line = strstr(line, " rcpts=");
		if (line == NULL || !begins(line, want))
			fail_msg("%s: expected%s", ASKED[i].name, want);
		buf_release(&log);
		/* a recipient that is put off never gets as far as a message */
		assert_int_equal(daemon_logged(&s->daemon, rcpt),
				 strstr(ASKED[i].want, "requiretls=yes") != NULL);
	}
}

/* ... at the end of the header: also of a message that does not end. */
static void it_is_recorded_at_the_end_of_the_header(void **state)
{
	AUTO(freep) struct milter_client *c = session(state, OUTSIDE);
	const char *const told[] = { "event=tls-required", "qid=4XHeader", "tls_required=no", NULL };
	struct stage *s = *state;

	mta_mail(c, NULL);
	(void)mta_simple_rcpt(c, "a@plain.example");
	assert_int_equal(milter_header(c, "TLS-Required", "No", NULL), 0);
	assert_int_equal(
		milter_macros(c, SMFIC_EOH, (const char *const[]){ "i", "4XHeader", NULL }), 0);
	assert_int_equal(milter_eoh(c, NULL), 0);
	assert_int_equal(daemon_await_logged(&s->daemon, told), 1);
	assert_int_equal(milter_abort(c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_word_says_the_worst),
		cmocka_unit_test(a_blind_recipient_leaves_no_trace),
		cmocka_unit_test(a_field_in_our_name_is_removed),
		cmocka_unit_test(each_of_many_fields_gets_what_it_deserves),
		cmocka_unit_test(a_trusted_client_keeps_its_field),
		cmocka_unit_test(messages_in_one_session_are_strangers),
		cmocka_unit_test(ids_differ),
		cmocka_unit_test(what_rfc8689_asks_for_is_recorded),
		cmocka_unit_test(it_is_recorded_at_the_end_of_the_header),
		cmocka_unit_test(sessions_that_break_off_do_no_harm),
		cmocka_unit_test(sessions_that_are_cut_off_do_no_harm),
	};
	int status = village_enter();

	return status != 0 ? status
			   : cmocka_run_group_tests(tests, village_setup, village_teardown);
}
