#include "config.h"

#include "common/net/dns_upstream.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/netaddr.h"
#include "common/base/num.h"
#include "common/base/text.h"
#include "common/net/file_text.h"

enum { MAX_FILE = 256 * 1024, MAX_MEMORY = 1 << 20, MAX_FORWARDS = 16 };

static int invalid(struct buf *error, const char *setting, struct span value, const char *what)
{
	char shown[LIMIT_DETAIL];

	buf_addf(error, "%s: \"%s\" %s", setting, text_printable(value, shown, sizeof(shown)),
		 what);
	return DNS_UPSTREAM_INVALID;
}

static int unreadable(struct buf *error, const char *setting, const char *path, int r)
{
	if (r == -ENOMEM)
		return r;
	return invalid(error, setting, span_of(path),
		       r == -EMSGSIZE ? "is too large to be what it should be"
		       : r == -EINVAL ? "is no regular file"
		       : r == -ENOENT ? "does not exist"
		       : r == -EACCES ? "may not be read by this user"
				      : "cannot be read");
}

/* ADDRESS, ADDRESS%INTERFACE, either with @PORT. */
static bool is_address(struct span text)
{
	struct span addr, scope;
	struct netaddr parsed;
	uint64_t port;

	if (span_until(&text, '@', text.n, &addr)) {
		if (!num_u64(text, 65535, &port) || port == 0)
			return false;
	} else {
		addr = text;
	}
	if (span_until(&addr, '%', addr.n, &scope)) {
		if (addr.n == 0)
			return false;
		addr = scope;
	}
	return netaddr_parse(addr, &parsed);
}

static int add_forward(struct dns_upstream *u, struct span address)
{
	if (u->n_forwards == MAX_FORWARDS)
		return 0;
	u->forwards[u->n_forwards] = arena_strdup(&u->arena, address);
	if (u->forwards[u->n_forwards] == NULL)
		return -ENOMEM;
	u->n_forwards++;
	return buf_addf(&u->basis, "%.*s\n", (int)address.n, address.p);
}

/* As resolv.conf(5): no file or no nameserver line means the resolver on this host. Lines that
 * nobody could use are skipped. */
static int load_resolvconf(struct dns_upstream *u, const char *path, struct buf *error)
{
	AUTO(buf_release) struct buf text = { .max = MAX_FILE };
	struct span in, line, word;
	int r;

	r = file_text(path, &text);
	if (r < 0 && r != -ENOENT)
		return unreadable(error, "dns", path, r);
	in = buf_span(&text);
	while (span_line(&in, &line)) {
		if (!span_word(&line, &word) || !span_eq(word, "nameserver") ||
		    !span_word(&line, &word) || !is_address(word))
			continue;
		r = add_forward(u, word);
		if (r < 0)
			return r;
	}
	return u->n_forwards > 0 ? 0 : add_forward(u, span_of("127.0.0.1"));
}

static int load_servers(struct dns_upstream *u, const struct dns_settings *s, struct buf *error)
{
	const char *path = s->resolvconf != NULL ? s->resolvconf : "/etc/resolv.conf";

	u->forwards = arena_array(&u->arena, MAX_FORWARDS, sizeof(*u->forwards));
	if (u->forwards == NULL)
		return -ENOMEM;
	if (s->n_servers == 1 && strcmp(s->servers[0], "recurse") == 0)
		return 0;
	if (s->n_servers == 1 && strcmp(s->servers[0], "resolvconf") == 0)
		return load_resolvconf(u, path, error);
	for (size_t i = 0; i < s->n_servers; i++) {
		struct span server = span_of(s->servers[i]);
		int r;

		if (!is_address(server) || i == MAX_FORWARDS)
			return invalid(error, "dns", server,
				       "is neither resolvconf or recurse, alone, nor one of at "
				       "most 16 addresses ADDRESS or ADDRESS@PORT");
		r = add_forward(u, server);
		if (r < 0)
			return r;
	}
	if (s->n_servers == 0)
		return invalid(error, "dns", span_of(""), "names no server");
	return 0;
}

static bool is_zone(struct span zone)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	for (size_t i = 0; i < zone.n; i++)
		if (zone.p[i] == '\0' || strchr(allowed, zone.p[i]) == NULL)
			return false;
	return zone.n > 0 && zone.n <= LIMIT_DOMAIN;
}

static int load_stubs(struct dns_upstream *u, const struct dns_settings *s, struct buf *error)
{
	u->stubs = arena_array(&u->arena, s->n_stubs, sizeof(*u->stubs));
	if (u->stubs == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_stubs; i++) {
		struct span address = span_of(s->stubs[i]), zone;

		if (!span_until(&address, '@', LIMIT_DOMAIN, &zone) || !is_zone(zone) ||
		    !is_address(address))
			return invalid(error, "dns_stub", span_of(s->stubs[i]),
				       "is not ZONE@ADDRESS or ZONE@ADDRESS@PORT");
		u->stubs[i].zone = arena_strdup(&u->arena, zone);
		u->stubs[i].address = arena_strdup(&u->arena, address);
		if (u->stubs[i].zone == NULL || u->stubs[i].address == NULL)
			return -ENOMEM;
		u->n_stubs++;
	}
	return 0;
}

/* Whose record this line is, when it is a DS or DNSKEY record. Only as much of a zone file as
 * decides that. */
static bool anchor_owner(struct span line, char owner[LIMIT_DOMAIN + 1])
{
	struct span body = line, word, first = { 0 };

	if (line.n == 0 || line.p[0] == ' ' || line.p[0] == '\t')
		return false;
	span_until(&line, ';', line.n, &body);
	while (span_word(&body, &word)) {
		if (first.n == 0)
			first = word;
		else if (span_caseeq(word, "DS") || span_caseeq(word, "DNSKEY"))
			return is_zone(first) && span_copy(first, owner, LIMIT_DOMAIN + 1);
	}
	return false;
}

static int load_anchor(struct dns_upstream *u, const char *path, struct buf *error)
{
	AUTO(buf_release) struct buf text = { .max = MAX_FILE };
	struct span in, line;
	int r;

	if (path == NULL || path[0] == '\0')
		return 0;
	r = file_text(path, &text);
	if (r < 0)
		return unreadable(error, "dns_trust_anchor", path, r);
	in = buf_span(&text);
	while (u->anchor_name[0] == '\0' && span_line(&in, &line))
		anchor_owner(line, u->anchor_name);
	if (u->anchor_name[0] == '\0')
		return invalid(error, "dns_trust_anchor", span_of(path),
			       "holds no DS or DNSKEY record");
	u->anchor_file = arena_strdup(&u->arena, span_of(path));
	return u->anchor_file == NULL ? -ENOMEM : buf_adds(&u->basis, buf_text(&text));
}

int dns_upstream_load(const struct dns_settings *s, struct dns_upstream *ret, struct buf *error)
{
	struct dns_upstream u = { 0 };
	int r;

	arena_init(&u.arena, MAX_MEMORY);
	buf_init(&u.basis, MAX_FILE * 2);
	r = load_servers(&u, s, error);
	if (r == 0)
		r = load_stubs(&u, s, error);
	if (r == 0)
		r = load_anchor(&u, s->trust_anchor, error);
	if (r != 0)
		dns_upstream_release(&u);
	else
		*ret = u;
	return r;
}

void dns_upstream_release(struct dns_upstream *u)
{
	buf_release(&u->basis);
	arena_release(&u->arena);
}
