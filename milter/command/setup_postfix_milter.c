#include "config.h"

#include "milter/command/setup_postfix.h"

#include "common/base/num.h"

#include <string.h>

struct look {
	const struct postfix_facts *f;
	const struct settings *s;
	const struct setup_world *w;
	struct setup_report *r;
	bool missing_said, tried[2]; /* outside, inside a chroot */
	const char *way_in;	     /* that was told last */
};

static const char *said(struct look *k, const char *name)
{
	const char *value = postconf_value(&k->f->conf, name);

	return value != NULL ? value : "";
}

/* "127.0.0.1:10026/inet" and sockets of the file system: nobody from outside gets there. */
static bool hears_here_alone(const char *key)
{
	const char *slash = strrchr(key, '/'), *colon = strrchr(key, ':');
	char host[64];

	if (slash == NULL || strcmp(slash, "/inet") != 0)
		return slash != NULL && strcmp(slash, "/unix") == 0;
	if (colon == NULL || !span_copy(span_make(key, (size_t)(colon - key)), host, sizeof(host)))
		return false;
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		return setup_is_loopback(host + 1);
	}
	return setup_is_loopback(host);
}

static void try_milter(struct look *k, const struct postfix_service *v, struct span item)
{
	struct setup_guise guise = postfix_guise(k->f, k->w->root && v->chroot);
	struct setup_reached reached;
	struct setup_address a;

	if (k->tried[v->chroot] || !setup_address_parse(setup_item_body(item), &k->r->arena, &a))
		return;
	k->tried[v->chroot] = true;
	k->w->reach(k->w->ctx, &guise, &a, TALK_MILTER, NULL, &reached);
	setup_tried(k->r,
		    &(struct setup_socket){ SETUP_CHECK_MILTER_SOCKET, SETUP_MILTER_ABSENT,
					    SETUP_MILTER_FORBIDDEN, SETUP_MILTER_ODD },
		    &reached);
}

static void wrong_place(struct look *k, const struct postfix_service *v, struct span item)
{
	const char *why = arena_printf(&k->r->arena, "%s runs %s, where %.*s leads elsewhere",
				       v->key, v->chroot ? "in a chroot" : "outside of a chroot",
				       (int)item.n, item.p);
	const char *cure =
		postfix_way_in(v, "smtpd_milters", postfix_milter_name(k->f, k->s, &k->r->arena),
			       postfix_milters_wanted(k->f, k->s, &k->r->arena), &k->r->arena);

	if (strcmp(cure, k->way_in != NULL ? k->way_in : "") != 0)
		setup_found(k->r, SETUP_MILTER_CHROOT, why, cure);
	k->way_in = cure;
}

static void check_action(struct look *k, const char *action)
{
	setup_asked(k->r, SETUP_CHECK_MILTER_ACTION);
	if (strcmp(action, "accept") == 0)
		setup_found(k->r, SETUP_ACTION_ACCEPT, NULL, NULL);
	else if (strcmp(action, "shutdown") == 0)
		setup_found(k->r, SETUP_ACTION_SHUTDOWN, NULL, NULL);
	else if (strcmp(action, "quarantine") == 0)
		setup_found(k->r, SETUP_ACTION_HOLD, NULL, NULL);
	else if (strcmp(action, "tempfail") != 0)
		setup_found(k->r, SETUP_ACTION_REJECT, action, NULL);
}

static void check_times(struct look *k, const char *command, const char *connect)
{
	char text[32];
	int64_t ms;

	setup_asked(k->r, SETUP_CHECK_MILTER_TIMES);
	if (num_duration(span_of(command), &ms) && ms <= k->s->rcpt_deadline)
		setup_found(k->r, SETUP_TIMES_COMMAND, command,
			    num_format_duration(k->s->rcpt_deadline, text));
	if (num_duration(span_of(connect), &ms) && ms < 5000)
		setup_found(k->r, SETUP_TIMES_CONNECT, connect, NULL);
}

/* What the item says itself goes before what main.cf says. */
static const char *option(struct look *k, struct span item, const char *name, const char *otherwise)
{
	struct span own = setup_item_option(item, name);
	const char *text = own.n > 0 ? arena_strdup(&k->r->arena, own) : NULL;

	return text != NULL ? text : said(k, otherwise);
}

/* Our item of a list, and whether it leads to us from where the service is. False: there is none. */
static bool find_ours(struct look *k, const struct postfix_service *v, const char *value,
		      struct span *ret, bool *ret_in_place)
{
	struct span rest = span_of(value);

	while (setup_item(&rest, ret)) {
		*ret_in_place = postfix_is_milter(k->f, k->s, *ret, v->chroot, &k->r->arena);
		if (*ret_in_place || postfix_is_milter(k->f, k->s, *ret, !v->chroot, &k->r->arena))
			return true;
	}
	return false;
}

static void check_service(struct look *k, const struct postfix_service *v)
{
	const char *own = postconf_override(&k->f->conf, v, "smtpd_milters"), *remedy;
	struct span item;
	bool in_place;

	if (find_ours(k, v, own != NULL ? own : said(k, "smtpd_milters"), &item, &in_place)) {
		setup_asked(k->r, SETUP_CHECK_MILTER);
		if (!in_place) {
			wrong_place(k, v, item);
			return;
		}
		try_milter(k, v, item);
		if (setup_worst(k->r, SETUP_CHECK_MILTER_ACTION) == SETUP_OK)
			check_action(k, option(k, item, "default_action", "milter_default_action"));
		if (setup_worst(k->r, SETUP_CHECK_MILTER_TIMES) == SETUP_OK)
			check_times(k, option(k, item, "command_timeout", "milter_command_timeout"),
				    option(k, item, "connect_timeout", "milter_connect_timeout"));
		return;
	}
	if (own != NULL) {
		remedy = arena_printf(&k->r->arena, "%s/smtpd_milters", v->key);
		setup_found(k->r,
			    hears_here_alone(v->key) ? SETUP_MILTER_REINJECTS
						     : SETUP_MILTER_OVERRIDDEN,
			    v->key, remedy);
	} else if (!k->missing_said) {
		k->missing_said = true;
		setup_found(k->r, SETUP_MILTER_MISSING, k->s->milter_socket,
			    postfix_milters_wanted(k->f, k->s, &k->r->arena));
	}
}

void setup_postfix_check_milter(const struct postfix_facts *f, const struct settings *s,
				const struct setup_world *w, struct setup_report *r)
{
	struct look k = { .f = f, .s = s, .w = w, .r = r };

	if (s->milter_socket[0] == '\0')
		return;
	setup_asked(r, SETUP_CHECK_MILTER);
	setup_asked(r, SETUP_CHECK_MILTER_SERVICES);
	for (size_t i = 0; i < f->conf.n_services; i++)
		if (postfix_service_runs(&f->conf.services[i], "smtpd"))
			check_service(&k, &f->conf.services[i]);
}
