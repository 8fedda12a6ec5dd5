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

static bool has_domain(const struct string_list *list, const char *domain)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *entry = list->v[i];
		char zone[DOMAIN_SIZE];
		bool below = entry[0] == '.';

		if (domain_normalize(span_of(entry + below), zone) != DOMAIN_OK)
			continue;
		if (below ? strcmp(domain, zone) != 0 && domain_in_zone(domain, zone)
			  : strcmp(domain, zone) == 0)
			return true;
	}
	return false;
}

static void leave(struct route *ret, enum reason reason)
{
	ret->judged = false;
	ret->reason = reason;
}

static void by_hop(const struct settings *s, struct route *ret)
{
	switch (ret->hop.kind) {
	case NEXTHOP_LITERAL:
		leave(ret, REASON_ADDRESS_LITERAL);
		return;
	case NEXTHOP_WRAPPED:
		leave(ret, REASON_WRAPPED_PORT);
		return;
	case NEXTHOP_NONE:
		leave(ret, REASON_NO_DOMAIN);
		return;
	case NEXTHOP_BAD:
		leave(ret, REASON_BAD_DOMAIN);
		return;
	case NEXTHOP_DOMAIN:
	case NEXTHOP_HOST:
		break;
	}
	if (has_domain(&s->skip_domains, ret->hop.domain))
		leave(ret, REASON_SKIPPED_DOMAIN);
}

void route_of(const struct settings *s, const struct routing *r, struct route *ret)
{
	*ret = (struct route){ .judged = true, .reason = REASON_OK };
	if (is_given(r->mailer)) {
		bool judge = has_mailer(&s->judge_mailers, r->mailer, r->mta);

		if (!judge && has_mailer(&s->skip_mailers, r->mailer, r->mta)) {
			leave(ret, REASON_SKIPPED_MAILER);
			return;
		}
		ret->unknown_mailer = !judge;
	}
	if (is_given(r->host))
		ret->hop = nexthop_of_route(span_of(r->host));
	else
		ret->hop = nexthop_of_address(span_of(r->addr));
	by_hop(s, ret);
}
