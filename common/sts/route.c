#include "config.h"

#include "common/sts/route.h"

#include <string.h>
#include <strings.h>

enum mta mta_of_version(const char *v)
{
	if (v == NULL || v[0] == '\0')
		return MTA_UNKNOWN;
	if (strncasecmp(v, "postfix", 7) == 0)
		return MTA_POSTFIX;
	return v[0] >= '0' && v[0] <= '9' ? MTA_SENDMAIL : MTA_UNKNOWN;
}

static bool is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool holds_for(const char *qualifier, enum mta mta)
{
	if (strcasecmp(qualifier, "@postfix") == 0)
		return mta == MTA_POSTFIX;
	if (strcasecmp(qualifier, "@sendmail") == 0)
		return mta == MTA_SENDMAIL;
	return false;
}

static bool has_mailer(const struct string_list *list, const char *mailer, enum mta mta)
{
	size_t n = strlen(mailer);

	for (size_t i = 0; i < list->n; i++) {
		const char *entry = list->v[i];

		if (strncasecmp(entry, mailer, n) == 0 &&
		    (entry[n] == '\0' || (entry[n] == '@' && holds_for(entry + n, mta))))
			return true;
	}
	return false;
}

/* ".example.com" stands for everything below example.com. Entries are in normal form, as hop domains are. */
static bool has_domain(const struct string_list *list, const char *domain)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *entry = list->v[i];
		bool below = entry[0] == '.';
		bool same = strcmp(domain, entry + below) == 0;

		if (below ? !same && domain_in_zone(domain, entry + 1) : same)
			return true;
	}
	return false;
}

static enum reason reason_of_hop(const struct settings *s, const struct nexthop *hop)
{
	switch (hop->kind) {
	case NEXTHOP_LITERAL:
		return REASON_ADDRESS_LITERAL;
	case NEXTHOP_WRAPPED:
		return REASON_WRAPPED_PORT;
	case NEXTHOP_NONE:
		return REASON_NO_DOMAIN;
	case NEXTHOP_BAD:
		return REASON_BAD_DOMAIN;
	case NEXTHOP_DOMAIN:
	case NEXTHOP_HOST:
		break;
	}
	return has_domain(&s->skip_domains, hop->domain) ? REASON_SKIPPED_DOMAIN : REASON_OK;
}

bool route_judges(const struct settings *s, const struct nexthop *hop)
{
	return reason_of_hop(s, hop) == REASON_OK;
}

static void add_hop(const struct settings *s, const struct nexthop *hop, struct route *ret)
{
	enum reason reason = reason_of_hop(s, hop);

	if (reason == REASON_OK && ret->n_hops < ROUTE_HOPS)
		ret->hops[ret->n_hops++] = *hop;
	else if (ret->reason == REASON_OK)
		ret->reason = reason;
}

/* Takes one destination off a list. Sendmail's colon separates hosts, except within brackets; Postfix's begins a port. */
static bool take_destination(struct span *list, enum mta mta, struct span *ret)
{
	size_t depth = 0, n = 0;

	if (mta != MTA_SENDMAIL)
		return span_word(list, ret);
	if (list->n == 0)
		return false;
	while (n < list->n && (list->p[n] != ':' || depth > 0)) {
		depth += list->p[n] == '[';
		depth -= list->p[n] == ']' && depth > 0;
		n++;
	}
	*ret = span_make(list->p, n);
	n += n < list->n;
	*list = span_make(list->p + n, list->n - n);
	return true;
}

void route_of(const struct settings *s, const struct routing *r, struct route *ret)
{
	struct span list = span_of(r->host), one;
	struct nexthop hop;

	*ret = (struct route){ .reason = REASON_OK };
	if (is_given(r->mailer)) {
		bool judge = has_mailer(&s->judge_mailers, r->mailer, r->mta);

		if (!judge && has_mailer(&s->skip_mailers, r->mailer, r->mta)) {
			ret->reason = REASON_SKIPPED_MAILER;
			return;
		}
		ret->unknown_mailer = !judge;
	}
	if (!is_given(r->host)) {
		hop = nexthop_of_address(span_of(r->addr));
		add_hop(s, &hop, ret);
		return;
	}
	while (take_destination(&list, r->mta, &one)) {
		hop = nexthop_of_route(one);
		add_hop(s, &hop, ret);
	}
}
