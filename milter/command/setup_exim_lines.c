#include "config.h"

#include "milter/command/setup_exim.h"

#include "milter/command/setup_examples.h" /* made from doc/examples, which the lab tests */
#include "milter/command/setup_words.h"

#include <string.h>

#define DEFAULT_SOCKET	    "/run/mta-sts/exim.sock"
#define DEFAULT_AUTHORITIES "MTA_STS_AUTHORITIES = system"

/* What readsocket takes: a path, or inet:HOST:PORT. */
static const char *socket_word(const struct settings *s, struct arena *arena)
{
	struct setup_address a;

	if (s->exim_socket.n == 0 || !setup_address_parse(span_of(s->exim_socket.v[0]), arena, &a))
		return NULL;
	return a.path != NULL ? a.path : arena_printf(arena, "inet:%s:%u", a.host, a.port);
}

static void put_line(struct setup_lines *l, const char *where, struct span line, const char *from,
		     const char *to)
{
	const char *at = line.n > 0 ? memmem(line.p, line.n, from, strlen(from)) : NULL;

	if (at == NULL) {
		setup_text(l, where, "%.*s", (int)line.n, line.p);
		return;
	}
	setup_text(l, where, "%.*s%s%.*s", (int)(at - line.p), line.p, to,
		   (int)(line.p + line.n - at - (ptrdiff_t)strlen(from)), at + strlen(from));
}

static void put_file(struct setup_lines *l, const char *where, const char *text,
		     const struct settings *s, const char *socket)
{
	struct span rest = span_of(text), line;
	const char *roots = arena_printf(&l->arena, "MTA_STS_AUTHORITIES = %s", s->ca_bundle);

	while (span_line(&rest, &line)) {
		bool names_roots = span_eq(span_trim(line), DEFAULT_AUTHORITIES) &&
				   strcmp(s->ca_bundle, "/etc/ssl/certs/ca-certificates.crt") != 0;

		if (names_roots && roots != NULL)
			put_line(l, where, line, DEFAULT_AUTHORITIES, roots);
		else
			put_line(l, where, line, DEFAULT_SOCKET, socket);
	}
}

void setup_exim_lines(const struct exim_facts *f, const struct settings *s, struct setup_lines *l)
{
	const char *socket = socket_word(s, &l->arena);

	(void)f;
	if (socket == NULL) {
		setup_note(
			l,
			"exim_socket is empty in mta-sts.conf: there is nothing for Exim to ask");
		return;
	}
	setup_setting(l, "action", "delivery_bound", "yes");
	put_file(l, "the main section: /etc/exim4/conf.d/main/000_mta-sts", exim_main_conf, s,
		 socket);
	put_file(l, "begin acl: /etc/exim4/conf.d/acl/25_mta-sts", exim_acl_conf, s, socket);
	put_file(l, "begin routers: /etc/exim4/conf.d/router/190_mta-sts", exim_router_conf, s,
		 socket);
	put_file(l, "begin transports: /etc/exim4/conf.d/transport/30_mta-sts", exim_transport_conf,
		 s, socket);
	setup_command(l, "systemctl restart mta-sts-milter");
	setup_command(l, "update-exim4.conf && systemctl restart exim4");
	setup_command(l, "mta-sts setup exim --check");
	setup_note(l, "where /etc/resolv.conf has a resolver on this host that validates, and "
		      "options trust-ad, Exim does DANE: then also dane = exim in section "
		      "delivery of mta-sts.conf");
	setup_note(l, "with a smart host leave the routers and the transport out: Exim then "
		      "delivers to it, and not to the recipient's domain");
}
