#include "config.h"

#include "milter/command/setup_postconf.h"

#include "common/base/num.h"
#include "milter/command/setup_words.h"

#include <errno.h>
#include <string.h>

static size_t lines_of(struct span text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static int parse_values(struct span text, struct arena *arena, struct postfix_values *ret)
{
	struct span line, name;

	*ret = (struct postfix_values){ .v = arena_array(arena, lines_of(text), sizeof(*ret->v)) };
	if (ret->v == NULL)
		return -ENOMEM;
	while (span_line(&text, &line)) {
		struct postfix_value *v = &ret->v[ret->n];

		if (!span_until(&line, '=', line.n, &name))
			continue;
		v->name = arena_strdup(arena, span_trim(name));
		v->value = arena_strdup(arena, span_trim(line));
		if (v->name == NULL || v->value == NULL)
			return -ENOMEM;
		ret->n++;
	}
	return 0;
}

static const char *find(const struct postfix_values *values, const char *name)
{
	for (size_t i = 0; i < values->n; i++)
		if (strcmp(values->v[i].name, name) == 0)
			return values->v[i].value;
	return NULL;
}

/* What "-" in the column means: compatibility_level 0 ran everything in a chroot. */
static bool chroot_of(const struct postconf *p, const char *word)
{
	const char *level = find(&p->main, "compatibility_level");

	if (strcmp(word, "-") == 0)
		return level != NULL && strcmp(level, "0") == 0;
	return strcmp(word, "y") == 0;
}

/* "smtp/unix/chroot": the column, and the service before it. */
static const char *column_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : "";
}

/* By master_service_disable: "inet" or "smtp/inet"; the first that fits counts, and "!" turns it round. */
static bool disabled(const char *list, const char *key)
{
	struct span rest = span_of(list), item;

	while (setup_item(&rest, &item)) {
		bool off = true;

		for (; item.n > 0 && item.p[0] == '!'; item.n--, item.p++)
			off = !off;
		if (span_caseeq(item, memchr(item.p, '/', item.n) != NULL ? key : column_of(key)))
			return off;
	}
	return false;
}

static int gather_services(struct postconf *p, const struct postfix_values *columns,
			   struct arena *arena)
{
	const char *off = find(&p->main, "master_service_disable");

	p->services = arena_array(arena, columns->n + 1, sizeof(*p->services));
	if (p->services == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < columns->n; i++) {
		const struct postfix_value *v = &columns->v[i];
		struct postfix_service *s = &p->services[p->n_services];

		if (strcmp(column_of(v->name), "chroot") == 0)
			s->chroot = chroot_of(p, v->value);
		if (strcmp(column_of(v->name), "command") != 0)
			continue;
		s->command = v->value;
		s->key = arena_strdup(arena,
				      span_make(v->name, strlen(v->name) - strlen("/command")));
		if (s->key == NULL)
			return -ENOMEM;
		if (off == NULL || !disabled(off, s->key))
			p->n_services++;
	}
	return 0;
}

int postconf_parse(struct span main, struct span columns, struct span overrides,
		   struct arena *arena, struct postconf *ret)
{
	struct postfix_values columns_read;
	int r;

	*ret = (struct postconf){ .n_services = 0 };
	r = parse_values(main, arena, &ret->main);
	if (r == 0)
		r = parse_values(columns, arena, &columns_read);
	if (r == 0)
		r = parse_values(overrides, arena, &ret->overrides);
	return r != 0 ? r : gather_services(ret, &columns_read, arena);
}

const char *postconf_value(const struct postconf *p, const char *name)
{
	return find(&p->main, name);
}

const char *postconf_override(const struct postconf *p, const struct postfix_service *s,
			      const char *name)
{
	size_t n = strlen(s->key);

	for (size_t i = 0; i < p->overrides.n; i++) {
		const struct postfix_value *v = &p->overrides.v[i];

		if (strncmp(v->name, s->key, n) == 0 && v->name[n] == '/' &&
		    strcmp(v->name + n + 1, name) == 0)
			return v->value;
	}
	return NULL;
}

const char *postconf_effective(const struct postconf *p, const struct postfix_service *s,
			       const char *name)
{
	const char *own = postconf_override(p, s, name), *value = postconf_value(p, name);

	if (own != NULL)
		return own;
	return value != NULL ? value : "";
}

bool postfix_service_runs(const struct postfix_service *s, const char *program)
{
	struct span command = span_of(s->command), word;

	return span_word(&command, &word) && span_eq(word, program);
}
