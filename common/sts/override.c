#include "config.h"

#include "common/sts/override.h"

#include "common/base/cleanup.h"
#include "common/base/moment.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/sts/nexthop.h"
#include "common/sts/policy_mx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_10000 INT64_C(253402300800)

static int refuse(struct buf *error, const char *what, struct span given, const char *remedy)
{
	if (error == NULL)
		return OVERRIDE_INVALID;
	buf_clear(error);
	buf_adds(error, what);
	if (given.n > 0) {
		buf_addc(error, ' ');
		text_escape(error, given, 80);
	}
	if (remedy[0] != '\0')
		buf_addf(error, "; %s", remedy);
	return OVERRIDE_INVALID;
}

int override_domain(struct span given, char out[DOMAIN_SIZE], struct buf *error)
{
	struct nexthop hop = nexthop_of_route(given);
	struct span none = { 0 };

	given = span_trim(given);
	if (given.n > 0 && given.p[0] == '[' && hop.kind != NEXTHOP_LITERAL)
		return refuse(error, "that is a next-hop, and an override is for a policy domain",
			      none,
			      "write the name without brackets and port: it holds for all "
			      "next-hops of that name");
	switch (hop.kind) {
	case NEXTHOP_DOMAIN:
		if (memchr(given.p, ':', given.n) != NULL)
			break;
		span_copy(span_of(hop.domain), out, DOMAIN_SIZE);
		return 0;
	case NEXTHOP_LITERAL:
		return refuse(
			error,
			"an address has no policy (RFC 8461 s3.4), so there is nothing to override",
			none, "");
	case NEXTHOP_NONE:
		return refuse(error, "the domain is missing", none, "");
	case NEXTHOP_BAD:
		return refuse(error, "that is no domain name:", given,
			      domain_status_text(hop.status));
	case NEXTHOP_HOST:
	case NEXTHOP_WRAPPED:
		break;
	}
	return refuse(error, "an override is for a policy domain, not for a port of it", none,
		      "write the name alone: it holds for all next-hops of that name");
}

static int read_mode(struct span given, enum policy_mode *ret, struct buf *error)
{
	for (enum policy_mode m = POLICY_MODE_NONE; m <= POLICY_MODE_ENFORCE; m++) {
		if (!span_caseeq(given, policy_mode_name(m)))
			continue;
		*ret = m;
		return 0;
	}
	if (given.n == 0)
		return refuse(error, "the mode is missing", given,
			      "expected --mode none, testing or enforce");
	return refuse(error, "there is no mode", given, "expected none, testing or enforce");
}

static int read_until(struct span given, int64_t now, int64_t *ret, struct buf *error)
{
	int64_t until;

	if (given.n == 0)
		return refuse(
			error, "an end is missing: every override ends by itself", given,
			"say until when, as --until 2026-12-31, '2026-12-31 18:00' (UTC) or +7d");
	if (!moment_read(given, now, &until))
		return refuse(error, "that is no time:", given,
			      "write it as 2026-12-31, '2026-12-31 18:00' (UTC), "
			      "2026-12-31T18:00:00+01:00 or +7d");
	if (until <= now)
		return refuse(error, "that time has passed:", given,
			      "an override ends in the future");
	if (until - now > OVERRIDE_LONGEST)
		return refuse(error, "that is too far away:", given,
			      "an override ends within ten years");
	*ret = until;
	return 0;
}

static int check_text(const char *name, struct span given, struct buf *error)
{
	struct span which = span_of(name);
	size_t at;

	if (given.n > OVERRIDE_TEXT)
		return refuse(error, "too long, at most 255 octets:", which, "");
	if (!utf8_is_text(given, &at))
		return refuse(error,
			      "neither control characters nor anything but UTF-8 may stand in the",
			      which, "");
	return 0;
}

/* Lower case, separated by blanks. */
static int read_patterns(struct span given, struct buf *mx, struct buf *error)
{
	struct span rest = given, word;

	while (span_word(&rest, &word)) {
		const char *complaint = policy_mx_complaint(word);

		if (complaint != NULL)
			return refuse(error, "that is no pattern for MX hosts:", word, complaint);
		if (mx->n > 0)
			buf_addc(mx, ' ');
		for (size_t i = 0; i < word.n; i++)
			buf_addc(mx, word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] + 32)
									  : word.p[i]);
		if (mx->n >= OVERRIDE_MX)
			return refuse(error, "too many patterns for MX hosts", (struct span){ 0 },
				      "4000 octets are the most; use wildcards");
	}
	return 0;
}

