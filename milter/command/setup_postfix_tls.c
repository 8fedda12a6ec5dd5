#include "config.h"

#include "milter/command/setup_postfix.h"

#include <string.h>

struct look {
	const struct postfix_facts *f;
	const struct settings *s;
	const struct setup_world *w;
	struct setup_report *r;
	bool inside, outside; /* where delivery services run */
};

static const char *said(struct look *k, const char *name)
{
	const char *value = postconf_value(&k->f->conf, name);

	return value != NULL ? value : "";
}

static bool says(struct look *k, const char *name, const char *value)
{
	return strcmp(said(k, name), value) == 0;
}

static const char *sentence(struct look *k, const char *path, int error)
{
	const char *text = arena_printf(&k->r->arena, "%s: %s", path, strerror(error));

	return text != NULL ? text : path;
}

static void check_level(struct look *k)
{
	const char *level = said(k, "smtp_tls_security_level");
	bool old = says(k, "smtp_use_tls", "yes") || says(k, "smtp_enforce_tls", "yes");

	setup_asked(k->r, SETUP_CHECK_TLS_LEVEL);
	if (strcmp(level, "none") == 0 || (level[0] == '\0' && !old))
		setup_found(k->r, SETUP_LEVEL_NONE, level[0] != '\0' ? level : "empty", NULL);
}

static bool discards_starttls(const char *keywords)
{
	struct span rest = span_of(keywords), item;

	while (setup_item(&rest, &item))
		if (span_caseeq(item, "starttls"))
			return true;
	return false;
}

static void check_start(struct look *k, const struct postfix_service *v)
{
	const struct postconf *conf = &k->f->conf;
	bool reuse = strcmp(postconf_effective(conf, v, "smtp_tls_connection_reuse"), "yes") == 0;

	for (size_t i = 0; i < conf->n_services; i++)
		reuse &= strcmp(conf->services[i].key, "tlsproxy/unix") != 0;
	setup_asked(k->r, SETUP_CHECK_TLS_START);
	if (reuse && !setup_has(k->r, SETUP_REUSE_ALONE))
		setup_found(k->r, SETUP_REUSE_ALONE, NULL, NULL);
	if (discards_starttls(postconf_effective(conf, v, "smtp_discard_ehlo_keywords")) &&
	    !setup_has(k->r, SETUP_STARTTLS_IGNORED))
		setup_found(k->r, SETUP_STARTTLS_IGNORED, NULL, NULL);
}

/* SETUP_FAULTS: none. A CAfile is read before Postfix enters its chroot, a CApath is looked at within. */
static enum setup_fault fault_of_roots(struct look *k, const char *file, const char *path,
				       bool inside, const char **ret_found)
{
	const char *used = file[0] != '\0' ? file : path;
	int error;

	*ret_found = path;
	if (used[0] == '\0')
		return says(k, "tls_append_default_CA", "yes") ||
				       said(k, "smtp_tls_trust_anchor_file")[0] != '\0'
			       ? SETUP_FAULTS
			       : SETUP_CA_NONE;
	error = used == file ? k->w->file(k->w->ctx, file) : k->w->directory(k->w->ctx, path);
	if (error != 0) {
		*ret_found = sentence(k, used, error);
		return SETUP_CA_UNREADABLE;
	}
	if (used == path && inside &&
	    k->w->directory(k->w->ctx, setup_outside(&k->r->arena, path, k->f->queue, true)) != 0)
		return SETUP_CA_CHROOT;
	return SETUP_FAULTS;
}

static void check_own_roots(struct look *k, const struct postfix_service *v)
{
	const struct postconf *conf = &k->f->conf;
	const char *name = postconf_override(conf, v, "smtp_tls_CAfile") != NULL
				   ? "smtp_tls_CAfile"
				   : "smtp_tls_CApath",
		   *found;

	if (postconf_override(conf, v, name) != NULL &&
	    fault_of_roots(k, postconf_effective(conf, v, "smtp_tls_CAfile"),
			   postconf_effective(conf, v, "smtp_tls_CApath"), v->chroot,
			   &found) != SETUP_FAULTS)
		setup_found(k->r, SETUP_CA_OVERRIDDEN, v->key,
			    arena_printf(&k->r->arena, "%s/%s", v->key, name));
}

