#include "config.h"

#include "common/sts/nexthop.h"

#include "common/base/num.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { PORT_SMTP = 25, PORT_SUBMISSION = 587, PORT_SMTPS = 465 };

static struct nexthop bad(enum domain_status status)
{
	return (struct nexthop){ .kind = NEXTHOP_BAD, .status = status, .port = PORT_SMTP };
}

static struct nexthop bare(enum nexthop_kind kind)
{
	return (struct nexthop){ .kind = kind, .port = PORT_SMTP };
}

static bool is_address(struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	return span_copy(text, copy, sizeof(copy)) &&
	       (inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1);
}

/* RFC 5321 s4.1.3 as MTAs write it: "192.0.2.1", "IPv6:2001:db8::1", "2001:db8::1" */
static bool is_literal(struct span inside)
{
	struct span rest = inside, tag;

	if (is_address(inside))
		return true;
	if (!span_until(&rest, ':', 16, &tag))
		return false;
	return span_caseeq(tag, "IPv6") && is_address(rest);
}

static struct nexthop named(enum nexthop_kind kind, struct span name)
{
	struct nexthop hop = bare(kind);

	hop.status = domain_normalize(name, hop.domain);
	if (hop.status == DOMAIN_EMPTY)
		return bare(NEXTHOP_NONE);
	return hop.status == DOMAIN_OK ? hop : bad(hop.status);
}

/* in: what stands from the "[" on. What follows the "]" comes back in *ret_rest. */
static struct nexthop bracketed(struct span in, struct span *ret_rest)
{
	struct span rest = span_make(in.p + 1, in.n - 1), inside;

	*ret_rest = span_make(NULL, 0);
	if (!span_until(&rest, ']', rest.n, &inside))
		return bad(DOMAIN_BAD_LABEL);
	*ret_rest = rest;
	if (is_literal(inside))
		return bare(NEXTHOP_LITERAL);
	if (inside.n == 0)
		return bad(DOMAIN_EMPTY);
	return named(NEXTHOP_HOST, inside);
}

/* Behind the last "@" that no quotes protect. MTAs hand over both the quoted form and the bare one,
 * in which a lone quote may be part of the local part: quotes that do not end protect nothing. No
 * domain holds a quote, so this never looks too far. */
static const char *domain_at(struct span a)
{
	const char *last = NULL, *unquoted = NULL;
	bool quoted = false;

	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == '@') {
			last = a.p + i + 1;
			if (!quoted)
				unquoted = last;
		} else if (a.p[i] == '"') {
			quoted = !quoted;
		} else if (a.p[i] == '\\' && quoted) {
			i++;
		}
	}
	return quoted ? last : unquoted;
}

/* "@a,@b:c@d" -> "c@d". A colon inside brackets belongs to an address. */
static struct span without_route(struct span a)
{
	bool inside = false;

	if (a.n == 0 || a.p[0] != '@')
		return a;
	for (size_t i = 0; i < a.n && a.p[i] != '"'; i++) {
		if (a.p[i] == '[')
			inside = true;
		else if (a.p[i] == ']')
			inside = false;
		else if (a.p[i] == ':' && !inside)
			return span_make(a.p + i + 1, a.n - i - 1);
	}
	return a;
}

struct nexthop nexthop_of_address(struct span address)
{
	struct span a = span_trim(address), domain, rest;
	struct nexthop hop;
	const char *at;

	if (a.n >= 2 && a.p[0] == '<' && a.p[a.n - 1] == '>')
		a = span_trim(span_make(a.p + 1, a.n - 2));
	a = without_route(a);
	at = domain_at(a);
	if (at == NULL)
		return bare(NEXTHOP_NONE);
	domain = span_trim(span_make(at, a.n - (size_t)(at - a.p)));
	if (is_address(domain))
		return bare(NEXTHOP_LITERAL);
	if (domain.n == 0 || domain.p[0] != '[')
		return named(NEXTHOP_DOMAIN, domain);
	hop = bracketed(domain, &rest);
	return rest.n > 0 ? bad(DOMAIN_BAD_LABEL) : hop;
}

/* Numbers and the service names that mail uses, with their aliases; /etc/services is not asked. "" is the default, as
 * Postfix has it. */
static bool port_of(struct span text, uint16_t *ret)
{
	static const struct {
		const char *name;
		uint16_t port;
	} services[] = { { "", PORT_SMTP },	  { "smtp", PORT_SMTP },
			 { "mail", PORT_SMTP },	  { "submission", PORT_SUBMISSION },
			 { "smtps", PORT_SMTPS }, { "submissions", PORT_SMTPS },
			 { "ssmtp", PORT_SMTPS }, { "urd", PORT_SMTPS } };
	uint64_t number;

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (span_caseeq(text, services[i].name)) {
			*ret = services[i].port;
			return true;
		}
	}
	if (!num_u64(text, UINT16_MAX, &number) || number == 0)
		return false;
	*ret = (uint16_t)number;
	return true;
}

static struct nexthop with_port(struct nexthop hop, struct span port)
{
	if (hop.kind == NEXTHOP_BAD)
		return hop;
	if (!port_of(port, &hop.port))
		return bad(DOMAIN_BAD_LABEL);
	if (hop.port == PORT_SMTPS && (hop.kind == NEXTHOP_DOMAIN || hop.kind == NEXTHOP_HOST))
		hop.kind = NEXTHOP_WRAPPED;
	return hop;
}

struct nexthop nexthop_of_route(struct span route)
{
	struct span in = span_trim(route), rest, name;
	struct nexthop hop;

	if (is_address(in))
		return bare(NEXTHOP_LITERAL);
	if (in.n > 0 && in.p[0] == '[') {
		hop = bracketed(in, &rest);
		if (rest.n > 0 && rest.p[0] != ':')
			return bad(DOMAIN_BAD_LABEL);
		return rest.n > 0 ? with_port(hop, span_make(rest.p + 1, rest.n - 1)) : hop;
	}
	if (!span_until(&in, ':', in.n, &name))
		return named(NEXTHOP_DOMAIN, in);
	if (is_address(name))
		return with_port(bare(NEXTHOP_LITERAL), in);
	hop = named(NEXTHOP_DOMAIN, name);
	/* ":26": a port of nothing */
	return hop.kind == NEXTHOP_NONE ? bad(DOMAIN_EMPTY) : with_port(hop, in);
}

/* On the hot path, so the plain case is a copy. */
const char *nexthop_key(const struct nexthop *hop, char out[NEXTHOP_KEY_SIZE])
{
	bool bracketed = hop->kind == NEXTHOP_HOST;
	size_t n = strlen(hop->domain);
	char *p = out;

	*p = '\0';
	if (n == 0)
		return out;
	if (bracketed)
		*p++ = '[';
	memcpy(p, hop->domain, n);
	p += n;
	if (bracketed)
		*p++ = ']';
	*p = '\0';
	if (hop->port != PORT_SMTP)
		snprintf(p, NEXTHOP_KEY_SIZE - (size_t)(p - out), ":%u", hop->port);
	return out;
}
