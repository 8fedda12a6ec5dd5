#include "config.h"

#include "milter/command/setup_sendmail.h"

#include "common/base/num.h"
#include "milter/command/setup_cf.h"

#include <string.h>

struct look {
	const struct sendmail_facts *f;
	const struct settings *s;
	const struct setup_world *w;
	struct setup_report *r;
	bool map; /* sts asks us */
};

static struct arena *memory(struct look *k)
{
	return &k->r->arena;
}

static const char *option(struct look *k, const char *name)
{
	return cf_option(k->f->cf, name, memory(k));
}

static bool yes(const char *value)
{
	return value[0] == '\0' ? false : strchr("tTyY", value[0]) != NULL;
}

static bool is_built(struct look *k, const char *word)
{
	struct span rest = k->f->built, line, found;

	while (span_line(&rest, &line))
		while (span_word(&line, &found))
			if (span_eq(found, word) ||
			    (span_starts(found, word) && found.p[strlen(word)] == '='))
				return true;
	return false;
}

static void check_built(struct look *k)
{
	static const char *const needed[] = { "MILTER",	   "STARTTLS",	   "SOCKETMAP",
					      "MAP_REGEX", "_FFR_MTA_STS", "_FFR_TLS_ALTNAMES" };

	if (k->f->built.n == 0)
		return;
	setup_asked(k->r, SETUP_CHECK_BUILT_IN);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!is_built(k, needed[i]))
			setup_found(k->r, SETUP_SM_NOT_BUILT, needed[i],
				    i == 0 ? "a Sendmail with milters, such as Debian's"
					   : "a Sendmail from 8.17 such as Debian's, or no "
					     "FEATURE(sts): the milter alone judges at RCPT");
}

static bool same(struct look *k, const struct setup_address *theirs, const char *ours)
{
	struct setup_address a;

	if (!setup_address_parse(span_of(ours), memory(k), &a) ||
	    (a.path == NULL) != (theirs->path == NULL))
		return false;
	if (a.path != NULL)
		return strcmp(a.path, theirs->path) == 0;
	return a.port == theirs->port &&
	       (setup_is_loopback(theirs->host) || strcmp(a.host, theirs->host) == 0);
}

/* "user", "user:group": it gives up the user's other groups. Not set: root. */
static struct setup_guise run_as(struct look *k)
{
	const char *value = option(k, "RunAsUser");
	size_t n = strcspn(value, ".:/");

	if (n == 0)
		return (struct setup_guise){ .user = NULL };
	return (struct setup_guise){ .user = arena_strdup(memory(k), span_make(value, n)),
				     .group = value[n] != '\0' ? value + n + 1 : NULL,
				     .one_group = true };
}

/* Connecting does not tell: Sendmail looks at the directories by itself, and does not try. */
static void check_way(struct look *k, const char *path, enum setup_fault unsafe)
{
	const char *trusts = option(k, "DontBlameSendmail");
	mode_t refused = strcasestr(trusts, "GroupWritableDirPathSafe") != NULL ? 0002 : 0022, mode;
	bool sticky = strcasestr(trusts, "TrustStickyBit") != NULL;

	for (const char *at = strchr(path, '/'); at != NULL; at = strchr(at + 1, '/')) {
		size_t n = at > path ? (size_t)(at - path) : 1;
		const char *dir = arena_strdup(memory(k), span_make(path, n));

		if (dir == NULL || k->w->mode(k->w->ctx, dir, &mode) != 0 ||
		    (mode & refused) == 0 || (sticky && (mode & 01000) != 0))
			continue;
		setup_found(k->r, unsafe, dir, dir);
		return;
	}
}

static void try_socket(struct look *k, const struct setup_address *a, enum setup_talk talk,
		       const char *map, enum setup_check check, enum setup_fault absent,
		       enum setup_fault forbidden, enum setup_fault odd)
{
	struct setup_guise guise = k->w->root ? run_as(k) : (struct setup_guise){ .user = NULL };
	struct setup_reached reached;

	k->w->reach(k->w->ctx, &guise, a, talk, map, &reached);
	setup_tried(k->r, &(struct setup_socket){ check, absent, forbidden, odd }, &reached);
}