/* They are opened when the first mail needs them, in the chroot. */
static void check_anchors(struct look *k, const struct postfix_service *v)
{
	struct span rest = span_of(
			    postconf_effective(&k->f->conf, v, "smtp_tls_trust_anchor_file")),
		    item;
	const char *path, *place;
	int error;

	if (setup_has(k->r, SETUP_ANCHORS) || setup_has(k->r, SETUP_ANCHORS_UNREADABLE) ||
	    !setup_item(&rest, &item))
		return;
	path = arena_printf(&k->r->arena, "%.*s", (int)item.n, item.p);
	if (path == NULL)
		return;
	place = setup_outside(&k->r->arena, path, k->f->queue, v->chroot);
	error = k->w->file(k->w->ctx, place);
	if (error != 0)
		setup_found(k->r, SETUP_ANCHORS_UNREADABLE, sentence(k, place, error), NULL);
	else
		setup_found(k->r, SETUP_ANCHORS, path, NULL);
}

static void check_roots(struct look *k)
{
	const char *found;
	enum setup_fault fault = fault_of_roots(k, said(k, "smtp_tls_CAfile"),
						said(k, "smtp_tls_CApath"), k->inside, &found);

	setup_asked(k->r, SETUP_CHECK_CA);
	if (fault != SETUP_FAULTS)
		setup_found(k->r, fault, found, k->s->ca_bundle);
	for (size_t i = 0; i < k->f->conf.n_services; i++) {
		if (!postfix_service_runs(&k->f->conf.services[i], "smtp"))
			continue;
		check_own_roots(k, &k->f->conf.services[i]);
		check_anchors(k, &k->f->conf.services[i]);
	}
}

static void check_bundle(struct look *k)
{
	int error = k->w->file(k->w->ctx, k->s->ca_bundle);

	setup_asked(k->r, SETUP_CHECK_CA_BUNDLE);
	if (error != 0)
		setup_found(k->r, SETUP_BUNDLE_UNREADABLE, sentence(k, k->s->ca_bundle, error),
			    NULL);
}

static void ask_resolver(struct look *k, bool chroot)
{
	struct setup_guise guise = postfix_guise(k->f, k->w->root && chroot);
	struct setup_resolver found;
	const char *where = chroot ? ", in the chroot" : "", *why;

	k->w->resolver(k->w->ctx, &guise, &found);
	setup_asked(k->r, SETUP_CHECK_RESOLVER);
	switch (found.word) {
	case VALIDATION_OK:
		if (found.far)
			setup_found(k->r, SETUP_RESOLVER_FAR, found.servers, NULL);
		break;
	case VALIDATION_NO_AD:
		why = arena_printf(&k->r->arena,
				   "the resolver that Postfix asks (%s%s) does not set AD in its "
				   "answer for the root: Postfix finds no DANE",
				   found.servers, where);
		setup_found(k->r, SETUP_RESOLVER_NO_AD, why, NULL);
		break;
	case VALIDATION_NO_ANSWER:
		why = arena_printf(&k->r->arena,
				   "the resolver that Postfix asks (%s%s) does not answer",
				   found.servers, where);
		setup_found(k->r, SETUP_RESOLVER_AWAY, why, NULL);
		break;
	case VALIDATION_UNKNOWN:
		setup_found(k->r, SETUP_NOT_ROOT, "the resolver in the chroot is not tried", NULL);
		break;
	}
}

