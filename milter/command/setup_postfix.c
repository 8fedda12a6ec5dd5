#include "config.h"

#include "milter/command/setup_postfix.h"

#include "common/base/cleanup.h"
#include "common/base/num.h"
#include "milter/command/setup_spawn.h"

#include <errno.h>
#include <string.h>

enum { PRINTED = 1 << 20 };

int postfix_facts_parse(struct span main, struct span columns, struct span overrides,
			struct arena *arena, struct postfix_facts *ret)
{
	int r = postconf_parse(main, columns, overrides, arena, &ret->conf);

	if (r != 0)
		return r;
	ret->version = postconf_value(&ret->conf, "mail_version");
	ret->queue = postconf_value(&ret->conf, "queue_directory");
	ret->owner = postconf_value(&ret->conf, "mail_owner");
	return ret->version != NULL && ret->queue != NULL && ret->owner != NULL ? 0 : -EBADMSG;
}

struct postfix_facts postfix_facts_told(const char *version)
{
	return (struct postfix_facts){ .version = version,
				       .queue = "/var/spool/postfix",
				       .owner = "postfix" };
}

static int ask(const char *config, const char *what, struct buf *out)
{
	const char *plain[] = { "postconf", what, NULL };
	const char *with[] = { "postconf", "-c", config, what, NULL };

	return setup_spawn(config != NULL ? with : plain, false, NULL, out);
}

int postfix_facts_read(const char *config, struct arena *arena, struct postfix_facts *ret,
		       struct buf *error)
{
	AUTO(buf_release)
	struct buf main = { .max = PRINTED }, columns = { .max = PRINTED },
		   overrides = { .max = PRINTED };
	int r = ask(config, "-x", &main);

	if (r == 0)
		r = ask(config, "-F", &columns);
	if (r == 0)
		r = ask(config, "-Px", &overrides);
	if (r == 0) {
		r = postfix_facts_parse(buf_span(&main), buf_span(&columns), buf_span(&overrides),
					arena, ret);
		ret->config = config;
	}
	if (r != 0)
		buf_addf(error, "postconf%s%s does not tell its configuration: %s",
			 config != NULL ? " -c " : "", config != NULL ? config : "",
			 r < 0 ? strerror(-r) : "run it to see why");
	return r > 0 ? -EIO : r;
}

struct span postfix_instances(const struct postfix_facts *f)
{
	const char *list = postconf_value(&f->conf, "multi_instance_directories");

	return span_of(f->config == NULL && list != NULL ? list : "");
}

bool postfix_instance_counts(const struct postfix_facts *f)
{
	const char *const status[] = { "postfix", "-c", f->config, "status", NULL };
	const char *enabled = postconf_value(&f->conf, "multi_instance_enable");
	AUTO(buf_release) struct buf out = { .max = PRINTED };

	return (enabled != NULL && strcmp(enabled, "yes") == 0) ||
	       setup_spawn(status, false, NULL, &out) == 0;
}

bool postfix_at_least(const char *version, unsigned major, unsigned minor, unsigned patch)
{
	const unsigned want[] = { major, minor, patch };
	struct span rest = span_of(version);

	for (size_t i = 0; i < 3; i++) {
		size_t n = 0;
		uint64_t have = 0;

		while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
			n++;
		num_u64(span_make(rest.p, n), 1000000, &have);
		if (have != want[i])
			return have > want[i];
		rest.p += n;
		rest.n -= n;
		if (rest.n == 0 || rest.p[0] != '.')
			return i == 2 || (i == 1 && patch == 0) ||
			       (i == 0 && minor == 0 && patch == 0);
		rest.p++;
		rest.n--;
	}
	return true;
}

/* Postfix's word for an address of ours. */
static const char *postfix_word(const struct postfix_facts *f, const char *spec,
				struct arena *arena)
{
	struct setup_address a;

