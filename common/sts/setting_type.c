#include "config.h"

#include "common/sts/setting_type.h"

#include "common/base/num.h"
#include "common/sts/setting_word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* One value on its way from text to its field. */
struct job {
	const struct setting_row *row;
	struct span text;
	struct arena *arena;
	void *slot;
	struct span *bad;
};

static int refuse(const struct job *job, struct span word)
{
	*job->bad = word;
	return SETTINGS_INVALID;
}

/* Bounds come from the table, which the tests walk: they are never malformed. */
static bool number(enum setting_kind kind, struct span text, int64_t *ret)
{
	uint64_t u = 0;
	unsigned mode = 0;
	bool ok;

	switch (kind) {
	case SETTING_OCTAL:
		ok = num_octal(text, 07777, &mode);
		u = mode;
		break;
	case SETTING_DURATION:
		return num_duration(text, ret);
	case SETTING_SIZE:
		ok = num_size(text, &u);
		break;
	default:
		ok = num_u64(text, INT64_MAX, &u);
		break;
	}
	if (ok)
		*ret = (int64_t)u;
	return ok;
}

static int parse_number(enum setting_kind kind, const struct job *job)
{
	int64_t value, min = 0, max = INT64_MAX;

	number(kind, span_of(job->row->min), &min);
	number(kind, span_of(job->row->max), &max);
	if (!number(kind, job->text, &value) || value < min || value > max)
		return refuse(job, job->text);
	*(int64_t *)job->slot = value;
	return 0;
}

static int parse_bool(const struct job *job)
{
	bool yes = span_caseeq(job->text, "yes");

	if (!yes && !span_caseeq(job->text, "no"))
		return refuse(job, job->text);
	*(bool *)job->slot = yes;
	return 0;
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* The place of word among blank-separated choices, or -1. */
static int choice_of(const char *choices, struct span word)
{
	struct span rest = span_of(choices), choice;

	for (int i = 0; span_word(&rest, &choice); i++)
		if (same(choice, word))
			return i;
	return -1;
}

static int parse_enum(const struct job *job)
{
	int i = choice_of(job->row->choices, job->text);

	if (i < 0)
		return refuse(job, job->text);
	*(int *)job->slot = i;
	return 0;
}

static int parse_grace(const struct job *job)
{
	struct span rest = job->text, word = { 0 }, time;
	struct grace_rule rule = { .kind = GRACE_ACCEPT };
	int64_t max = 0;

	if (!span_word(&rest, &word) || choice_of(job->row->choices, word) < 0)
		return refuse(job, word.n > 0 ? word : job->text);
	if (span_eq(word, "txt_failure"))
		rule.kind = GRACE_AS_TXT_FAILURE;
	if (span_eq(word, "tempfail"))
		rule.kind = GRACE_TEMPFAIL;
	if (span_word(&rest, &time)) {
		num_duration(span_of(job->row->max), &max);
		if (rule.kind != GRACE_TEMPFAIL || !num_duration(time, &rule.ms) || rule.ms < 1 ||
		    rule.ms > max || span_word(&rest, &word))
			return refuse(job, job->text);
		rule.kind = GRACE_TEMPFAIL_FOR;
	}
	*(struct grace_rule *)job->slot = rule;
	return 0;
}

static bool text_fits(enum setting_kind kind, const struct setting_row *row, struct span text)
{
	uint64_t max = 0;

	num_u64(span_of(row->max), SIZE_MAX, &max);
	if (text.n == 0)
		return setting_may_be_empty(row);
	switch (kind) {
	case SETTING_NAME:
		return word_is_name(text);
	case SETTING_HOST:
		return word_is_host(text);
	case SETTING_PATH:
		return word_is_path(text, max);
	case SETTING_SOCKET:
		return word_is_socket(text, max);
	case SETTING_VERSION:
		return word_is_version(text);
	case SETTING_ADDRESS4:
		return word_is_address(text, ADDR_V4);
	default:
		return word_is_address(text, ADDR_V6);
	}
}

static int parse_text(enum setting_kind kind, const struct job *job)
{
	char *copy;

	if (!text_fits(kind, job->row, job->text))
		return refuse(job, job->text);
	copy = arena_strdup(job->arena, job->text);
	if (copy == NULL)
		return -ENOMEM;
	*(char **)job->slot = copy;
	return 0;
}

static size_t count_words(struct span text)
{
	struct span word;
	size_t n = 0;

	while (span_word(&text, &word))
		n++;
	return n;
}

static bool word_fits(enum setting_kind kind, const struct setting_row *row, struct span word,
		      size_t n_words)
{
	uint64_t max = 0;

	switch (kind) {
	case SETTING_MAILERS:
		return word_is_mailer(word);
	case SETTING_NAMES:
		return word_is_name(word);
	case SETTING_SOCKETS:
		num_u64(span_of(row->max), SIZE_MAX, &max);
		return word_is_socket(word, max);
	case SETTING_STUBS:
		return word_is_stub(word);
	default:
		if (span_eq(word, "resolvconf") || span_eq(word, "recurse"))
			return n_words == 1;
		return word_is_resolver(word);
	}
}

static int parse_list(enum setting_kind kind, const struct job *job)
{
	struct string_list list = { .n = 0 };
	size_t n = count_words(job->text);
	struct span rest = job->text, word;
	char domain[DOMAIN_SIZE + 1];

	if (n == 0 && kind == SETTING_RESOLVERS)
		return refuse(job, job->text);
	list.v = arena_array(job->arena, n, sizeof(*list.v));
	if (list.v == NULL)
		return -ENOMEM;
	while (span_word(&rest, &word)) {
		bool fits = kind == SETTING_DOMAINS ? word_domain(word, domain)
						    : word_fits(kind, job->row, word, n);

		if (!fits)
			return refuse(job, word);
		if (kind == SETTING_DOMAINS)
			word = span_of(domain);
		list.v[list.n] = arena_strdup(job->arena, word);
		if (list.v[list.n++] == NULL)
			return -ENOMEM;
	}
	*(struct string_list *)job->slot = list;
	return 0;
}

static int parse_networks(const struct job *job)
{
	struct network_list list = { .n = 0 };
	struct span rest = job->text, word;

	list.v = arena_array(job->arena, count_words(job->text), sizeof(*list.v));
	if (list.v == NULL)
		return -ENOMEM;
	while (span_word(&rest, &word))
		if (!network_parse(word, &list.v[list.n++]))
			return refuse(job, word);
	*(struct network_list *)job->slot = list;
	return 0;
}

int setting_parse(enum setting_kind kind, const struct setting_row *row, struct span text,
		  struct arena *arena, void *slot, struct span *ret_bad)
{
	struct job job = { .row = row, .text = text, .arena = arena, .slot = slot, .bad = ret_bad };

	switch (kind) {
	case SETTING_BOOL:
		return parse_bool(&job);
	case SETTING_INT:
	case SETTING_OCTAL:
	case SETTING_DURATION:
	case SETTING_SIZE:
		return parse_number(kind, &job);
	case SETTING_ENUM:
		return parse_enum(&job);
	case SETTING_GRACE:
		return parse_grace(&job);
	case SETTING_NAME:
	case SETTING_HOST:
	case SETTING_PATH:
	case SETTING_SOCKET:
	case SETTING_VERSION:
	case SETTING_ADDRESS4:
	case SETTING_ADDRESS6:
		return parse_text(kind, &job);
	case SETTING_NETWORKS:
		return parse_networks(&job);
	default:
		return parse_list(kind, &job);
	}
}

static int format_choice(const char *choices, int i, struct buf *out)
{
	struct span rest = span_of(choices), choice = { 0 };

	while (span_word(&rest, &choice) && i > 0)
		i--;
	return buf_add(out, choice.p, choice.n);
}

static int format_grace(const struct grace_rule *rule, struct buf *out)
{
	char time[32];

	switch (rule->kind) {
	case GRACE_ACCEPT:
		return buf_adds(out, "accept");
	case GRACE_TEMPFAIL:
		return buf_adds(out, "tempfail");
	case GRACE_AS_TXT_FAILURE:
		return buf_adds(out, "txt_failure");
	default:
		return buf_addf(out, "tempfail %s", num_format_duration(rule->ms, time));
	}
}

static int format_list(const struct string_list *list, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < list->n && r == 0; i++)
		r = buf_addf(out, "%s%s", i > 0 ? " " : "", list->v[i]);
	return r;
}