static void check_dane(struct look *k)
{
	const char *level = said(k, "smtp_tls_security_level"),
		   *dns = said(k, "smtp_dns_support_level");
	bool wanted = strncmp(level, "dane", 4) == 0, ours = k->s->dane == DANE_BY_POSTFIX;

	setup_asked(k->r, SETUP_CHECK_DANE);
	if (ours && !wanted)
		setup_found(k->r, SETUP_DANE_LEVEL, level[0] != '\0' ? level : "empty", NULL);
	if ((ours || wanted) && strcmp(dns, "dnssec") != 0)
		setup_found(k->r, SETUP_DANE_DNS, dns[0] != '\0' ? dns : "empty", NULL);
	if ((ours || wanted) && strstr(said(k, "smtp_host_lookup"), "dns") == NULL)
		setup_found(k->r, SETUP_DANE_HOSTS, said(k, "smtp_host_lookup"), NULL);
	if (wanted && !ours && strcmp(dns, "dnssec") == 0)
		setup_found(k->r, SETUP_DANE_REPLACED, NULL, NULL);
	if (!ours && !wanted)
		return;
	if (k->outside)
		ask_resolver(k, false);
	if (k->inside)
		ask_resolver(k, true);
}

static void try_tlsrpt(struct look *k, const char *name, bool chroot)
{
	struct setup_guise guise = postfix_guise(k->f, k->w->root && chroot);
	struct setup_address a = { .path = name };
	struct setup_reached reached;

	k->w->reach(k->w->ctx, &guise, &a, TALK_DATAGRAM, NULL, &reached);
	if (reached.word == REACH_ABSENT || reached.word == REACH_ODD)
		setup_found(k->r, SETUP_TLSRPT_ABSENT, reached.why, NULL);
	else if (reached.word == REACH_FORBIDDEN)
		setup_found(k->r, SETUP_TLSRPT_FORBIDDEN, reached.why, reached.cure);
}

static void check_tlsrpt(struct look *k)
{
	const char *name = said(k, "smtp_tlsrpt_socket_name"), *ours = k->s->tlsrpt_socket;
	const char *wanted = setup_below(ours, k->f->queue);

	if (postconf_value(&k->f->conf, "smtp_tlsrpt_enable") == NULL || ours[0] == '\0')
		return;
	setup_asked(k->r, SETUP_CHECK_TLSRPT);
	if (!says(k, "smtp_tlsrpt_enable", "yes")) {
		setup_found(k->r, SETUP_TLSRPT_OFF, NULL, wanted);
		return;
	}
	if (strcmp(setup_outside(&k->r->arena, name, k->f->queue, k->inside), ours) != 0) {
		setup_found(k->r, SETUP_TLSRPT_ELSEWHERE, name[0] != '\0' ? name : "(empty)",
			    wanted);
		return;
	}
	try_tlsrpt(k, name, k->inside);
}

void setup_postfix_check_tls(const struct postfix_facts *f, const struct settings *s,
			     const struct setup_world *w, struct setup_report *r)
{
	struct look k = { .f = f, .s = s, .w = w, .r = r };

	for (size_t i = 0; i < f->conf.n_services; i++) {
		if (!postfix_service_runs(&f->conf.services[i], "smtp"))
			continue;
		k.inside |= f->conf.services[i].chroot;
		k.outside |= !f->conf.services[i].chroot;
		check_start(&k, &f->conf.services[i]);
	}
	check_level(&k);
	check_roots(&k);
	check_bundle(&k);
	check_dane(&k);
	check_tlsrpt(&k);
	if (postconf_value(&f->conf, "smtp_tls_enforce_sts_mx_patterns") != NULL) {
		setup_asked(r, SETUP_CHECK_MX_PATTERNS);
		if (says(&k, "smtp_tls_enforce_sts_mx_patterns", "no"))
			setup_found(r, SETUP_PATTERNS_OFF, NULL, NULL);
	}
	if (says(&k, "tls_required_enable", "yes"))
		setup_found(r, SETUP_TLS_REQUIRED_ON, NULL, NULL);
}
