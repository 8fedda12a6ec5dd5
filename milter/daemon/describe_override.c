#include "config.h"

#include "milter/daemon/describe_override.h"

#include "common/base/moment.h"

static void put(json_t *object, const char *key, json_t *value)
{
	if (value != NULL)
		json_object_set_new(object, key, value);
}

static void put_time(json_t *object, const char *key, int64_t at)
{
	char text[MOMENT_TEXT];

	put(object, key, json_string(moment_format(at, text)));
}

static json_t *patterns_of(const char *mx)
{
	struct span rest = span_of(mx), word;
	json_t *list = json_array();

	while (span_word(&rest, &word))
		json_array_append_new(list, json_stringn(word.p, word.n));
	return list;
}

static void put_end(json_t *o, const struct stored_override *s)
{
	static const char *const names[] = { [OVERRIDE_EXPIRED] = "expired",
					     [OVERRIDE_REMOVED] = "removed",
					     [OVERRIDE_REPLACED] = "replaced" };

	if ((unsigned)s->end >= sizeof(names) / sizeof(names[0]))
		return;
	put(o, "ended", json_string(names[s->end]));
	put_time(o, "ended_at", s->ended_at);
	if (s->ended_uid >= 0)
		put(o, "ended_uid", json_integer(s->ended_uid));
}

json_t *describe_stored_override(const struct stored_override *s, int64_t now)
{
	json_t *o = json_object();

	put(o, "domain", json_string(s->domain));
	put(o, "mode",
	    json_string((unsigned)s->mode <= POLICY_MODE_ENFORCE ? policy_mode_name(s->mode)
								 : "?"));
	if (s->mx[0] != '\0')
		put(o, "mx", patterns_of(s->mx));
	put_time(o, "added_at", s->added_at);
	put_time(o, "until", s->until);
	if (s->end == OVERRIDE_ACTIVE)
		put(o, "ends_in", json_integer(s->until - now));
	if (s->uid >= 0)
		put(o, "uid", json_integer(s->uid));
	if (s->owner[0] != '\0')
		put(o, "owner", json_string(s->owner));
	put(o, "reason", json_string(s->reason));
	if (s->end != OVERRIDE_ACTIVE)
		put_end(o, s);
	return o;
}

json_t *describe_override(const struct override *o, int64_t now)
{
	const struct stored_override s = { .domain = o->domain,
					   .mode = o->mode,
					   .mx = o->mx,
					   .added_at = o->added_at,
					   .until = o->until,
					   .reason = o->reason,
					   .owner = o->owner,
					   .uid = o->uid,
					   .end = OVERRIDE_ACTIVE };

	return describe_stored_override(&s, now);
}
