#include "config.h"

#include "milter/daemon/control_override.h"

#include "common/base/cleanup.h"
#include "common/engine/overrides.h"
#include "common/sts/route.h"
#include "milter/daemon/describe_override.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

enum { PER_ANSWER = 100, DOMAIN_TEXT = 2 * LIMIT_DOMAIN, WORDS_MOST = 8192 };

static int64_t now(const struct control_call *call)
{
	return clock_wall(&call->src->env->clock);
}

static json_t *cannot_keep(struct control_call *call, int r)
{
	const struct store *store = &call->src->env->store;
	const char *trouble = store->trouble(store->ctx);

	if (r == STORE_FULL)
		return control_refuse(
			call, EX_TEMPFAIL,
			"there are %d overrides already; remove some that are no longer needed",
			STORE_OVERRIDES);
	return control_refuse(call, EX_TEMPFAIL,
			      "nothing was changed, because the database cannot keep it: %s",
			      trouble != NULL ? trouble : "see the log");
}

static bool read_words(struct control_call *call, struct override **ret)
{
	AUTO(buf_release) struct buf error = { .max = 500 };
	const char *domain, *mode, *until, *reason, *owner, *mx;
	struct override_words words;
	int r;

	if (!control_text(call, "domain", false, DOMAIN_TEXT, &domain) ||
	    !control_text(call, "mode", false, 20, &mode) ||
	    !control_text(call, "until", false, 100, &until) ||
	    !control_text(call, "reason", false, WORDS_MOST, &reason) ||
	    !control_text(call, "owner", false, WORDS_MOST, &owner) ||
	    !control_text(call, "mx", false, WORDS_MOST, &mx))
		return false;
	words = (struct override_words){ .domain = span_of(domain),
					 .mode = span_of(mode),
					 .until = span_of(until),
					 .reason = span_of(reason),
					 .owner = span_of(owner),
					 .mx = span_of(mx) };
	r = override_read(&words, now(call), ret, &error);
	if (r > 0)
		control_refuse(call, EX_USAGE, "%s", buf_text(&error));
	return r == 0;
}

/* Is a policy with patterns known, so that an override without its own has something to demand? */
static bool has_patterns(const struct control_call *call, const char *domain)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));
	struct entry *known = engine_peek(call->src->engine, &hop);
	bool has = known != NULL && known->policy != NULL && known->policy->n_mx > 0 &&
		   now(call) < known->expires_at;

	entry_unref(known);
	return has;
}

static bool is_skipped(const struct control_call *call, const char *domain)
{
	struct route route;

	route_of(call->src->settings, &(struct routing){ MTA_UNKNOWN, NULL, domain, NULL }, &route);
	return route.n_hops == 0 && route.reason == REASON_SKIPPED_DOMAIN;
}

static json_t *warnings_about(const struct control_call *call, const struct override *o, bool has)
{
	json_t *list = json_array();

	if (is_skipped(call, o->domain))
		json_array_append_new(list, json_string("the domain is in skip_domains: it is not "
							"judged, and the override has no effect"));
	if (o->mx[0] == '\0' && !has)
		json_array_append_new(list, json_string("no policy of this domain is known: there "
							"is nothing to override yet"));
	return list;
}

json_t *control_override_add(struct control_call *call)
{
	AUTO(override_unrefp) struct override *wanted = NULL, *added = NULL;
	bool has = true;
	json_t *result;
	int r;

	if (!read_words(call, &wanted))
		return NULL;
	wanted->uid = call->uid;
	if (wanted->mx[0] == '\0')
		has = has_patterns(call, wanted->domain);
	if (!has && wanted->mode == POLICY_MODE_ENFORCE)
		return control_refuse(call, EX_USAGE,
				      "no policy of %s is known, so there are no MX hosts to "
				      "demand; name them with --mx, or have the "
				      "policy fetched first: mta-sts refresh %s",
				      wanted->domain, wanted->domain);
	r = overrides_add(engine_overrides(call->src->engine), wanted, &added);
	if (r != 0)
		return r == -ENOMEM ? NULL : cannot_keep(call, r);
	result = describe_override(added, now(call));
	json_object_set_new(result, "warnings", warnings_about(call, added, has));
	return result;
}

/* False: refused. A request without a domain is about all, where that makes sense. */
static bool read_domain(struct control_call *call, bool required, char out[DOMAIN_SIZE])
{
	AUTO(buf_release) struct buf error = { .max = 500 };
	const char *text;

	out[0] = '\0';
	if (!control_text(call, "domain", required, DOMAIN_TEXT, &text))
		return false;
	if (text[0] == '\0' || override_domain(span_of(text), out, &error) == 0)
		return true;
	control_refuse(call, EX_USAGE, "%s", buf_text(&error));
	return false;
}

struct listing {
	json_t *rows;
	const char *domain; /* "": all */
	int64_t before;	    /* serial; 0: from the newest */
	int64_t now, last;
	bool more;
};

static bool wants(struct listing *l, int64_t serial, const char *domain)
{
	if ((l->before != 0 && serial >= l->before) ||
	    (l->domain[0] != '\0' && strcmp(l->domain, domain) != 0))
		return false;
	l->more = json_array_size(l->rows) >= PER_ANSWER;
	if (!l->more)
		l->last = serial;
	return !l->more;
}

static void list_active(void *arg, const struct override *o)
{
	struct listing *l = arg;

	if (wants(l, o->serial, o->domain))
		json_array_append_new(l->rows, describe_override(o, l->now));
}

static void list_stored(void *arg, const struct stored_override *o)
{
	struct listing *l = arg;

	if (wants(l, o->serial, o->domain))
		json_array_append_new(l->rows, describe_stored_override(o, l->now));
}

json_t *control_override_list(struct control_call *call)
{
	const struct store *store = &call->src->env->store;
	struct listing l = { .now = now(call) };
	char domain[DOMAIN_SIZE];
	json_t *result;
	bool all;
	int r = 0;

	if (!read_domain(call, false, domain) || !control_truth(call, "all", &all) ||
	    !control_number(call, "before", 0, INT64_MAX, 0, &l.before))
		return NULL;
	l.domain = domain;
	l.rows = json_array();
	if (all)
		r = store->overrides(store->ctx, domain[0] != '\0' ? domain : NULL, true,
				     list_stored, &l);
	else
		overrides_list(engine_overrides(call->src->engine), list_active, &l);
	if (r < 0) {
		json_decref(l.rows);
		return control_refuse(
			call, EX_TEMPFAIL,
			"the database cannot be read; without --all those in force are shown");
	}
	result = json_pack("{s:o}", "overrides", l.rows);
	if (l.more)
		json_object_set_new(result, "next", json_integer(l.last));
	return result;
}

json_t *control_override_remove(struct control_call *call)
{
	AUTO(override_unrefp) struct override *removed = NULL;
	char domain[DOMAIN_SIZE];
	int r;

	if (!read_domain(call, true, domain))
		return NULL;
	r = overrides_remove(engine_overrides(call->src->engine), domain, call->uid, &removed);
	if (r == STORE_NOT_FOUND)
		return control_refuse(
			call, 1,
			"there is no override for %s; mta-sts override list shows what there is",
			domain);
	if (r < 0)
		return cannot_keep(call, r);
	return describe_override(removed, now(call));
}
