#include "config.h"

#include "milter/command/setup_words.h"

#include "common/base/netaddr.h"
#include "common/base/num.h"

#include <string.h>

static bool separates(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r';
}

bool setup_item(struct span *in, struct span *ret)
{
	size_t n = 0, depth = 0;

	while (in->n > 0 && separates(in->p[0])) {
		in->p++;
		in->n--;
	}
	while (n < in->n && (depth > 0 || !separates(in->p[n]))) {
		if (in->p[n] == '{')
			depth++;
		else if (in->p[n] == '}' && depth > 0)
			depth--;
		n++;
	}
	*ret = span_make(in->p, n);
	in->p += n;
	in->n -= n;
	return n > 0;
}

static bool braced(struct span item, struct span *ret_inner)
{
	if (item.n < 2 || item.p[0] != '{' || item.p[item.n - 1] != '}')
		return false;
	*ret_inner = span_make(item.p + 1, item.n - 2);
	return true;
}

struct span setup_item_body(struct span item)
{
	struct span inner, body;

	if (!braced(item, &inner))
		return item;
	return setup_item(&inner, &body) ? body : span_make("", 0);
}

struct span setup_item_option(struct span item, const char *name)
{
	struct span inner, part, value;

	if (!braced(item, &inner))
		return span_make("", 0);
	while (inner.n > 0) {
		struct span key;

		if (!span_until(&inner, ',', inner.n, &part)) {
			part = inner;
			inner.n = 0;
		}
		part = span_trim(part);
		if (braced(part, &value))
			part = span_trim(value);
		if (span_until(&part, '=', part.n, &key) && span_eq(span_trim(key), name))
			return span_trim(part);
	}
	return span_make("", 0);
}

static struct span behind(struct span text, const char *prefix)
{
	size_t n = strlen(prefix);

	return span_make(text.p + n, text.n - n);
}

static bool port_of(struct span text, unsigned *ret)
{
	uint64_t port;

	if (!num_u64(text, 65535, &port))
		return false;
	*ret = (unsigned)port;
	return true;
}

/* PORT@HOST, HOST:PORT, or PORT alone. */
static bool inet_parse(struct span rest, struct arena *arena, struct setup_address *ret)
{
	struct span host = span_of("127.0.0.1"), port = rest;
	size_t i = rest.n;

	if (memchr(rest.p, '@', rest.n) != NULL) {
		host = rest;
		span_until(&host, '@', host.n, &port);
	} else {
		while (i > 0 && rest.p[i - 1] != ':')
			i--;
		if (i > 1) {
			host = span_make(rest.p, i - 1);
			port = span_make(rest.p + i, rest.n - i);
		}
	}
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_make(host.p + 1, host.n - 2);
	*ret = (struct setup_address){ .host = arena_strdup(arena, host) };
	return ret->host != NULL && port_of(port, &ret->port);
}

bool setup_address_parse(struct span text, struct arena *arena, struct setup_address *ret)
{
	if (span_starts(text, "inet:"))
		return inet_parse(behind(text, "inet:"), arena, ret);
	if (span_starts(text, "inet6:"))
		return inet_parse(behind(text, "inet6:"), arena, ret);
	if (span_starts(text, "unix:"))
		text = behind(text, "unix:");
	else if (span_starts(text, "local:"))
		text = behind(text, "local:");
	else if (text.n == 0 || text.p[0] != '/')
		return false;
	*ret = (struct setup_address){ .path = arena_strdup(arena, text) };
	return ret->path != NULL && text.n > 0;
}

bool setup_socketmap_parse(struct span item, struct arena *arena, struct setup_address *ret,
			   const char **ret_name, bool *ret_proxied)
{
	size_t i;

	*ret_proxied = span_starts(item, "proxy:");
	if (*ret_proxied)
		item = behind(item, "proxy:");
	if (!span_starts(item, "socketmap:"))
		return false;
	item = behind(item, "socketmap:");
	for (i = item.n; i > 0 && item.p[i - 1] != ':';)
		i--;
	if (i < 2)
		return false;
	*ret_name = arena_strdup(arena, span_make(item.p + i, item.n - i));
	return *ret_name != NULL && setup_address_parse(span_make(item.p, i - 1), arena, ret);
}

const char *setup_outside(struct arena *arena, const char *path, const char *queue, bool chroot)
{
	const char *full = path;

	if (path[0] != '/')
		full = arena_printf(arena, "%s/%s", queue, path);
	else if (chroot)
		full = arena_printf(arena, "%s%s", queue, path);
	return full != NULL ? full : path;
}

const char *setup_below(const char *path, const char *queue)
{
	size_t n = strlen(queue);

	if (strncmp(path, queue, n) == 0 && path[n] == '/' && path[n + 1] != '\0')
		return path + n + 1;
	return path;
}

bool setup_is_loopback(const char *host)
{
	static const char *const nets[] = { "127.0.0.0/8", "::1/128" };
	struct netaddr a;
	struct network net;

	if (strcmp(host, "localhost") == 0)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (netaddr_parse(span_of(host), &a) && network_parse(span_of(nets[i]), &net) &&
		    network_has(&net, &a))
			return true;
	return false;
}
