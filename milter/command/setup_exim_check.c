#include "config.h"

#include "milter/command/setup_exim.h"

#include "common/base/num.h"
#include "milter/command/setup_exim_text.h"

#include <string.h>

struct look {
	const struct exim_facts *f;
	const struct settings *s;
	const struct setup_world *w;
	struct setup_report *r;
};

static struct arena *memory(struct look *k)
{
	return &k->r->arena;
}

static void check_built(struct look *k)
{
	struct span behind;

	if (k->f->built.n == 0)
		return;
	setup_asked(k->r, SETUP_CHECK_BUILT_IN);
	if (!exim_says(k->f->built, "GnuTLS", &behind) &&
	    !exim_says(k->f->built, "OpenSSL", &behind))
		setup_found(k->r, SETUP_EXIM_NOT_BUILT, "TLS", NULL);
	if (!exim_says(k->f->built, " Event", &behind))
		setup_found(k->r, SETUP_EXIM_NOT_BUILT, "events", NULL);
}

/* The socket that a request is sent to: "${readsocket{PATH}{REQUEST...". NULL: none of ours. */
static bool asks(struct look *k, struct span text, const char *request, struct span *ret_behind)
{
	for (size_t i = 0; i < k->s->exim_socket.n; i++) {
		const char *spec = k->s->exim_socket.v[i], *words;
		struct setup_address a;

		if (!setup_address_parse(span_of(spec), memory(k), &a))
			continue;
		words = a.path != NULL
				? arena_printf(memory(k), "readsocket{%s}{%s", a.path, request)
				: arena_printf(memory(k), "readsocket{inet:%s:%u}{%s", a.host,
					       a.port, request);
		if (words != NULL && exim_says(text, words, ret_behind))
			return true;
	}
	return false;
}

/* "...\n}{25s:cache=yes}": what stands between the braces behind the request, up to a colon. Exim's default is 5 s. */
static const char *patience(struct look *k, struct span behind)
{
	const char *at = behind.n > 0 ? memmem(behind.p, behind.n, "}{", 2) : NULL;
	size_t n = 0;
	const char *text;

	if (at == NULL)
		return "5s";
	at += 2;
	while (at + n < behind.p + behind.n && strchr(":}", at[n]) == NULL)
		n++;
	text = n > 0 ? arena_strdup(memory(k), span_make(at, n)) : NULL;
	return text != NULL ? text : "5s";
}

static void check_acl(struct look *k)
{
	struct span section = exim_section(k->f->config, "acl"), behind, rest;
	const char *name = exim_option(exim_section(k->f->config, ""), "acl_smtp_rcpt", memory(k)),
		   *wait;
	struct exim_block block;
	char text[32];
	int64_t ms;

	setup_asked(k->r, SETUP_CHECK_ACL);
	while (exim_block(&section, memory(k), &block)) {
		if (strcmp(block.name, name) != 0 || !asks(k, block.text, "rcpt ", &behind))
			continue;
		wait = patience(k, behind);
		if (num_duration(span_of(wait), &ms) && ms <= k->s->socketmap_deadline)
			setup_found(k->r, SETUP_EXIM_ACL_HASTY, wait,
				    num_format_duration(k->s->socketmap_deadline, text));
		if (k->s->action_authenticated != 0 && !exim_says(behind, "authenticated", &rest))
			setup_found(k->r, SETUP_EXIM_ACL_ANONYMOUS, name, NULL);
		return;
	}
	setup_found(k->r, SETUP_EXIM_ACL_MISSING, name[0] != '\0' ? name : "not set", NULL);
}

static bool takes_all(struct look *k, const struct exim_block *b)
{
	const char *domains = exim_option(b->text, "domains", memory(k)),
		   *driver = exim_option(b->text, "driver", memory(k));

	return (strcmp(driver, "dnslookup") == 0 || strcmp(driver, "manualroute") == 0) &&
	       (domains[0] == '\0' || strstr(domains, "! +local_domains") != NULL);
}

static void check_routers(struct look *k)
{
	struct span section = exim_section(k->f->config, "routers"), behind;
	const char *early = NULL, *ours = NULL, *smart = NULL;
	struct exim_block b;

	while (exim_block(&section, memory(k), &b)) {
		bool mine = asks(k, b.text, "policy ", &behind);

		if (ours == NULL && !mine && early == NULL && takes_all(k, &b))
			early = b.name;
		if (mine && ours == NULL)
			ours = b.name;
		if (!mine && takes_all(k, &b) &&
		    exim_option(b.text, "route_list", memory(k))[0] == '*')
			smart = b.name;
	}
	setup_asked(k->r, SETUP_CHECK_POLICY_MAP);
	setup_asked(k->r, SETUP_CHECK_NEXT_HOP);
	if (ours == NULL)
		setup_found(k->r, SETUP_EXIM_ROUTER_MISSING, NULL, NULL);
	else if (early != NULL)
		setup_found(k->r, SETUP_EXIM_ROUTER_LATE, early, ours);
	else
		setup_asked(k->r, SETUP_CHECK_POLICY_ORDER);
	if (ours != NULL && smart != NULL)
		setup_found(k->r, SETUP_EXIM_SMART_HOST, smart, NULL);
}