int override_read(const struct override_words *w, int64_t now, struct override **ret,
		  struct buf *error)
{
	AUTO(buf_release) struct buf mx = { .max = OVERRIDE_MX + DOMAIN_SIZE + 2 };
	char domain[DOMAIN_SIZE], reason[OVERRIDE_TEXT + 1], owner[OVERRIDE_TEXT + 1];
	struct override fields = {
		.domain = domain, .reason = reason, .owner = owner, .added_at = now
	};
	int r = override_domain(w->domain, domain, error);

	if (r == 0)
		r = read_mode(span_trim(w->mode), &fields.mode, error);
	if (r == 0)
		r = read_until(span_trim(w->until), now, &fields.until, error);
	if (r == 0 && span_trim(w->reason).n == 0)
		r = refuse(error,
			   "a reason is missing: who meets the override later must know why it is "
			   "there",
			   (struct span){ 0 }, "give one with --reason");
	if (r == 0)
		r = check_text("reason", span_trim(w->reason), error);
	if (r == 0)
		r = check_text("owner", span_trim(w->owner), error);
	if (r == 0)
		r = read_patterns(w->mx, &mx, error);
	if (r == 0 && fields.mode == POLICY_MODE_NONE && mx.n > 0)
		r = refuse(error, "mode none judges no MX host", (struct span){ 0 },
			   "leave --mx out");
	if (r != 0)
		return r;
	span_copy(span_trim(w->reason), reason, sizeof(reason));
	span_copy(span_trim(w->owner), owner, sizeof(owner));
	fields.mx = buf_text(&mx);
	r = override_make(&fields, ret);
	return r == OVERRIDE_INVALID
		       ? refuse(error, "these are no patterns for MX hosts", (struct span){ 0 }, "")
		       : r;
}

/* A policy that says nothing but the mode and those patterns. */
static int make_patterns(const struct override *o, struct policy **ret)
{
	struct buf body = { .max = LIMIT_POLICY_BODY };
	struct span rest = span_of(o->mx), word;
	struct arena arena;
	int r = OVERRIDE_INVALID;

	buf_addf(&body, "version: STSv1\nmode: %s\nmax_age: 86400\n", policy_mode_name(o->mode));
	while (span_word(&rest, &word)) {
		if (policy_mx_complaint(word) != NULL) /* and nothing that ends a line */
			buf_clear(&body);
		else if (body.n > 0)
			buf_addf(&body, "mx: %.*s\n", (int)word.n, word.p);
	}
	arena_init(&arena, 1 << 20);
	if (body.n > 0)
		r = policy_parse(buf_span(&body), &arena, ret, NULL);
	arena_release(&arena);
	buf_release(&body);
	return r;
}

static bool is_sound(const struct override *o)
{
	size_t at;

	return domain_is_normal(o->domain) && (unsigned)o->mode <= POLICY_MODE_ENFORCE &&
	       (o->mode != POLICY_MODE_NONE || o->mx[0] == '\0') && o->until >= 0 &&
	       o->until < YEAR_10000 && o->reason[0] != '\0' &&
	       strlen(o->reason) <= OVERRIDE_TEXT && strlen(o->owner) <= OVERRIDE_TEXT &&
	       strlen(o->mx) <= OVERRIDE_MX && utf8_is_text(span_of(o->reason), &at) &&
	       utf8_is_text(span_of(o->owner), &at);
}

static const char *pack(char **at, const char *text)
{
	size_t n = strlen(text) + 1;
	char *p = *at;

	memcpy(p, text, n);
	*at += n;
	return p;
}

int override_make(const struct override *fields, struct override **ret)
{
	struct policy *patterns = NULL;
	struct override *o;
	char *text;
	int r;

	if (!is_sound(fields))
		return OVERRIDE_INVALID;
	if (fields->mx[0] != '\0') {
		r = make_patterns(fields, &patterns);
		if (r != 0)
			return r;
	}
	o = malloc(sizeof(*o) + strlen(fields->domain) + strlen(fields->reason) +
		   strlen(fields->owner) + strlen(fields->mx) + 4);
	if (o == NULL) {
		policy_unref(patterns);
		return -ENOMEM;
	}
	*o = (struct override){ .serial = fields->serial,
				.mode = fields->mode,
				.added_at = fields->added_at,
				.until = fields->until,
				.uid = fields->uid,
				.patterns = patterns };
	atomic_init(&o->refs, 1);
	text = (char *)(o + 1);
	o->domain = pack(&text, fields->domain);
	o->reason = pack(&text, fields->reason);
	o->owner = pack(&text, fields->owner);
	o->mx = pack(&text, fields->mx);
	*ret = o;
	return 0;
}

struct override *override_ref(struct override *o)
{
	if (o != NULL)
		atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
	return o;
}

void override_unref(struct override *o)
{
	if (o == NULL || atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) != 1)
		return;
	policy_unref(o->patterns);
	free(o);
}

void override_unrefp(struct override **o)
{
	override_unref(*o);
	*o = NULL;
}
