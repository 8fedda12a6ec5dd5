#include "config.h"

#include "milter/command/setup_postfix.h"

#include <string.h>

/* One address as one kind of process sees it: tried once. */
struct tried {
	size_t n;
	struct {
		const char *item;
		bool chroot;
	} v[16];
};

static bool tried_before(struct tried *t, const char *item, bool chroot)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].chroot == chroot && strcmp(t->v[i].item, item) == 0)
			return true;
	if (t->n < sizeof(t->v) / sizeof(t->v[0])) {
		t->v[t->n].item = item;
		t->v[t->n++].chroot = chroot;
	}
	return false;
}

struct look {
	const struct postfix_facts *f;
	const struct settings *s;
	const struct setup_world *w;
	struct setup_report *r;
	struct tried tried;
	size_t n_tables; /* that were asked; of more, each is asked for every service */
	struct {
		const char *name;
		bool all;
	} tables[16];
	bool ours_somewhere, missing_said, hidden_said, fallback_said;
};

static const char *said(struct look *k, const char *name)
{
	const char *value = postconf_value(&k->f->conf, name);

	return value != NULL ? value : "";
}

static const char *text_of(struct look *k, struct span text)
{
	const char *copy = arena_strdup(&k->r->arena, text);

	return copy != NULL ? copy : "";
}

/* The first two words of a service, as postconf -P has them: "smtp/unix", and the command that takes a parameter off it. */
static const char *parameter_of(struct look *k, const struct postfix_service *v, const char *name)
{
	const char *text = arena_printf(&k->r->arena, "%s/%s", v->key, name);

	return text != NULL ? text : "";
}

static void try_map(struct look *k, const struct postfix_service *v, struct span item)
{
	struct setup_reached reached;
	struct setup_address a;
	const char *name;
	bool proxied, chroot = v->chroot;
	struct setup_guise guise;

	if (!setup_socketmap_parse(item, &k->r->arena, &a, &name, &proxied))
		return;
	for (size_t i = 0; proxied && i < k->f->conf.n_services; i++)
		if (postfix_service_runs(&k->f->conf.services[i], "proxymap"))
			chroot = k->f->conf.services[i].chroot;
	if (tried_before(&k->tried, text_of(k, item), chroot))
		return;
	guise = postfix_guise(k->f, k->w->root && chroot);
	k->w->reach(k->w->ctx, &guise, &a, TALK_SOCKETMAP, name, &reached);
	setup_tried(k->r,
		    &(struct setup_socket){ SETUP_CHECK_POLICY_SOCKET, SETUP_MAP_ABSENT,
					    SETUP_MAP_FORBIDDEN, SETUP_MAP_ODD },
		    &reached);
}

static bool known_name(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->postfix_maps.n; i++)
		if (strcmp(s->postfix_maps.v[i], name) == 0)
			return true;
	return false;
}

/* An item that is ours: by the right name, and where the service can see it? */
static void check_our_item(struct look *k, const struct postfix_service *v, struct span item,
			   bool in_place)
{
	const char *wanted = postfix_maps_wanted(k->f, k->s, &k->r->arena), *name,
		   *ours = postfix_map_name(k->f, k->s, &k->r->arena);
	struct setup_address a;
	bool proxied;

	if (!setup_socketmap_parse(item, &k->r->arena, &a, &name, &proxied))
		return;
	if (!known_name(k->s, name)) {
		setup_found(k->r, SETUP_MAP_NAME, name, wanted);
		return;
	}
	if (!in_place) {
		const char *why = arena_printf(
			&k->r->arena, "%s runs %s, where %s is %s: all mail is deferred", v->key,
			v->chroot ? "in a chroot" : "outside of a chroot",
			a.path != NULL ? a.path : "it",
			a.path != NULL ? setup_outside(&k->r->arena, a.path, k->f->queue, v->chroot)
				       : "");

		setup_found(k->r, SETUP_MAP_CHROOT, why,
			    postfix_way_in(v, "smtp_tls_policy_maps", ours, wanted, &k->r->arena));
		return;
	}
	try_map(k, v, item);
}

