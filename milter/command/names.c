#include "config.h"

#include "milter/command/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void names_init(struct names *l)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint64_t)(uintptr_t)l;
	*l = (struct names){ .key = siphash_key_of(seed) };
}

void names_release(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	free(l->table);
	*l = (struct names){ .key = l->key };
}

/* The slot where name stands or would stand. */
static uint32_t *slot(const struct names *l, const char *name)
{
	size_t i = siphash13(&l->key, name, strlen(name)) & (l->slots - 1);

	while (l->table[i] != 0 && strcmp(l->v[l->table[i] - 1], name) != 0)
		i = (i + 1) & (l->slots - 1);
	return &l->table[i];
}

static int grow(struct names *l)
{
	size_t size = l->size > 0 ? l->size * 2 : 512, slots = size * 2;
	char **v = realloc(l->v, size * sizeof(*v));
	uint32_t *table = calloc(slots, sizeof(*table));

	if (v != NULL)
		l->v = v;
	if (v == NULL || table == NULL) {
		free(table);
		return -ENOMEM;
	}
	free(l->table);
	l->table = table;
	l->slots = slots;
	l->size = size;
	for (size_t i = 0; i < l->n; i++)
		*slot(l, l->v[i]) = (uint32_t)i + 1;
	return 0;
}

bool names_have(const struct names *l, const char *name)
{
	return l->slots > 0 && *slot(l, name) != 0;
}

int names_add(struct names *l, const char *name)
{
	if (names_have(l, name))
		return 1;
	if (l->n == NAMES_MAX)
		return -ENOSPC;
	if (l->n == l->size && grow(l) != 0)
		return -ENOMEM;
	l->v[l->n] = strdup(name);
	if (l->v[l->n] == NULL)
		return -ENOMEM;
	*slot(l, name) = (uint32_t)l->n + 1;
	l->n++;
	return 0;
}
