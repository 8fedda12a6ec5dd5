#include "config.h"

#include "milter/command/setup_postfix.h"

#include "common/base/num.h"

#include <string.h>

/* Policy servers that this one takes the place of. */
static bool predecessor(struct span item, struct arena *arena)
{
	struct setup_address a;
	const char *name;
	bool proxied;

	if (!setup_socketmap_parse(item, arena, &a, &name, &proxied))
		return false;
	if (a.path == NULL)
		return a.port == 8461 || a.port == 8642;
	return strstr(a.path, "mta-sts-daemon") != NULL ||
	       strstr(a.path, "postfix-mta-sts") != NULL || strstr(a.path, "tlspol") != NULL;
}

typedef bool is_ours(const struct postfix_facts *f, const struct settings *s, struct span item,
		     bool chroot, struct arena *arena);

/* What stands there, without what is ours by any name, and with ours behind it. */
static const char *with_ours(const struct postfix_facts *f, const struct settings *s,
			     const char *parameter, const char *ours, is_ours *is, bool joins,
			     struct arena *arena)
{
	const char *value = postconf_value(&f->conf, parameter);
	struct span rest = span_of(value != NULL ? value : ""), item;
	const char *list = "";
	bool there = false;

	while (list != NULL && setup_item(&rest, &item)) {
		bool mine = is(f, s, item, true, arena) || is(f, s, item, false, arena);

		if (!joins && predecessor(item, arena))
			continue;
		if (mine && there)
			continue;
		there |= mine;
		if (mine && item.p[0] != '{')
			item = span_of(ours);
		list = arena_printf(arena, "%s%s%.*s", list, list[0] != '\0' ? ", " : "",
				    (int)item.n, item.p);
	}
	if (list == NULL || there)
		return list;
	return list[0] != '\0' ? arena_printf(arena, "%s, %s", list, ours) : ours;
}

const char *postfix_milters_wanted(const struct postfix_facts *f, const struct settings *s,
				   struct arena *arena)
{
	const char *ours = postfix_milter_name(f, s, arena);

	return ours != NULL ? with_ours(f, s, "smtpd_milters", ours, postfix_is_milter, true, arena)
			    : NULL;
}

const char *postfix_maps_wanted(const struct postfix_facts *f, const struct settings *s,
				struct arena *arena)
{
	const char *ours = postfix_map_name(f, s, arena);

	return ours != NULL ? with_ours(f, s, "smtp_tls_policy_maps", ours, postfix_is_policy,
					false, arena)
			    : NULL;
}

static bool empty(const struct postfix_facts *f, const char *parameter)
{
	const char *value = postconf_value(&f->conf, parameter);

	return value == NULL || value[0] == '\0';
}

/* dane = postfix only if all three are seen: the level, the DNS support, and a resolver that says what it has validated. */
static void choose_dane(const struct postfix_facts *f, const struct setup_world *w,
			struct setup_lines *l)
{
	struct setup_resolver r = { .word = VALIDATION_UNKNOWN };
	bool chroot = false;

	if (!postfix_does_dane(f)) {
		setup_setting(l, "delivery", "dane", "off");
		return;
	}
	for (size_t i = 0; i < f->conf.n_services; i++)
		if (postfix_service_runs(&f->conf.services[i], "smtp"))
			chroot |= f->conf.services[i].chroot;
	w->resolver(w->ctx,
		    &(struct setup_guise){ .user = w->root ? f->owner : NULL,
					   .root = w->root && chroot ? f->queue : NULL,
					   .cwd = f->queue },
		    &r);
	setup_setting(l, "delivery", "dane", r.word == VALIDATION_OK ? "postfix" : "off");
	if (r.word != VALIDATION_OK)
		setup_note(l,
			   "Postfix is set up for DANE, but its resolver (%s) does not say that it "
			   "validates: no AD bit in the answer for the root. "
			   "So dane = off: mail to domains where DANE fails waits. A validating "
			   "resolver on this host, then run this again.",
			   r.servers[0] != '\0' ? r.servers : "/etc/resolv.conf");
}

static const char *postconf_of(const struct postfix_facts *f, struct arena *arena)
{
	return f->config != NULL ? arena_printf(arena, " -c %s", f->config) : "";
}

static void tls_lines(const struct postfix_facts *f, const struct settings *s, const char *c,
		      struct setup_lines *l)
{
	const char *level = postconf_value(&f->conf, "smtp_tls_security_level");