/* Does a table that is not ours answer for whatever it is asked? Another server is not asked: postmap(1) is not where smtp(8) is. */
static bool answers_all(struct look *k, struct span item)
{
	const char *name =
		text_of(k, span_starts(item, "proxy:") ? span_make(item.p + 6, item.n - 6) : item);
	enum setup_answer answer;
	char why[200] = "";

	for (size_t i = 0; i < k->n_tables; i++)
		if (strcmp(k->tables[i].name, name) == 0)
			return k->tables[i].all;
	answer = k->w->root && !span_starts(span_of(name), "socketmap:")
			 ? k->w->table(k->w->ctx, k->f->config, name, why)
			 : TABLE_SILENT;
	if (answer == TABLE_BROKEN)
		setup_found(k->r, SETUP_MAP_BROKEN, name, why);
	if (k->n_tables < sizeof(k->tables) / sizeof(k->tables[0])) {
		k->tables[k->n_tables].name = name;
		k->tables[k->n_tables++].all = answer == TABLE_ANSWERS;
	}
	return answer == TABLE_ANSWERS;
}

/* Postfix goes to it with what no MX host may have. */
static void check_fallback(struct look *k, const struct postfix_service *v)
{
	const char *own = postconf_override(&k->f->conf, v, "smtp_fallback_relay"),
		   *relay = own != NULL ? own : said(k, "smtp_fallback_relay"), *cure;

	if (relay[0] == '\0' || (own == NULL && k->fallback_said))
		return;
	k->fallback_said |= own == NULL;
	cure = own != NULL ? arena_printf(&k->r->arena, "postconf -PX %s",
					  parameter_of(k, v, "smtp_fallback_relay"))
			   : "postconf -X smtp_fallback_relay";
	setup_found(k->r, SETUP_FALLBACK, relay, cure);
}

/* A table that is asked before ours decides for what stands there, or for everything. */
static void check_before(struct look *k, struct span item)
{
	if (answers_all(k, item)) {
		if (setup_has(k->r, SETUP_MAP_ANSWERS_ALL))
			return;
		setup_found(k->r, SETUP_MAP_ANSWERS_ALL, text_of(k, item), NULL);
	} else if (!k->hidden_said && !setup_has(k->r, SETUP_MAP_ANSWERS_ALL)) {
		setup_found(k->r, SETUP_MAP_HIDDEN, text_of(k, item), NULL);
		k->hidden_said = true;
	}
}

static bool is_ours(struct look *k, const struct postfix_service *v, struct span item,
		    bool *ret_in_place)
{
	*ret_in_place = postfix_is_policy(k->f, k->s, item, v->chroot, &k->r->arena);
	return *ret_in_place || postfix_is_policy(k->f, k->s, item, !v->chroot, &k->r->arena);
}

static bool has_ours(struct look *k, const struct postfix_service *v, const char *value)
{
	struct span rest = span_of(value), item;
	bool in_place;

	while (setup_item(&rest, &item))
		if (is_ours(k, v, item, &in_place))
			return true;
	return false;
}

/* The list that one delivery service asks; own: it stands in master.cf. */
static void check_maps_of(struct look *k, const struct postfix_service *v, const char *value,
			  bool own)
{
	struct span rest = span_of(value), item;
	bool in_place, ours = has_ours(k, v, value), passed = !ours;

	while (setup_item(&rest, &item)) {
		if (is_ours(k, v, item, &in_place)) {
			if (!passed)
				check_our_item(k, v, item, in_place);
			passed = true;
		} else if (passed) {
			answers_all(k, item); /* which finds those that cannot be asked */
		} else {
			check_before(k, item);
		}
	}
	k->ours_somewhere |= ours;
	if (!ours && own) {
		setup_found(k->r, SETUP_MAP_OVERRIDDEN, v->key,
			    parameter_of(k, v, "smtp_tls_policy_maps"));
	} else if (!ours && !k->missing_said) {
		setup_found(k->r, SETUP_MAP_MISSING, NULL,
			    postfix_maps_wanted(k->f, k->s, &k->r->arena));
		k->missing_said = true;
	}
}

