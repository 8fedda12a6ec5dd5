/* A datagram on tlsrpt_socket: what is taken from it is bounded, normalized and printable. */
#include "tests/fuzz/fuzz.h"

#include "milter/daemon/tlsrpt_datagram.h"

#include "common/store/store.h"

static void check_text(const char *text, size_t most)
{
	MUST(text != NULL && strlen(text) <= most);
	for (; *text != '\0'; text++)
		MUST((*text >= ' ' && *text <= '~') || *text == '\n');
}

static void check(const struct tls_outcome *o)
{
	check_text(o->policy, OUTCOME_POLICY);
	check_text(o->record, OUTCOME_RECORD);
	check_text(o->mx, OUTCOME_TEXT);
	check_text(o->helo, OUTCOME_TEXT);
	check_text(o->receiving_ip, OUTCOME_TEXT);
	check_text(o->sending_ip, OUTCOME_TEXT);
	check_text(o->info, OUTCOME_TEXT);
	check_text(o->reason, OUTCOME_TEXT);
	MUST(strchr(o->reason, '\n') == NULL && strchr(o->helo, '\n') == NULL);
	MUST(o->mx[0] == '\0' || domain_is_normal(o->mx));
	MUST(o->result < TLS_RESULT_COUNT && o->count == 1 && o->sessions <= 1);
	MUST(outcome_policy_value(o->policy, "type").n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlsrpt_datagram d = { .n = 0 };
	const char *why = NULL;
	struct arena arena;
	int r;

	arena_init(&arena, TLSRPT_MEMORY);
	r = tlsrpt_datagram_parse(span_make(data, size), &arena, &d, &why);
	MUST(r == 0 || (r == TLSRPT_MALFORMED && why != NULL));
	MUST((r == 0) == (d.n > 0));
	MUST(d.n <= TLSRPT_POLICIES * (TLSRPT_FAILURES + 1));
	if (r == 0)
		MUST(domain_is_normal(d.hop.domain));
	for (size_t i = 0; i < d.n; i++)
		check(&d.outcomes[i]);
	arena_release(&arena);
	return 0;
}