static int format_networks(const struct network_list *list, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < list->n && r == 0; i++) {
		const struct network *net = &list->v[i];
		char text[NETADDR_TEXT];

		r = buf_addf(out, "%s%s", i > 0 ? " " : "", netaddr_format(&net->addr, text));
		if (r == 0 && net->prefix != (net->addr.family == ADDR_V4 ? 32 : 128))
			r = buf_addf(out, "/%u", net->prefix);
	}
	return r;
}

int setting_format(enum setting_kind kind, const struct setting_row *row, const void *slot,
		   struct buf *out)
{
	char number[32];

	switch (kind) {
	case SETTING_BOOL:
		return buf_adds(out, *(const bool *)slot ? "yes" : "no");
	case SETTING_INT:
		return buf_addf(out, "%" PRId64, *(const int64_t *)slot);
	case SETTING_OCTAL:
		return buf_addf(out, "0%03o", (unsigned)*(const int64_t *)slot);
	case SETTING_DURATION:
		return buf_adds(out, num_format_duration(*(const int64_t *)slot, number));
	case SETTING_SIZE:
		return buf_adds(out, num_format_size(*(const uint64_t *)slot, number));
	case SETTING_ENUM:
		return format_choice(row->choices, *(const int *)slot, out);
	case SETTING_GRACE:
		return format_grace(slot, out);
	case SETTING_NAME:
	case SETTING_HOST:
	case SETTING_PATH:
	case SETTING_SOCKET:
	case SETTING_VERSION:
	case SETTING_ADDRESS4:
	case SETTING_ADDRESS6:
		return buf_adds(out, *(char *const *)slot);
	case SETTING_NETWORKS:
		return format_networks(slot, out);
	default:
		return format_list(slot, out);
	}
}