	if (!setup_address_parse(span_of(spec), arena, &a))
		return NULL;
	if (a.path != NULL)
		return arena_printf(arena, "unix:%s", setup_below(a.path, f->queue));
	return arena_printf(arena, "inet:%s:%u",
			    strcmp(a.host, "0.0.0.0") == 0 ? "127.0.0.1" : a.host, a.port);
}

const char *postfix_milter_name(const struct postfix_facts *f, const struct settings *s,
				struct arena *arena)
{
	return postfix_word(f, s->milter_socket, arena);
}

/* Which of our sockets is best: one that is right in and outside of a chroot, else TCP, else any. */
static int goodness(const char *word)
{
	return word == NULL			? 0
	       : strncmp(word, "inet:", 5) == 0 ? 2
	       : word[strlen("unix:")] != '/'	? 3
						: 1;
}

const char *postfix_map_name(const struct postfix_facts *f, const struct settings *s,
			     struct arena *arena)
{
	const char *best = NULL;

	for (size_t i = 0; i < s->socketmap.n; i++) {
		const char *word = postfix_word(f, s->socketmap.v[i], arena);

		if (goodness(word) > goodness(best))
			best = word;
	}
	if (best == NULL || s->postfix_maps.n == 0)
		return NULL;
	return arena_printf(arena, "socketmap:%s:%s", best, s->postfix_maps.v[0]);
}

bool postfix_shut_in(const struct postfix_service *v, const char *word)
{
	return v->chroot && strstr(word, "unix:/") != NULL;
}

const char *postfix_way_in(const struct postfix_service *v, const char *parameter, const char *ours,
			   const char *wanted, struct arena *arena)
{
	const char *text =
		ours != NULL && postfix_shut_in(v, ours)
			? arena_printf(arena, "postconf -F %s/chroot=n", v->key)
			: arena_printf(arena, "postconf -e '%s = %s'", parameter, wanted);

	return text != NULL ? text : "";
}

static bool same_place(const struct postfix_facts *f, const struct setup_address *theirs,
		       const char *ours, bool chroot, struct arena *arena)
{
	struct setup_address a;

	if (!setup_address_parse(span_of(ours), arena, &a) ||
	    (a.path == NULL) != (theirs->path == NULL))
		return false;
	if (a.path != NULL)
		return strcmp(setup_outside(arena, theirs->path, f->queue, chroot), a.path) == 0;
	return a.port == theirs->port &&
	       (setup_is_loopback(theirs->host) || strcmp(a.host, theirs->host) == 0);
}

bool postfix_is_milter(const struct postfix_facts *f, const struct settings *s, struct span item,
		       bool chroot, struct arena *arena)
{
	struct setup_address a;

	return setup_address_parse(setup_item_body(item), arena, &a) &&
	       same_place(f, &a, s->milter_socket, chroot, arena);
}

bool postfix_is_policy(const struct postfix_facts *f, const struct settings *s, struct span item,
		       bool chroot, struct arena *arena)
{
	struct setup_address a;
	const char *name;
	bool proxied;

	if (!setup_socketmap_parse(item, arena, &a, &name, &proxied))
		return false;
	for (size_t i = 0; i < s->socketmap.n; i++)
		if (same_place(f, &a, s->socketmap.v[i], chroot, arena))
			return true;
	return false;
}

bool postfix_does_dane(const struct postfix_facts *f)
{
	const char *level = postconf_value(&f->conf, "smtp_tls_security_level");
	const char *dns = postconf_value(&f->conf, "smtp_dns_support_level");

	return level != NULL && strncmp(level, "dane", 4) == 0 && dns != NULL &&
	       strcmp(dns, "dnssec") == 0;
}

struct setup_guise postfix_guise(const struct postfix_facts *f, bool chroot)
{
	return (struct setup_guise){ .user = f->owner,
				     .root = chroot ? f->queue : NULL,
				     .cwd = f->queue };
}
