#include "config.h"

#include "common/net/dns_answer.h"

#include <string.h>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/net/dns_packet.h"
#include "common/sts/domain.h"

enum { TYPE_RRSIG = 46 };

static void answer_reset(struct dns_query *q, enum dns_status status, const char *why)
{
	q->status = status;
	q->secure = false;
	q->ttl = 0;
	q->rdata = NULL;
	q->n_rdata = 0;
	q->canonical = NULL;
	q->why = why;
}

void dns_answer_failed(struct dns_query *q, const char *why)
{
	answer_reset(q, DNS_FAILED, why);
}

/* RFC 1035 s4.1.1 */
static const char *rcode_text(int rcode)
{
	switch (rcode) {
	case 1:
		return "the server found the question malformed (FORMERR)";
	case 2:
		return "no server gave an answer (SERVFAIL)";
	case 4:
		return "the server does not know this kind of question (NOTIMP)";
	case 5:
		return "the server refused to answer (REFUSED)";
	default:
		return "the server answered with an error";
	}
}

static void bogus(struct dns_query *q, const struct ub_result *r, struct arena *arena)
{
	char why[LIMIT_DETAIL], *copy;

	answer_reset(q, DNS_BOGUS, "DNSSEC validation failed");
	if (r->why_bogus == NULL)
		return;
	text_printable(span_of(r->why_bogus), why, sizeof(why));
	copy = arena_strdup(arena, span_of(why));
	if (copy != NULL)
		q->why = copy;
}

static bool copy_rdata(struct dns_query *q, const struct ub_result *r, struct arena *arena)
{
	size_t n = 0;
	struct span *rdata;

	while (r->data[n] != NULL)
		n++;
	rdata = arena_array(arena, n, sizeof(*rdata));
	if (rdata == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *p = arena_strdup(arena, span_make(r->data[i], (size_t)r->len[i]));

		if (p == NULL)
			return false;
		rdata[i] = span_make(p, (size_t)r->len[i]);
	}
	q->rdata = rdata;
	q->n_rdata = n;
	return true;
}

/* What a name leads to, also when there is nothing. libunbound writes '?' for octets that no host name has. */
static bool copy_canonical(struct dns_query *q, const struct ub_result *r, struct arena *arena)
{
	char name[DOMAIN_SIZE];

	if (r->canonname == NULL || domain_normalize(span_of(r->canonname), name) != DOMAIN_OK ||
	    strcmp(name, q->name) == 0)
		return true;
	q->canonical = arena_strdup(arena, span_of(name));
	return q->canonical != NULL;
}

static bool packet_has(const struct ub_result *r, enum dns_packet_section section, unsigned type)
{
	return r->answer_packet != NULL && r->answer_len > 0 &&
	       dns_packet_has(span_make(r->answer_packet, (size_t)r->answer_len), section, type);
}

/* libunbound has already taken the smaller of the SOA's TTL and its MINIMUM (RFC 2308 s5). Without
 * a SOA it says what it finds in the OPT record, which is nothing. */
static uint32_t negative_ttl(const struct ub_result *r)
{
	if (!packet_has(r, DNS_PACKET_AUTHORITY, DNS_SOA))
		return DNS_NEGATIVE_TTL_NO_SOA;
	return r->ttl > DNS_NEGATIVE_TTL_MIN ? (uint32_t)r->ttl : DNS_NEGATIVE_TTL_MIN;
}

void dns_answer_take(struct dns_query *q, int error, const struct ub_result *r, struct arena *arena)
{
	if (error != UB_NOERROR || r == NULL) {
		dns_answer_failed(q, ub_strerror(error));
		return;
	}
	if (r->bogus) { /* first: it comes with data */
		bogus(q, r, arena);
		return;
	}
	if (r->rcode != 0 && !r->nxdomain) {
		dns_answer_failed(q, rcode_text(r->rcode));
		return;
	}
	answer_reset(q, r->nxdomain ? DNS_NXDOMAIN : r->havedata ? DNS_FOUND : DNS_NODATA, "");
	if (!copy_canonical(q, r, arena) ||
	    (q->status == DNS_FOUND && !copy_rdata(q, r, arena))) {
		dns_answer_failed(q, "the answer is too large");
		return;
	}
	q->secure = r->secure != 0;
	if (q->status != DNS_FOUND)
		q->ttl = negative_ttl(r);
	else if (r->ttl > 0)
		q->ttl = (uint32_t)r->ttl;
}

bool dns_answer_signed(const struct ub_result *r)
{
	return r != NULL && packet_has(r, DNS_PACKET_ANSWER, TYPE_RRSIG);
}