static void check_our_milter(struct look *k, const struct cf_milter *m,
			     const struct setup_address *a)
{
	struct span used = span_of(option(k, "InputMailFilters")), name;
	const char *wait = m->wait[0] != '\0' ? m->wait : "10s"; /* Sendmail's default */
	bool is_used = false;
	char text[32];
	int64_t ms;

	while (span_word(&used, &name))
		is_used |= span_eq(name, m->name);
	if (!is_used)
		setup_found(k->r, SETUP_SM_MILTER_UNUSED, m->name, NULL);
	setup_asked(k->r, SETUP_CHECK_MILTER_ACTION);
	if (m->flags[0] == '\0')
		setup_found(k->r, SETUP_SM_ACTION_OPEN, NULL, NULL);
	else if (strcmp(m->flags, "T") != 0 && strcmp(m->flags, "4") != 0)
		setup_found(k->r, SETUP_SM_ACTION_REJECT, m->flags, NULL);
	setup_asked(k->r, SETUP_CHECK_MILTER_TIMES);
	if (num_duration(span_of(wait), &ms) && ms <= k->s->rcpt_deadline)
		setup_found(k->r, SETUP_SM_TIMES, wait,
			    num_format_duration(k->s->rcpt_deadline, text));
	try_socket(k, a, TALK_MILTER, NULL, SETUP_CHECK_MILTER_SOCKET, SETUP_MILTER_ABSENT,
		   SETUP_MILTER_FORBIDDEN, SETUP_MILTER_ODD);
	if (a->path != NULL)
		check_way(k, a->path, SETUP_SM_MILTER_UNSAFE);
}

static void check_milter(struct look *k)
{
	struct span cf = k->f->cf;
	struct setup_address a;
	struct cf_milter m;

	setup_asked(k->r, SETUP_CHECK_MILTER);
	while (cf_milter(&cf, memory(k), &m)) {
		if (!setup_address_parse(span_of(m.socket), memory(k), &a) ||
		    !same(k, &a, k->s->milter_socket))
			continue;
		check_our_milter(k, &m, &a);
		return;
	}
	setup_found(k->r, SETUP_SM_MILTER_MISSING, k->s->milter_socket, NULL);
}

static const char *inet_socket(struct look *k)
{
	for (size_t i = 0; i < k->s->socketmap.n; i++)
		if (strncmp(k->s->socketmap.v[i], "inet:", 5) == 0)
			return k->s->socketmap.v[i];
	return "inet:5461@127.0.0.1";
}

/* "socket -d25 -T<TMPF> inet:5461@127.0.0.1" */
static void check_map(struct look *k, struct span map)
{
	struct span rest = map, word, place = { 0 };
	bool closed = false;
	uint64_t patience = 5; /* seconds; Sendmail's default */
	struct setup_address a;
	char text[32];

	while (span_word(&rest, &word)) {
		if (span_eq(word, "-T<TMPF>"))
			closed = true;
		else if (span_starts(word, "-d"))
			num_u64(span_make(word.p + 2, word.n - 2), 100000, &patience);
		place = word;
	}
	if (!setup_address_parse(place, memory(k), &a))
		a = (struct setup_address){ .host = "nowhere" };
	for (size_t i = 0; i < k->s->socketmap.n; i++)
		k->map |= same(k, &a, k->s->socketmap.v[i]);
	if (!k->map) {
		setup_found(k->r, SETUP_SM_MAP_ELSEWHERE, arena_strdup(memory(k), place),
			    inet_socket(k));
		return;
	}
	if (!closed)
		setup_found(k->r, SETUP_SM_MAP_OPEN, NULL, inet_socket(k));
	if ((int64_t)patience * 1000 <= k->s->socketmap_deadline)
		setup_found(k->r, SETUP_SM_MAP_HASTY,
			    arena_printf(memory(k), "%u", (unsigned)patience),
			    num_format_duration(k->s->socketmap_deadline, text));
	if (!yes(option(k, "StrictTransportSecurity")))
		setup_found(k->r, SETUP_SM_STS_OFF, NULL, NULL);
	if (!yes(option(k, "SetCertAltnames")))
		setup_found(k->r, SETUP_SM_SAN_OFF, NULL, NULL);
	try_socket(k, &a, TALK_SOCKETMAP, "sts", SETUP_CHECK_POLICY_SOCKET, SETUP_MAP_ABSENT,
		   SETUP_MAP_FORBIDDEN, SETUP_MAP_ODD);
	if (a.path != NULL)
		check_way(k, a.path, SETUP_SM_MAP_UNSAFE);
}

