#include "config.h"

#include "common/sts/domain.h"

#include "common/sts/punycode.h"

#include <stdlib.h>
#include <string.h>

#include <idn2.h>

/* RFC 1035 s2.3.4: 255 octets on the wire are 253 in text form. A U-label may take four octets
 * where its A-label takes one. */
enum { NAME_LONGEST = 253, INPUT_LONGEST = 4 * NAME_LONGEST };

struct name {
	char text[NAME_LONGEST + 1]; /* one more for a dot that is dropped again */
	size_t n;
};

static bool name_add(struct name *name, const char *p, size_t n)
{
	if (n > sizeof(name->text) - name->n)
		return false;
	for (size_t i = 0; i < n; i++)
		name->text[name->n++] =
			p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] - 'A' + 'a') : p[i];
	return true;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool all_digits(struct span a)
{
	size_t n = 0;

	while (n < a.n && a.p[n] >= '0' && a.p[n] <= '9')
		n++;
	return n == a.n;
}

/* Lower-case labels between single dots. No top-level domain is a number (RFC 3696 s2): such text
 * is an address. */
static enum domain_status check(struct span name)
{
	struct span label = name;
	size_t start = 0;

	if (name.n == 0)
		return DOMAIN_EMPTY;
	if (name.n > NAME_LONGEST)
		return DOMAIN_TOO_LONG;
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '.') {
			if (!is_name_byte(name.p[i]))
				return DOMAIN_BAD_LABEL;
			continue;
		}
		label = span_make(name.p + start, i - start);
		if (label.n == 0)
			return DOMAIN_BAD_LABEL;
		if (label.n > LIMIT_LABEL)
			return DOMAIN_TOO_LONG;
		start = i + 1;
	}
	return all_digits(label) ? DOMAIN_BAD_LABEL : DOMAIN_OK;
}

/* The octets of a label separator at p: the full stop, or one of the three that UTS #46 maps to it.
 */
static size_t dot_at(const char *p, size_t n)
{
	static const char *const wide[] = { "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1" };

	if (n > 0 && *p == '.')
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (n >= 3 && memcmp(p, wide[i], 3) == 0)
			return 3;
	return 0;
}

/* Takes the next label and its dot off *in; true when there was a dot, so another label follows. */
static bool take_label(struct span *in, struct span *ret_label)
{
	size_t n = 0, dot = 0;

	while (n < in->n && (dot = dot_at(in->p + n, in->n - n)) == 0)
		n++;
	*ret_label = span_make(in->p, n);
	*in = span_make(in->n > 0 ? in->p + n + dot : in->p, in->n - n - dot);
	return dot > 0;
}

static enum domain_status status_of_idn2(int r)
{
	switch (r) {
	case IDN2_OK:
		return DOMAIN_OK;
	case IDN2_PUNYCODE_BIG_OUTPUT:
	case IDN2_TOO_BIG_DOMAIN:
	case IDN2_TOO_BIG_LABEL:
		return DOMAIN_TOO_LONG;
	default:
		return DOMAIN_BAD_IDN;
	}
}

/* Characters that the transitional mapping would turn into others. */
static bool has_deviation(const char *u)
{
	static const char *const deviations[] = { "\xc3\x9f", "\xcf\x82", "\xe2\x80\x8c",
						  "\xe2\x80\x8d" };

	for (size_t i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++)
		if (strstr(u, deviations[i]) != NULL)
			return true;
	return false;
}

/* What IDNA 2008 forbids, or libidn2 is too old to know, and MTAs go to: symbols, joiners, mixed directions. */
static bool is_tolerated(int r)
{
	return r == IDN2_DISALLOWED || r == IDN2_UNASSIGNED || r == IDN2_BIDI ||
	       r == IDN2_CONTEXTJ || r == IDN2_CONTEXTJ_NO_RULE;
}

/* IDNA 2008 has no symbols; UTS #46, after which MTAs go, has them, and mail does go to such domains. libidn2 lets them pass only together
 * with the transitional mapping, and what is younger than its tables not at all. */
static enum domain_status to_a_label(const char *u, char out[LIMIT_LABEL + 1])
{
	const uint8_t *in = (const uint8_t *)u;
	uint8_t *a = NULL;
	int r = idn2_lookup_u8(in, &a, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	enum domain_status status;

	if (is_tolerated(r) && !has_deviation(u))
		r = idn2_lookup_u8(in, &a, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
	if (is_tolerated(r))
		return punycode_label(span_of(u), out) ? DOMAIN_OK : DOMAIN_BAD_IDN;
	status = status_of_idn2(r);
	if (status == DOMAIN_OK && !span_copy(span_of((const char *)a), out, LIMIT_LABEL + 1))
		status = DOMAIN_TOO_LONG;
	idn2_free(a);
	return status;
}

/* One label at a time, so that what IDNA thinks of hyphens does not spoil the ASCII labels beside a
 * U-label. */
static enum domain_status add_u_label(struct name *name, struct span label)
{
	char u[INPUT_LONGEST + 1], a[LIMIT_LABEL + 1];
	enum domain_status status;

	if (!span_copy(label, u, sizeof(u)))
		return DOMAIN_BAD_LABEL;
	status = to_a_label(u, a);
	/* A label that vanishes, or in which a dot turns up, would make another name of it. */
	if (status == DOMAIN_OK && (a[0] == '\0' || strchr(a, '.') != NULL))
		status = DOMAIN_BAD_IDN;
	if (status == DOMAIN_OK && !name_add(name, a, strlen(a)))
		status = DOMAIN_TOO_LONG;
	return status;
}

static enum domain_status add_label(struct name *name, struct span label)
{
	for (size_t i = 0; i < label.n; i++)
		if ((unsigned char)label.p[i] >= 0x80)
			return add_u_label(name, label);
	return name_add(name, label.p, label.n) ? DOMAIN_OK : DOMAIN_TOO_LONG;
}

enum domain_status domain_normalize(struct span in, char out[DOMAIN_SIZE])
{
	struct name name = { .n = 0 };
	enum domain_status status;
	struct span label;
	bool more = true;

	out[0] = '\0';
	if (in.n > INPUT_LONGEST)
		return DOMAIN_TOO_LONG;
	while (more) {
		more = take_label(&in, &label);
		status = add_label(&name, label);
		if (status != DOMAIN_OK)
			return status;
		if (more && !name_add(&name, ".", 1))
			return DOMAIN_TOO_LONG;
	}
	if (name.n > 0 && name.text[name.n - 1] == '.')
		name.n--;
	status = check(span_make(name.text, name.n));
	if (status == DOMAIN_OK)
		span_copy(span_make(name.text, name.n), out, DOMAIN_SIZE);
	return status;
}

const char *domain_status_text(enum domain_status status)
{
	switch (status) {
	case DOMAIN_OK:
		return "a domain name";
	case DOMAIN_EMPTY:
		return "empty";
	case DOMAIN_TOO_LONG:
		return "longer than a domain name or a label may be";
	case DOMAIN_BAD_LABEL:
		return "not a domain name: an empty label, an address, or a byte that no name has";
	case DOMAIN_BAD_IDN:
		return "not a valid internationalized domain name";
	}
	return "unknown";
}

bool domain_is_normal(const char *name)
{
	return check(span_of(name)) == DOMAIN_OK;
}

bool domain_in_zone(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	if (z == 0 || n < z || strcmp(name + n - z, zone) != 0)
		return false;
	return n == z || name[n - z - 1] == '.';
}