static void check_maps(struct look *k)
{
	for (size_t i = 0; i < k->f->conf.n_services; i++) {
		const struct postfix_service *v = &k->f->conf.services[i];
		const char *own = postconf_override(&k->f->conf, v, "smtp_tls_policy_maps");
		const char *level = postconf_override(&k->f->conf, v, "smtp_tls_security_level");

		if (!postfix_service_runs(v, "smtp"))
			continue;
		check_maps_of(k, v, own != NULL ? own : said(k, "smtp_tls_policy_maps"),
			      own != NULL);
		if (level != NULL)
			setup_found(k->r, SETUP_SERVICE_LEVEL, v->key, level);
		check_fallback(k, v);
	}
	setup_asked(k->r, SETUP_CHECK_POLICY_MAP);
	if (k->ours_somewhere) {
		setup_asked(k->r, SETUP_CHECK_POLICY_ORDER);
		setup_asked(k->r, SETUP_CHECK_POLICY_SERVICES);
		setup_asked(k->r, SETUP_CHECK_NEXT_HOP);
	}
}

static void check_bound(struct look *k)
{
	bool all = k->ours_somewhere && !setup_has(k->r, SETUP_MAP_MISSING) &&
		   !setup_has(k->r, SETUP_MAP_OVERRIDDEN) &&
		   !setup_has(k->r, SETUP_MAP_ANSWERS_ALL) && !setup_has(k->r, SETUP_FALLBACK);

	setup_asked(k->r, SETUP_CHECK_BOUND);
	if (k->s->delivery_bound && !all)
		setup_found(k->r, SETUP_BOUND_FALSELY, NULL, NULL);
	if (!k->s->delivery_bound && all)
		setup_found(k->r, SETUP_BOUND_COULD, NULL, NULL);
}

static void check_version(struct look *k)
{
	static const unsigned steps[][2] = { { 10, 0 }, { 10, 5 } };
	const char *stated = k->s->postfix_version, *is = k->f->version;

	setup_asked(k->r, SETUP_CHECK_VERSION);
	for (size_t i = 0; i < 2; i++) {
		bool theirs = postfix_at_least(is, 3, steps[i][0], steps[i][1]);
		bool ours = postfix_at_least(stated, 3, steps[i][0], steps[i][1]);

		if (theirs == ours)
			continue;
		setup_found(k->r, ours ? SETUP_VERSION_NEWER : SETUP_VERSION_OLDER,
			    stated[0] != '\0' ? stated : "(unset)", is);
		break;
	}
}

static void check_local(struct look *k)
{
	struct span rest = span_of(said(k, "non_smtpd_milters")), item;
	bool ours = false, detour = said(k, "content_filter")[0] != '\0';

	while (setup_item(&rest, &item))
		ours |= postfix_is_milter(k->f, k->s, item, true, &k->r->arena) ||
			postfix_is_milter(k->f, k->s, item, false, &k->r->arena);
	for (size_t i = 0; i < k->f->conf.n_services; i++)
		if (postfix_service_runs(&k->f->conf.services[i], "pickup"))
			detour |= postconf_override(&k->f->conf, &k->f->conf.services[i],
						    "content_filter") != NULL;
	setup_asked(k->r, SETUP_CHECK_LOCAL_MAIL);
	if (ours)
		setup_found(k->r,
			    k->s->action_local == SETTING_LOCAL_ACCEPT ? SETUP_LOCAL_PASSES
								       : SETUP_LOCAL_HELD,
			    NULL, NULL);
	else if (!detour && !k->ours_somewhere)
		setup_found(k->r, SETUP_LOCAL_UNJUDGED, NULL, NULL);
}

void setup_postfix_check(const struct postfix_facts *f, const struct settings *s,
			 const struct setup_world *w, struct setup_report *r)
{
	struct look k = { .f = f, .s = s, .w = w, .r = r };

	setup_asked(r, SETUP_CHECK_MTA);
	if (!w->root)
		setup_found(r, SETUP_NOT_ROOT, "permissions and the chroot are not looked at",
			    NULL);
	setup_postfix_check_milter(f, s, w, r);
	check_maps(&k);
	check_local(&k);
	check_version(&k);
	check_bound(&k);
	setup_postfix_check_tls(f, s, w, r);
}
