/* setup_postfix.h - both doors for Postfix: the lines to write, and what is wrong with those that are there
 *
 * PURPOSE   setup_postfix_lines() and setup_postfix_check() decide; they see the host through struct setup_world alone.
 * OWNERSHIP Everything lies in the arena that was given.
 */
#ifndef MILTER_COMMAND_SETUP_POSTFIX_H
#define MILTER_COMMAND_SETUP_POSTFIX_H

#include "common/sts/settings.h"
#include "milter/command/setup_lines.h"
#include "milter/command/setup_postconf.h"
#include "milter/command/setup_report.h"
#include "milter/command/setup_world.h"

/* Place in the choices of settings_table.h. */
enum { SETTING_LOCAL_ACCEPT = 0 };

struct postfix_facts {
	const char *version; /* "3.7.11" */
	const char *config;  /* for postconf -c; NULL: its own default */
	const char *queue, *owner;
	struct postconf conf; /* empty: this Postfix runs elsewhere */
};

/* Asks postconf. 0; -errno: it could not be run, or *error says what it said. */
int postfix_facts_read(const char *config, struct arena *arena, struct postfix_facts *ret,
		       struct buf *error);
/* Of a Postfix that runs elsewhere: its version, everything else as Debian has it. */
struct postfix_facts postfix_facts_told(const char *version);
/* From what postconf printed. 0 or -ENOMEM. */
int postfix_facts_parse(struct span main, struct span columns, struct span overrides,
			struct arena *arena, struct postfix_facts *ret);

/* The directories of the other instances, as a list, when none was named. */
struct span postfix_instances(const struct postfix_facts *f);
/* One of them: is it enabled, or does it run all the same, as postfix -c can have it? */
bool postfix_instance_counts(const struct postfix_facts *f);

bool postfix_at_least(const char *version, unsigned major, unsigned minor, unsigned patch);

/* How Postfix has to call our sockets. NULL: we have none. */
const char *postfix_milter_name(const struct postfix_facts *f, const struct settings *s,
				struct arena *arena);
const char *postfix_map_name(const struct postfix_facts *f, const struct settings *s,
			     struct arena *arena);

/* Is it one of our sockets, as the service sees it? */
bool postfix_is_milter(const struct postfix_facts *f, const struct settings *s, struct span item,
		       bool chroot, struct arena *arena);
bool postfix_is_policy(const struct postfix_facts *f, const struct settings *s, struct span item,
		       bool chroot, struct arena *arena);

/* The lists that Postfix should have: what it has, with ours behind. */
const char *postfix_milters_wanted(const struct postfix_facts *f, const struct settings *s,
				   struct arena *arena);
const char *postfix_maps_wanted(const struct postfix_facts *f, const struct settings *s,
				struct arena *arena);

/* Is the service in a chroot that is no way to this socket: another instance's? */
bool postfix_shut_in(const struct postfix_service *v, const char *socket);
/* The command by which a service that may be in a chroot reaches ours: by what stands in the list, or by leaving the chroot. */
const char *postfix_way_in(const struct postfix_service *v, const char *parameter, const char *ours,
			   const char *wanted, struct arena *arena);

/* Does Postfix do DANE (level and DNS)? */
bool postfix_does_dane(const struct postfix_facts *f);
struct setup_guise postfix_guise(const struct postfix_facts *f, bool chroot);

void setup_postfix_lines(const struct postfix_facts *f, const struct settings *s,
			 const struct setup_world *w, struct setup_lines *ret);
void setup_postfix_check(const struct postfix_facts *f, const struct settings *s,
			 const struct setup_world *w, struct setup_report *ret);
/* The half of it that is about smtpd(8) and the milter. */
void setup_postfix_check_milter(const struct postfix_facts *f, const struct settings *s,
				const struct setup_world *w, struct setup_report *ret);
void setup_postfix_check_tls(const struct postfix_facts *f, const struct settings *s,
			     const struct setup_world *w, struct setup_report *ret);

#endif
