/* Who is told that DANE is theirs to do: the MTA that `dane` names, at its own door (RFC 8461 s2). */
#include "tests/unit/test.h"

#include "milter/daemon/protocol.h"
#include "milter/daemon/trail.h"
#include "tests/unit/control_kit.h"

enum { WORDS = 300 };

/* What is said to a request, as it goes over the wire. */
static void ask_desk(struct stage *s, const struct protocol *protocol, const char *request,
		     char out[WORDS])
{
	static const char head[PROTOCOL_HEAD] = "";
	static struct desk desk; /* large */
	struct door door = { .engine = s->engine,
			     .env = &s->env,
			     .settings = s->settings,
			     .log = s->log,
			     .trail = trail_new(1) };
	struct question q = { .hop = { .kind = NEXTHOP_NONE } };
	struct judgement j;

	desk = (struct desk){ .door = &door, .said = said_new(1) };
	buf_init(&desk.out, PROTOCOL_HEAD + LIMIT_MAP_REPLY + 1);
	buf_add(&desk.out, head, sizeof(head));
	assert_true(protocol->understand(&desk, span_of(request), &q));
	engine_check(s->engine, &q.hop, s->world.mono + 10000, &j);
	q.answer(&desk, &q, &j, 0);
	assert_true(span_copy(protocol->frame(&desk), out, WORDS));
	judgement_release(&j);
	said_free(desk.said);
	trail_free(door.trail);
	buf_release(&desk.out);
}

static void who_does_dane(void **state)
{
#define VERIFY "secure match=mx.d.example servername=hostname,"
	static const struct {
		enum dane_by dane;
		const char *postfix, *sendmail, *exim;
	} rows[] = {
		{ DANE_BY_NOBODY, "48:OK " VERIFY, "48:OK " VERIFY, "secure mx.d.example\n" },
		{ DANE_BY_POSTFIX, "12:OK dane-only,", "48:OK " VERIFY, "secure mx.d.example\n" },
		{ DANE_BY_EXIM, "48:OK " VERIFY, "48:OK " VERIFY, "dane\n" },
	};
	struct stage *s = *state;
	char got[WORDS];

	fake_world_tell(&s->world, "mx", "d.example", "secure 10 mx.d.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "secure 20.0.0.1");
	fake_world_tell(&s->world, "tlsa", "mx.d.example", "\"3 1 1 aa*32\"");
	fake_world_tell(&s->world, "dane", "mx.d.example 20.0.0.1", "dane-ok");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		s->settings->dane = (int)rows[i].dane;
		ask_desk(s, &socketmap_protocol, "postfix d.example", got);
		assert_string_equal(got, rows[i].postfix);
		ask_desk(s, &socketmap_protocol, "sts d.example", got);
		assert_string_equal(got, rows[i].sendmail);
		ask_desk(s, &exim_protocol, "policy d.example", got);
		assert_string_equal(got, rows[i].exim);
		ask_desk(s, &exim_protocol, "mx d.example mx.d.example", got);
		assert_string_equal(got, "ok\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_does_dane, control_kit_set_up,
						control_kit_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
