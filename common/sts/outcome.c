#include "config.h"

#include "common/sts/outcome.h"

#include <stddef.h>
#include <string.h>

#include "common/base/netaddr.h"
#include "common/base/siphash.h"
#include "common/base/text.h"
#include "common/sts/domain.h"

static const struct {
	const char *name;
	int code;
} results[TLS_RESULT_COUNT] = {
#define X(id, name, code) [TLS_RESULT_##id] = { name, code },
	TLS_RESULTS(X)
#undef X
};

const char *tls_result_name(enum tls_result r)
{
	return results[r].name;
}

int tls_result_from_name(const char *name)
{
	for (int i = 0; i < TLS_RESULT_COUNT; i++)
		if (strcmp(results[i].name, name) == 0)
			return i;
	return -1;
}

int tls_result_from_code(int64_t code)
{
	for (int i = TLS_RESULT_SUCCESS + 1; i < TLS_RESULT_COUNT; i++)
		if (results[i].code == code)
			return i;
	return -1;
}

const char *outcome_source_name(enum outcome_source s)
{
	return s == OUTCOME_OF_LOG ? "log" : "session";
}

const char *outcome_policy_name(int64_t type)
{
	switch (type) {
	case OUTCOME_POLICY_UNKNOWN:
		return "unknown";
	case OUTCOME_POLICY_TLSA:
		return "tlsa";
	case OUTCOME_POLICY_STS:
		return "sts";
	case OUTCOME_POLICY_NONE:
		return "no-policy-found";
	default:
		return NULL;
	}
}

enum { TEXTS = 9 };

static const size_t texts[TEXTS] = {
	offsetof(struct tls_outcome, domain),	  offsetof(struct tls_outcome, policy),
	offsetof(struct tls_outcome, record),	  offsetof(struct tls_outcome, mx),
	offsetof(struct tls_outcome, helo),	  offsetof(struct tls_outcome, receiving_ip),
	offsetof(struct tls_outcome, sending_ip), offsetof(struct tls_outcome, info),
	offsetof(struct tls_outcome, reason),
};

static const char **text_at(struct tls_outcome *o, size_t i)
{
	return (const char **)((char *)o + texts[i]);
}

static const char *text_of(const struct tls_outcome *o, size_t i)
{
	return *(const char *const *)((const char *)o + texts[i]);
}

size_t outcome_room(const struct tls_outcome *o)
{
	size_t n = 0;

	for (size_t i = 0; i < TEXTS; i++)
		n += strlen(text_of(o, i)) + 1;
	return n;
}

struct tls_outcome outcome_copy(const struct tls_outcome *o, char *room)
{
	struct tls_outcome copy = *o;

	for (size_t i = 0; i < TEXTS; i++) {
		size_t n = strlen(text_of(o, i)) + 1;

		memcpy(room, text_of(o, i), n);
		*text_at(&copy, i) = room;
		room += n;
	}
	return copy;
}

bool outcome_same(const struct tls_outcome *a, const struct tls_outcome *b)
{
	if (a->day != b->day || a->source != b->source || a->result != b->result)
		return false;
	for (size_t i = 0; i < TEXTS; i++)
		if (strcmp(text_of(a, i), text_of(b, i)) != 0)
			return false;
	return true;
}

uint64_t outcome_key(const struct tls_outcome *o)
{
	struct siphash_key key = { 0x6f7574636f6d6520, 0x6b65792031202020 };
	const int64_t numbers[] = { o->day, o->source, o->result };

	for (size_t i = 0; i < TEXTS; i++)
		key.k0 ^= siphash13(&key, text_of(o, i), strlen(text_of(o, i)));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[8];

		for (size_t j = 0; j < sizeof(text); j++)
			text[j] = (char)((uint64_t)numbers[i] >> 8 * j & 0xff);
		key.k0 ^= siphash13(&key, text, sizeof(text));
	}
	return key.k0;
}

struct tls_outcome outcome_folded(const struct tls_outcome *o)
{
	struct tls_outcome folded = *o;

	folded.mx = folded.helo = folded.receiving_ip = folded.sending_ip = "";
	folded.info = folded.reason = "";
	return folded;
}

static const char *kept(struct arena *arena, const char *text)
{
	const char *copy = text[0] != '\0' ? arena_strdup(arena, span_of(text)) : "";

	return copy != NULL ? copy : "";
}

const char *outcome_words(struct arena *arena, struct span text)
{
	char words[OUTCOME_TEXT + 1];

	return kept(arena, text_printable(text, words, sizeof(words)));
}

const char *outcome_host(struct arena *arena, struct span text)
{
	char name[DOMAIN_SIZE];

	return domain_normalize(text, name) == DOMAIN_OK ? kept(arena, name) : "";
}

const char *outcome_address(struct arena *arena, struct span text)
{
	char addr[NETADDR_TEXT];
	struct netaddr a;

	return netaddr_parse(text, &a) ? kept(arena, netaddr_format(&a, addr)) : "";
}

static bool is_printable(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return false;
	return true;
}

const char *outcome_record(struct arena *arena, struct span text)
{
	char record[OUTCOME_RECORD + 1];

	return span_copy(text, record, sizeof(record)) && is_printable(text) ? kept(arena, record)
									     : "";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *outcome_helo(struct arena *arena, struct span text)
{
	struct span line = { NULL, 0 }, word = { NULL, 0 };

	(void)span_line(&text, &line);
	if (line.n >= 4 && is_digit(line.p[0]) && is_digit(line.p[1]) && is_digit(line.p[2]) &&
	    (line.p[3] == '-' || line.p[3] == ' '))
		line = span_make(line.p + 4, line.n - 4);
	line = span_trim(line);
	if (!span_until(&line, ' ', line.n, &word))
		word = line;
	return outcome_words(arena, word);
}

static bool add_line(struct buf *out, const char *key, struct span value)
{
	size_t before = out->n;

	if (buf_adds(out, key) == 0 && buf_addc(out, ' ') == 0 &&
	    text_escape(out, value, OUTCOME_TEXT) == 0 && buf_addc(out, '\n') == 0)
		return true;
	if (out->p != NULL)
		out->p[before] = '\0';
	out->n = before;
	return false;
}

const char *outcome_policy_text(struct arena *arena, const struct outcome_policy *p)
{
	struct buf out;
	size_t left_out = 0;
	const char *text;

	/* Room for "left-out 65536". */
	buf_init(&out, OUTCOME_POLICY - 20);
	(void)add_line(&out, "type", span_of(outcome_policy_name(p->type)));
	if (p->domain.n > 0)
		left_out += !add_line(&out, "domain", p->domain);
	for (size_t i = 0; i < p->n_strings; i++)
		left_out += !add_line(&out, "string", p->strings[i]);
	for (size_t i = 0; i < p->n_mx; i++)
		left_out += !add_line(&out, "mx", p->mx[i]);
	out.max = OUTCOME_POLICY;
	if (left_out > 0)
		(void)buf_addf(&out, "left-out %zu\n", left_out);
	text = kept(arena, buf_text(&out));
	buf_release(&out);
	return text;
}

bool outcome_policy_next(struct span *text, struct span *ret_key, struct span *ret_value)
{
	struct span line;

	if (!span_line(text, &line))
		return false;
	if (!span_until(&line, ' ', line.n, ret_key)) {
		*ret_key = line;
		line.n = 0;
	}
	*ret_value = line;
	return true;
}

struct span outcome_policy_value(const char *text, const char *key)
{
	struct span rest = span_of(text), name, value;

	while (outcome_policy_next(&rest, &name, &value))
		if (span_eq(name, key))
			return value;
	return span_of("");
}