static void need(struct look *k, const struct exim_block *b, const char *option, const char *value)
{
	const char *has = exim_option(b->text, option, memory(k));

	if (value != NULL ? strcmp(has, value) != 0 : has[0] == '\0')
		setup_found(k->r, SETUP_EXIM_TRANSPORT_LAX, b->name,
			    arena_printf(memory(k), "%s = %s", option,
					 value != NULL ? value : "$host"));
}

static void check_transport_block(struct look *k, const struct exim_block *b)
{
	const char *roots = exim_option(b->text, "tls_verify_certificates", memory(k));
	int error;

	need(k, b, "hosts_require_tls", "*");
	need(k, b, "tls_verify_hosts", "*");
	need(k, b, "tls_tempfail_tryclear", "false");
	need(k, b, "tls_sni", NULL);
	setup_asked(k->r, SETUP_CHECK_CA);
	if (roots[0] == '/') {
		error = k->w->file(k->w->ctx, roots);
		if (error != 0 && k->w->directory(k->w->ctx, roots) != 0)
			setup_found(k->r, SETUP_EXIM_CA,
				    arena_printf(memory(k), "%s: %s", roots, strerror(error)),
				    k->s->ca_bundle);
	}
}

static bool check_transports(struct look *k)
{
	struct span section = exim_section(k->f->config, "transports"), behind;
	struct exim_block b;
	bool any = false;

	setup_asked(k->r, SETUP_CHECK_TRANSPORT);
	while (exim_block(&section, memory(k), &b)) {
		if (!asks(k, b.text, "mx ", &behind))
			continue;
		any = true;
		check_transport_block(k, &b);
	}
	if (!any)
		setup_found(k->r, SETUP_EXIM_TRANSPORT_MISSING, NULL, NULL);
	return any;
}

static void check_socket(struct look *k)
{
	/* What a queue runner delivers does not have the other groups. */
	struct setup_guise guise = { .user = k->w->root ? k->f->user : NULL, .one_group = true };
	struct setup_reached reached;
	struct setup_address a;

	if (k->s->exim_socket.n == 0 ||
	    !setup_address_parse(span_of(k->s->exim_socket.v[0]), memory(k), &a)) {
		setup_found(k->r, SETUP_EXIM_ABSENT, "exim_socket is empty in mta-sts.conf", NULL);
		return;
	}
	k->w->reach(k->w->ctx, &guise, &a, TALK_EXIM, NULL, &reached);
	setup_tried(k->r,
		    &(struct setup_socket){ SETUP_CHECK_EXIM_SOCKET, SETUP_EXIM_ABSENT,
					    SETUP_EXIM_FORBIDDEN, SETUP_EXIM_ODD },
		    &reached);
}

void setup_exim_check(const struct exim_facts *f, const struct settings *s,
		      const struct setup_world *w, struct setup_report *r)
{
	struct look k = { .f = f, .s = s, .w = w, .r = r };
	int error = w->file(w->ctx, s->ca_bundle);
	bool bound;

	setup_asked(r, SETUP_CHECK_MTA);
	check_built(&k);
	check_acl(&k);
	check_routers(&k);
	bound = check_transports(&k) && !setup_has(r, SETUP_EXIM_TRANSPORT_LAX) &&
		!setup_has(r, SETUP_EXIM_ROUTER_MISSING) && !setup_has(r, SETUP_EXIM_ROUTER_LATE);
	check_socket(&k);
	setup_asked(r, SETUP_CHECK_CA_BUNDLE);
	if (error != 0)
		setup_found(r, SETUP_BUNDLE_UNREADABLE,
			    arena_printf(&r->arena, "%s: %s", s->ca_bundle, strerror(error)), NULL);
	setup_asked(r, SETUP_CHECK_BOUND);
	if (s->delivery_bound && !bound)
		setup_found(r, SETUP_BOUND_FALSELY, NULL, NULL);
	if (!s->delivery_bound && bound)
		setup_found(r, SETUP_BOUND_COULD, NULL, NULL);
}