	if (level == NULL || level[0] == '\0' || strcmp(level, "none") == 0)
		setup_command(l, "postconf%s -e 'smtp_tls_security_level = may'", c);
	if (empty(f, "smtp_tls_CAfile") && empty(f, "smtp_tls_CApath"))
		setup_command(l, "postconf%s -e 'smtp_tls_CAfile = %s'", c, s->ca_bundle);
}

static void tlsrpt_lines(const struct postfix_facts *f, const struct settings *s, const char *c,
			 struct setup_lines *l)
{
	bool known = f->conf.main.n == 0 || postconf_value(&f->conf, "smtp_tlsrpt_enable") != NULL;

	if (!postfix_at_least(f->version, 3, 10, 0) || s->tlsrpt_socket[0] == '\0')
		return;
	if (known)
		setup_command(
			l,
			"postconf%s -e 'smtp_tlsrpt_enable = yes' 'smtp_tlsrpt_socket_name = %s'",
			c, setup_below(s->tlsrpt_socket, f->queue));
	else
		setup_note(l, "this Postfix is built without libtlsrpt: mta-sts feed reads the "
			      "outcomes of its TLS sessions from the log");
}

/* Of services in a chroot from which the daemon's socket cannot be seen: another instance's. */
static void chroot_lines(const struct postfix_facts *f, const char *program, const char *socket,
			 const char *c, struct setup_lines *l)
{
	for (size_t i = 0; i < f->conf.n_services; i++) {
		const struct postfix_service *v = &f->conf.services[i];

		if (postfix_service_runs(v, program) && postfix_shut_in(v, socket))
			setup_command(l, "postconf%s -F %s/chroot=n", c, v->key);
	}
}

static void milter_lines(const struct postfix_facts *f, const struct settings *s, const char *c,
			 struct setup_lines *l)
{
	const char *milters = postfix_milters_wanted(f, s, &l->arena),
		   *time = postconf_value(&f->conf, "milter_command_timeout");
	int64_t ms;

	if (milters == NULL)
		return;
	setup_command(l, "postconf%s -e 'smtpd_milters = %s' 'milter_default_action = tempfail'", c,
		      milters);
	chroot_lines(f, "smtpd", postfix_milter_name(f, s, &l->arena), c, l);
	if (time != NULL && num_duration(span_of(time), &ms) && ms <= s->rcpt_deadline)
		setup_command(l, "postconf%s -e 'milter_command_timeout = 30s'", c);
	if (!empty(f, "non_smtpd_milters"))
		setup_note(l, "non_smtpd_milters is not empty: see the README's section Local "
			      "submissions");
}

void setup_postfix_lines(const struct postfix_facts *f, const struct settings *s,
			 const struct setup_world *w, struct setup_lines *l)
{
	const char *c = postconf_of(f, &l->arena), *maps = postfix_maps_wanted(f, s, &l->arena),
		   *had = postconf_value(&f->conf, "smtp_tls_policy_maps");
	struct span rest = span_of(had != NULL ? had : ""), item, others = postfix_instances(f);

	if (c == NULL) {
		l->failed = true;
		return;
	}
	setup_setting(l, "action", "delivery_bound", maps != NULL ? "yes" : "no");
	setup_setting(l, "delivery", "postfix_version", f->version);
	choose_dane(f, w, l);
	setup_command(l, "systemctl restart mta-sts-milter");
	milter_lines(f, s, c, l);
	if (maps != NULL) {
		setup_command(l, "postconf%s -e 'smtp_tls_policy_maps = %s'", c, maps);
		chroot_lines(f, "smtp", postfix_map_name(f, s, &l->arena), c, l);
	} else
		setup_note(l, "socketmap or postfix_maps is empty in mta-sts.conf: there is "
			      "nothing for smtp_tls_policy_maps to ask");
	tls_lines(f, s, c, l);
	tlsrpt_lines(f, s, c, l);
	setup_command(l, "postfix%s reload", c);
	setup_command(l, "mta-sts setup postfix%s%s --check",
		      f->config != NULL ? " --mta-config " : "",
		      f->config != NULL ? f->config : "");
	while (setup_item(&others, &item))
		setup_note(l, "%.*s is another instance: mta-sts setup postfix --mta-config %.*s",
			   (int)item.n, item.p, (int)item.n, item.p);
	while (setup_item(&rest, &item))
		if (predecessor(item, &l->arena))
			setup_note(l,
				   "%.*s is left out: this daemon takes its place (MIGRATION.md)",
				   (int)item.n, item.p);
	if (!postfix_at_least(f->version, 3, 4, 0))
		setup_note(l, "Postfix before 3.4 does not know servername=hostname and defers the "
			      "mail: it cannot be served");
}
