#include "config.h"

#include "milter/daemon/control_verbs.h"

#include "common/base/moment.h"
#include "common/base/num.h"
#include "milter/daemon/describe_outcome.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
	DAY = 86400,
	ROWS_AT_ONCE =
		2 * STORE_OUTCOMES_PER_DOMAIN /* so that the first domain is always complete */
};

struct page {
	json_t *outcomes;
	bool all;
	unsigned read;		  /* rows of the store */
	size_t begin;		  /* where the domain that came last begins */
	char domain[DOMAIN_SIZE]; /* that one, */
	char before[DOMAIN_SIZE]; /* and the one before it */
};

static void each_outcome(void *arg, const struct tls_outcome *o)
{
	json_t *row, *earlier;
	struct page *page = arg;
	size_t i;

	if (strcmp(page->domain, o->domain) != 0) {
		memcpy(page->before, page->domain, sizeof(page->before));
		snprintf(page->domain, sizeof(page->domain), "%s", o->domain);
		page->begin = json_array_size(page->outcomes);
	}
	page->read++;
	row = describe_outcome(o, page->all);
	for (i = page->begin; !page->all && i < json_array_size(page->outcomes); i++) {
		earlier = json_array_get(page->outcomes, i);
		if (describe_outcome_merge(earlier, row)) {
			json_decref(row);
			return;
		}
	}
	json_array_append_new(page->outcomes, row);
}

/* A page ends with a complete domain. False: it is the last one of the day; otherwise ret_after is where to go on. */
static bool cut(struct page *page, char ret_after[DOMAIN_SIZE])
{
	if (page->read < ROWS_AT_ONCE)
		return false;
	if (page->begin == 0) {
		memcpy(ret_after, page->domain, DOMAIN_SIZE);
		return true;
	}
	while (json_array_size(page->outcomes) > page->begin)
		json_array_remove(page->outcomes, json_array_size(page->outcomes) - 1);
	memcpy(ret_after, page->before, DOMAIN_SIZE);
	return true;
}

struct listing {
	int64_t from, to;	 /* days, the newest first */
	char after[DOMAIN_SIZE]; /* of the first day: behind this name */
	char domain[DOMAIN_SIZE];
	bool all;
};

static bool read_day(struct control_call *call, struct listing *l)
{
	int64_t today = clock_wall(&call->src->env->clock) / DAY, at;
	const char *day;

	l->from = today;
	l->to = today - STORE_OUTCOME_DAYS + 1;
	if (!control_text(call, "day", false, 64, &day))
		return false;
	if (day[0] == '\0')
		return true;
	if (!moment_read(span_of(day), today * DAY, &at) || at % DAY != 0 || at / DAY > today) {
		control_refuse(call, EX_USAGE, "day %s is no day like 2026-12-31", day);
		return false;
	}
	l->from = l->to = at / DAY;
	return true;
}

/* What "more" of the page before said. */
static bool read_place(struct control_call *call, struct listing *l)
{
	struct span rest, day;
	const char *text;
	uint64_t number;

	if (!control_text(call, "more", false, 2 * LIMIT_DOMAIN, &text))
		return false;
	rest = span_of(text);
	if (rest.n == 0)
		return true;
	if (span_until(&rest, ' ', rest.n, &day) && num_u64(day, INT32_MAX, &number) &&
	    (int64_t)number <= l->from && (int64_t)number >= l->to &&
	    span_copy(rest, l->after, sizeof(l->after))) {
		l->from = (int64_t)number;
		return true;
	}
	control_refuse(call, EX_USAGE, "more is not what a page before this one has said");
	return false;
}

static bool read_listing(struct control_call *call, struct listing *ret)
{
	struct nexthop hop = { .domain = "" };
	struct listing l = { .all = false };

	if ((json_object_get(call->request, "nexthop") != NULL && !control_hop(call, &hop)) ||
	    !control_truth(call, "all", &l.all) || !read_day(call, &l) || !read_place(call, &l))
		return false;
	memcpy(l.domain, hop.domain, sizeof(l.domain));
	*ret = l;
	return true;
}

/* The newest day first, then by domain. "more": there may be others. What waits for the disk is written before, so that it is seen. */
json_t *control_outcomes(struct control_call *call)
{
	const struct store *store = &call->src->env->store;
	struct page page = { .read = 0 };
	char more[LIMIT_DOMAIN + 32] = "", after[DOMAIN_SIZE] = "";
	struct listing l;
	json_t *result;
	int r = 0;

	if (!read_listing(call, &l))
		return NULL;
	if (call->src->outcomes != NULL)
		outcomes_flush(call->src->outcomes);
	page.outcomes = json_array();
	page.all = l.all;
	for (int64_t day = l.from; day >= l.to && r == 0 && page.read == 0; day--) {
		const char *behind = day == l.from ? l.after : "";

		r = store->outcomes(store->ctx, day, l.domain[0] != '\0' ? l.domain : NULL, behind,
				    INT64_MAX, ROWS_AT_ONCE, each_outcome, &page);
		if (cut(&page, after))
			snprintf(more, sizeof(more), "%lld %s", (long long)day, after);
		else if (day > l.to)
			snprintf(more, sizeof(more), "%lld ", (long long)day - 1);
		else
			more[0] = '\0';
	}
	if (r < 0) {
		json_decref(page.outcomes);
		return control_refuse(call, EX_TEMPFAIL, "the database cannot be read: %s",
				      store->trouble(store->ctx) != NULL
					      ? store->trouble(store->ctx)
					      : "try again");
	}
	result = json_pack("{s:o}", "outcomes", page.outcomes);
	if (more[0] != '\0')
		json_object_set_new(result, "more", json_string(more));
	return result;
}
