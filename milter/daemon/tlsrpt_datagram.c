#include "config.h"

#include "milter/daemon/tlsrpt_datagram.h"

#include "common/base/utf8.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

struct parser {
	struct arena *arena;
	const char *why; /* NULL: all is well so far */
	const char *record;
	size_t n;
	struct tls_outcome *outcomes;
};

static bool refuse(struct parser *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
	return false;
}

/* A copy in which every octet that is not UTF-8 is a question mark. NULL: no memory. */
static char *repaired(struct span in, struct arena *arena)
{
	char *out = arena_alloc(arena, in.n + 1);
	size_t at = 0;

	if (out == NULL)
		return NULL;
	if (in.n > 0)
		memcpy(out, in.p, in.n);
	while ((at += utf8_prefix(span_make(out + at, in.n - at))) < in.n)
		out[at++] = '?';
	return out;
}

/* What is missing is empty. */
static bool text_of(struct parser *p, const json_t *object, const char *key, struct span *ret)
{
	const json_t *value = json_object_get(object, key);

	if (value != NULL && !json_is_string(value))
		return refuse(p, "a text is no text");
	*ret = value != NULL ? span_make(json_string_value(value), json_string_length(value))
			     : span_of("");
	return true;
}

/* The array of that name; NULL: there is none. False: refused. */
static bool array_of(struct parser *p, const json_t *object, const char *key, size_t most,
		     const json_t **ret)
{
	*ret = json_object_get(object, key);
	if (*ret != NULL && !json_is_array(*ret))
		return refuse(p, "a list is no list");
	if (json_array_size(*ret) > most)
		return refuse(p, "a list is too long");
	return true;
}

static bool texts_of(struct parser *p, const json_t *object, const char *key, size_t *ret_n,
		     const struct span **ret)
{
	const json_t *array, *value;
	struct span *texts;
	size_t i;

	if (!array_of(p, object, key, TLSRPT_STRINGS, &array))
		return false;
	texts = arena_array(p->arena, json_array_size(array) + 1, sizeof(*texts));
	if (texts == NULL)
		return refuse(p, "no memory");
	json_array_foreach(array, i, value)
	{
		if (!json_is_string(value))
			return refuse(p, "a text of a list is no text");
		texts[i] = span_make(json_string_value(value), json_string_length(value));
	}
	*ret_n = json_array_size(array);
	*ret = texts;
	return true;
}

static bool policy_text_of(struct parser *p, const json_t *policy, const char **ret)
{
	const json_t *type = json_object_get(policy, "policy-type");
	int64_t number = json_integer_value(type);
	struct outcome_policy o = { .type = OUTCOME_POLICY_UNKNOWN };

	if (!json_is_integer(type) || number == OUTCOME_POLICY_UNKNOWN ||
	    outcome_policy_name(number) == NULL)
		return refuse(p, "policy-type is unknown");
	o.type = (enum outcome_policy_type)number;
	if (!text_of(p, policy, "policy-domain", &o.domain) ||
	    !texts_of(p, policy, "policy-string", &o.n_strings, &o.strings) ||
	    !texts_of(p, policy, "mx-host", &o.n_mx, &o.mx))
		return false;
	*ret = outcome_policy_text(p->arena, &o);
	return true;
}

static struct tls_outcome *add(struct parser *p, const char *policy, enum tls_result result)
{
	struct tls_outcome *o = &p->outcomes[p->n++];

	*o = (struct tls_outcome){ .domain = "",
				   .source = OUTCOME_OF_SESSION,
				   .policy = policy,
				   .record = p->record,
				   .result = result,
				   .mx = "",
				   .helo = "",
				   .receiving_ip = "",
				   .sending_ip = "",
				   .info = "",
				   .reason = "",
				   .count = 1 };
	return o;
}