/* "Mesmtp, P=[IPC], F=DFMuXa, ..." */
static bool takes_several(struct look *k, const char *begin)
{
	struct span rest, part;

	if (!cf_line(k->f->cf, begin, &rest))
		return false;
	while (span_word(&rest, &part))
		if (span_starts(part, "F="))
			return memchr(part.p, 'm', part.n) != NULL;
	return false;
}

static void check_next_hop(struct look *k)
{
	const char *kept = option(k, "ConnectionCacheSize"),
		   *smart = cf_smart_host(k->f->cf, memory(k));

	if (takes_several(k, "Msmtp"))
		setup_found(k->r, SETUP_SM_SHARED, "smtp", "SMTP");
	if (takes_several(k, "Mesmtp"))
		setup_found(k->r, SETUP_SM_SHARED, "esmtp", "ESMTP");
	if (strcmp(kept, "0") != 0)
		setup_found(k->r, SETUP_SM_KEPT, kept[0] != '\0' ? kept : "not set", NULL);
	setup_asked(k->r, SETUP_CHECK_NEXT_HOP);
	if (smart[0] != '\0')
		setup_found(k->r, SETUP_SM_SMART_HOST, smart, NULL);
	if (cf_has(k->f->cf, "Kmailertable"))
		setup_found(k->r, SETUP_SM_MAILERTABLE, NULL, NULL);
}

static void check_roots(struct look *k)
{
	const char *file = option(k, "CACertFile"), *path = option(k, "CACertPath");
	int error = 0;

	setup_asked(k->r, SETUP_CHECK_CA);
	if (file[0] == '\0' && path[0] == '\0') {
		setup_found(k->r, SETUP_SM_CA_NONE, NULL, k->s->ca_bundle);
		return;
	}
	if (file[0] != '\0')
		error = k->w->file(k->w->ctx, file);
	if (error == 0 && file[0] == '\0')
		error = k->w->directory(k->w->ctx, path);
	if (error != 0)
		setup_found(k->r, SETUP_SM_CA_UNREADABLE,
			    arena_printf(memory(k), "%s: %s", file[0] != '\0' ? file : path,
					 strerror(error)),
			    k->s->ca_bundle);
}

/* Does every delivery ask about the domain that it is for? */
static bool is_bound(const struct look *k)
{
	static const enum setup_fault gaps[] = { SETUP_SM_MAP_OPEN,   SETUP_SM_STS_OFF,
						 SETUP_SM_SMART_HOST, SETUP_SM_MAILERTABLE,
						 SETUP_SM_SHARED,     SETUP_SM_KEPT };

	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
		if (setup_has(k->r, gaps[i]))
			return false;
	return k->map;
}

void setup_sendmail_check(const struct sendmail_facts *f, const struct settings *s,
			  const struct setup_world *w, struct setup_report *r)
{
	struct look k = { .f = f, .s = s, .w = w, .r = r };
	struct span map;
	int error;

	setup_asked(r, SETUP_CHECK_MTA);
	check_built(&k);
	check_milter(&k);
	setup_asked(r, SETUP_CHECK_POLICY_MAP);
	if (cf_line(f->cf, "Ksts", &map)) {
		check_map(&k, map);
		check_next_hop(&k);
		check_roots(&k);
	} else {
		setup_found(r, SETUP_SM_MAP_MISSING, NULL, NULL);
	}
	error = w->file(w->ctx, s->ca_bundle);
	setup_asked(r, SETUP_CHECK_CA_BUNDLE);
	if (error != 0)
		setup_found(r, SETUP_BUNDLE_UNREADABLE,
			    arena_printf(&r->arena, "%s: %s", s->ca_bundle, strerror(error)), NULL);
	setup_asked(r, SETUP_CHECK_BOUND);
	if (s->delivery_bound && !is_bound(&k))
		setup_found(r, SETUP_BOUND_FALSELY, NULL, NULL);
}
