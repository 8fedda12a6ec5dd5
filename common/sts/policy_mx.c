#include "config.h"

#include "common/sts/policy_mx.h"

#include "common/sts/domain.h"
#include "common/sts/mx_match.h"

#include <errno.h>
#include <string.h>

static uint32_t hash(const char *p)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return h;
}

static char *lower(struct arena *arena, struct span value)
{
	char *p = arena_strdup(arena, value);

	for (char *c = p; c != NULL && *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return p;
}

int policy_mx_add(struct policy_mx *mx, struct arena *arena, struct span value)
{
	const size_t n_slots = sizeof(mx->slots) / sizeof(mx->slots[0]);
	char *name = lower(arena, value);
	size_t slot;

	if (mx->v == NULL)
		mx->v = arena_array(arena, LIMIT_MX_PATTERNS, sizeof(*mx->v));
	if (name == NULL || mx->v == NULL)
		return -ENOMEM;
	slot = hash(name) % n_slots;
	while (mx->slots[slot] != 0) {
		if (strcmp(mx->v[mx->slots[slot] - 1], name) == 0)
			return POLICY_MX_AGAIN;
		slot = (slot + 1) % n_slots;
	}
	if (mx->n == LIMIT_MX_PATTERNS)
		return POLICY_MX_FULL;
	mx->v[mx->n++] = name;
	mx->slots[slot] = (uint16_t)mx->n;
	return POLICY_MX_ADDED;
}

static bool has(struct span a, const char *bytes)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != '\0' && strchr(bytes, a.p[i]) != NULL)
			return true;
	return false;
}

static bool has_high(struct span a)
{
	for (size_t i = 0; i < a.n; i++)
		if ((unsigned char)a.p[i] >= 0x80)
			return true;
	return false;
}

const char *policy_mx_complaint(struct span value)
{
	char copy[LIMIT_DOMAIN];

	if (value.n == 0)
		return "The field mx has no value.";
	if (span_copy(value, copy, sizeof(copy)) && mx_pattern_valid(copy))
		return NULL;
	if (has_high(value))
		return "An mx value is written in A-labels (xn--...), not in letters beyond ASCII.";
	if (has(value, " \t,;"))
		return "One field mx holds one name: write one line for each.";
	if (has(value, "[]:/@"))
		return "An mx value is a host name alone: no address, no port, no URL.";
	if (value.p[0] == '.')
		return "An mx value does not begin with a dot: a wildcard is written "
		       "*.example.com.";
	if (value.p[value.n - 1] == '.')
		return "An mx value does not end in a dot.";
	if (has(value, "*"))
		return "The wildcard of an mx value is the complete first label: *.example.com.";
	if (has(value, "_"))
		return "A host name has no underscore.";
	return "The mx value is no host name: labels of 1 to 63 letters, digits and inner hyphens, "
	       "253 octets in all.";
}

const char *policy_mx_doubt(const char *pattern)
{
	if (strncmp(pattern, "*.", 2) == 0)
		return strchr(pattern + 2, '.') == NULL
			       ? "This wildcard covers a whole top-level domain."
			       : NULL;
	/* Valid pattern, yet no name that could be looked up: its last label is a number. */
	return domain_is_normal(pattern)
		       ? NULL
		       : "This mx value looks like an address: no MX host is called so.";
}