static bool add_failure(struct parser *p, const char *policy, const json_t *detail)
{
	const json_t *code = json_object_get(detail, "c");
	int result = tls_result_from_code(json_integer_value(code));
	struct span sender, host, helo, receiver, info, reason;
	struct tls_outcome *o;

	if (!json_is_object(detail) || !json_is_integer(code) || result < 0)
		return refuse(p, "a failure has no known code");
	if (!text_of(p, detail, "s", &sender) || !text_of(p, detail, "n", &host) ||
	    !text_of(p, detail, "h", &helo) || !text_of(p, detail, "r", &receiver) ||
	    !text_of(p, detail, "a", &info) || !text_of(p, detail, "f", &reason))
		return false;
	o = add(p, policy, (enum tls_result)result);
	o->mx = outcome_host(p->arena, host);
	o->helo = outcome_helo(p->arena, helo);
	o->receiving_ip = outcome_address(p->arena, receiver);
	o->sending_ip = outcome_address(p->arena, sender);
	o->info = outcome_words(p->arena, info);
	o->reason = outcome_words(p->arena, reason);
	return true;
}

/* A session that came right in the end may have had failures; one that failed may not say how. */
static bool add_policy(struct parser *p, const json_t *policy)
{
	const json_t *final = json_object_get(policy, "f"), *details, *detail;
	bool failed = json_integer_value(final) == 1;
	size_t i, first = p->n;
	const char *text;

	if (!json_is_object(policy) || !json_is_integer(final) ||
	    (!failed && json_integer_value(final) != 0))
		return refuse(p, "a policy has no result");
	if (!policy_text_of(p, policy, &text) ||
	    !array_of(p, policy, "failure-details", TLSRPT_FAILURES, &details))
		return false;
	json_array_foreach(details, i, detail) if (!add_failure(p, text, detail)) return false;
	if (!failed)
		add(p, text, TLS_RESULT_SUCCESS);
	else if (p->n == first)
		add(p, text, TLS_RESULT_VALIDATION);
	p->outcomes[first].sessions = failed;
	return true;
}

static bool parse_object(struct parser *p, const json_t *root, struct nexthop *ret)
{
	const json_t *policies, *policy;
	struct span version, domain, record;
	size_t i;

	if (!text_of(p, root, "dpv", &version) || !text_of(p, root, "d", &domain) ||
	    !text_of(p, root, "pr", &record) ||
	    !array_of(p, root, "policies", TLSRPT_POLICIES, &policies))
		return false;
	*ret = nexthop_of_route(domain);
	if (ret->kind != NEXTHOP_DOMAIN && ret->kind != NEXTHOP_HOST)
		return refuse(p, "d is no domain");
	p->record = outcome_record(p->arena, record);
	p->outcomes = arena_array(p->arena, json_array_size(policies) * (TLSRPT_FAILURES + 1) + 1,
				  sizeof(*p->outcomes));
	if (p->outcomes == NULL)
		return refuse(p, "no memory");
	json_array_foreach(policies, i, policy) if (!add_policy(p, policy)) return false;
	return p->n > 0 || refuse(p, "there is no policy");
}

int tlsrpt_datagram_parse(struct span datagram, struct arena *arena, struct tlsrpt_datagram *ret,
			  const char **ret_why)
{
	struct parser p = { .arena = arena };
	struct tlsrpt_datagram d;
	json_t *root;
	char *text;

	if (datagram.n > LIMIT_OUTCOME) {
		*ret_why = "it is too long";
		return TLSRPT_MALFORMED;
	}
	text = repaired(datagram, arena);
	if (text == NULL)
		return -ENOMEM;
	root = json_loadb(text, datagram.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(root))
		(void)refuse(&p, "it is no JSON object");
	else if (parse_object(&p, root, &d.hop))
		d = (struct tlsrpt_datagram){ d.hop, p.n, p.outcomes };
	json_decref(root);
	if (p.why != NULL) {
		*ret_why = p.why;
		return TLSRPT_MALFORMED;
	}
	*ret = d;
	return 0;
}
