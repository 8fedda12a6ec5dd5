#include "config.h"

#include "milter/command/setup_sendmail.h"

#include "common/base/cleanup.h"
#include "milter/command/setup_cf.h"
#include "milter/command/setup_spawn.h"
#include "milter/shared/input.h"

#include <errno.h>
#include <string.h>

enum { PRINTED = 1 << 20 };

/* Where Debian and others keep it; /usr/sbin/sendmail may be another MTA's. */
static const char *const programs[] = { "/usr/libexec/sendmail/sendmail",
					"/usr/lib/sm.bin/sendmail", "sendmail" };

/* -d0.13 makes it tell what it is; then it looks for its host's name, and sleeps for a minute when there is no dot in it. 38.20 makes it tell that it looks. */
static bool ask(const char *program, const char *cf, struct buf *out)
{
	const char *argv[] = {
		program, "-C", cf, "-d0.13,38.20", "-bt", NULL
	}; /* other MTAs refuse -bt, and do nothing */

	return setup_spawn(argv, true, "getcanonname(", out) >= 0 &&
	       strstr(buf_text(out), "Version 8.") != NULL;
}

static const char *version_in(struct span text, struct arena *arena)
{
	struct span line, word;

	while (span_line(&text, &line)) {
		if (!span_starts(line, "Version 8."))
			continue;
		span_word(&line, &word);
		return span_word(&line, &word) ? arena_strdup(arena, word) : NULL;
	}
	return NULL;
}

int sendmail_facts_read(const char *config, struct arena *arena, struct sendmail_facts *ret,
			struct buf *error)
{
	AUTO(buf_release) struct buf cf = { .max = PRINTED + 1 }, built = { .max = PRINTED };
	const char *path = config != NULL ? config : SENDMAIL_CF;
	bool found = false;
	int r;

	for (size_t i = 0; i < 3 && !found; i++) {
		buf_clear(&built);
		found = ask(programs[i], path, &built);
	}
	if (!found)
		return -ENOENT;
	r = input_read(path, PRINTED, &cf);
	if (r != 0) {
		buf_addf(error, "%s cannot be read: %s", path, strerror(-r));
		return r == -ENOENT ? -EIO : r;
	}
	r = setup_keep(&cf, arena, &ret->cf);
	if (r == 0)
		r = setup_keep(&built, arena, &ret->built);
	if (r == 0)
		ret->version = version_in(ret->built, arena);
	return r != 0 || ret->version != NULL ? r : -EBADMSG;
}

/* As Sendmail writes it: PORT@HOST. */
static const char *map_address(const struct settings *s)
{
	for (size_t i = 0; i < s->socketmap.n; i++)
		if (strncmp(s->socketmap.v[i], "inet:", 5) == 0)
			return s->socketmap.v[i];
	return s->socketmap.n > 0 ? s->socketmap.v[0] : NULL;
}

/* The socket's type as INPUT_MAIL_FILTER has it. */
static void milter_line(const struct settings *s, struct setup_lines *l)
{
	const char *spec = s->milter_socket;

	if (spec[0] == '\0')
		return;
	setup_text(l, "sendmail.mc",
		   "INPUT_MAIL_FILTER(`mta-sts', `S=%s%s, F=T, T=C:10s;S:10s;R:30s;E:60s')dnl",
		   strncmp(spec, "unix:", 5) == 0 ? "local:" : "",
		   strncmp(spec, "unix:", 5) == 0 ? spec + 5 : spec);
}

void setup_sendmail_lines(const struct sendmail_facts *f, const struct settings *s,
			  struct setup_lines *l)
{
	const char *address = map_address(s), *smart = cf_smart_host(f->cf, &l->arena);
	bool sts = address != NULL && smart[0] == '\0';

	setup_setting(l, "action", "delivery_bound",
		      sts && !cf_has(f->cf, "Kmailertable") ? "yes" : "no");
	milter_line(s, l);
	if (sts) {
		setup_text(l, "sendmail.mc", "FEATURE(`sts', `socket -d25 -T<TMPF> %s')dnl",
			   address);
		setup_text(l, "sendmail.mc", "define(`confCACERT', `%s')dnl", s->ca_bundle);
		setup_text(l, "sendmail.mc", "define(`confCACERT_PATH', `/etc/ssl/certs')dnl");
		/* The rules see a transaction's first recipient, and the connection would do for the next message. */
		setup_text(l, "sendmail.mc", "MODIFY_MAILER_FLAGS(`SMTP', `-m')dnl");
		setup_text(l, "sendmail.mc", "MODIFY_MAILER_FLAGS(`ESMTP', `-m')dnl");
		setup_text(l, "sendmail.mc", "define(`confMCI_CACHE_SIZE', `0')dnl");
		setup_text(l, "sendmail.mc", "define(`confTO_HOSTSTATUS', `0s')dnl");
	}
	if (smart[0] != '\0')
		setup_note(l,
			   "SMART_HOST is %s: FEATURE(`sts') is left out. It would ask about the "
			   "recipient's domain and hold the smart host against that policy; the "
			   "milter asks "
			   "about the smart host.",
			   smart);
	if (cf_has(f->cf, "Kmailertable"))
		setup_note(l, "there is a mailertable: FEATURE(`sts') asks about the recipient's "
			      "domain, wherever the table sends it. So delivery_bound = no.");
	setup_note(l,
		   "these lines stand below the last DAEMON_OPTIONS, and above MAILER_DEFINITIONS "
		   "and every MAILER; then make -C /etc/mail and restart Sendmail");
	setup_command(l, "systemctl restart mta-sts-milter");
	setup_command(l, "make -C /etc/mail && systemctl restart sendmail");
	setup_command(l, "mta-sts setup sendmail --check");
}
