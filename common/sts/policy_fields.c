#include "config.h"

#include "common/sts/policy_fields.h"

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/sts/field.h"

#include <string.h>

/* The messages say these numbers. */
_Static_assert(LIMIT_POLICY_BODY == 65536 && LIMIT_MX_PATTERNS == 1000, "see messages");

enum { DAY = 86400 };

static size_t column(const struct policy_fields *f, const char *at)
{
	return (size_t)(at - f->start) + 1;
}

static void error(struct policy_fields *f, const char *at, const char *message)
{
	remarks_add(&f->errors, f->line, column(f, at), message);
}

static void warn(struct policy_fields *f, const char *at, const char *message)
{
	remarks_add(&f->warnings, f->line, column(f, at), message);
}

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static bool all_digits(struct span a)
{
	size_t n = 0;

	while (n < a.n && a.p[n] >= '0' && a.p[n] <= '9')
		n++;
	return a.n > 0 && n == a.n;
}

/* True, with a warning, when the field was there before: the first one counts, whatever the later
 * one says (s3.2). */
static bool again(struct policy_fields *f, bool *seen, struct span name)
{
	char shown[FIELD_NAME_LONGEST + 1];

	if (!*seen) {
		*seen = true;
		return false;
	}
	warn(f, name.p,
	     arena_printf(f->arena, "The field %s stands here again: the first one counts.",
			  text_printable(name, shown, sizeof(shown))));
	return true;
}

static void take_version(struct policy_fields *f, struct span name, struct span value)
{
	if (again(f, &f->version, name) || span_eq(value, "STSv1"))
		return;
	error(f, value.p,
	      span_caseeq(value, "STSv1")
		      ? "The version is written STSv1, in exactly these letters."
		      : "The version must be STSv1.");
}

static void take_mode(struct policy_fields *f, struct span name, struct span value)
{
	if (again(f, &f->mode, name))
		return;
	for (int m = POLICY_MODE_NONE; m <= POLICY_MODE_ENFORCE; m++) {
		if (span_eq(value, policy_mode_name(m))) {
			f->mode_value = m;
			return;
		}
		if (span_caseeq(value, policy_mode_name(m))) {
			error(f, value.p, "The names of modes are lower case.");
			return;
		}
	}
	error(f, value.p, "The mode must be enforce, testing or none.");
}

/* The digits may be more than any integer holds: past the maximum they are not counted any further.
 */
static void take_max_age(struct policy_fields *f, struct span name, struct span value)
{
	uint32_t seconds = 0;

	if (again(f, &f->max_age, name))
		return;
	if (!all_digits(value)) {
		error(f, value.p, "The max_age must be a number of seconds, in digits alone.");
		return;
	}
	for (size_t i = 0; i < value.n && seconds <= POLICY_MAX_AGE; i++)
		seconds = seconds * 10 + (uint32_t)(value.p[i] - '0');
	if (value.n > 10)
		warn(f, value.p, "A max_age has at most 10 digits.");
	if (seconds > POLICY_MAX_AGE) {
		warn(f, value.p, "The max_age is longer than a year: 31557600 is taken.");
		seconds = POLICY_MAX_AGE;
	}
	f->max_age_value = seconds;
}

static void take_mx(struct policy_fields *f, struct span value)
{
	const char *complaint = policy_mx_complaint(value), *doubt;

	f->mx_seen = true;
	if (complaint != NULL) {
		error(f, value.p, complaint);
		return;
	}
	switch (policy_mx_add(&f->mx, f->arena, value)) {
	case POLICY_MX_ADDED:
		doubt = policy_mx_doubt(f->mx.v[f->mx.n - 1]);
		if (doubt != NULL)
			warn(f, value.p, doubt);
		break;
	case POLICY_MX_AGAIN:
		warn(f, value.p, "This mx value stands in the policy already.");
		break;
	case POLICY_MX_FULL:
		error(f, value.p, "There are more than 1000 different mx values.");
		break;
	default:
		f->failed = true;
	}
}

/* sts-policy-extension: ignored, unless a person may have meant something by it */
static void take_unknown(struct policy_fields *f, struct span name, struct span value)
{
	static const char *const known[] = { "version", "mode", "max_age", "mx" };
	const char *meant = field_meant(name, known, sizeof(known) / sizeof(known[0]));
	char shown[FIELD_NAME_LONGEST + 1];

	if (meant != NULL)
		warn(f, name.p,
		     arena_printf(f->arena, "The unknown field %s is ignored; was %s meant?",
				  text_printable(name, shown, sizeof(shown)), meant));
	else if (value.n == 0)
		warn(f, value.p, "An unknown field without a value is ignored.");
}

static void take_field(struct policy_fields *f, struct span name, struct span value)
{
	if (span_eq(name, "version"))
		take_version(f, name, value);
	else if (span_eq(name, "mode"))
		take_mode(f, name, value);
	else if (span_eq(name, "max_age"))
		take_max_age(f, name, value);
	else if (span_eq(name, "mx"))
		take_mx(f, value);
	else
		take_unknown(f, name, value);
}

/* What no line of a policy may hold, wherever it stands. HTAB is looked for later: it is a blank
 * outside values. */
static const char *forbidden(struct span line, const char **ret_at)
{
	size_t n = utf8_prefix(line);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		*ret_at = line.p + i;
		if (c == '\0')
			return "A NUL byte stands in the policy.";
		if (c == '\r')
			return "A CR without LF stands in the policy: lines end in LF or CRLF.";
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return "A control byte stands in the policy.";
	}
	*ret_at = line.p + n;
	return n < line.n ? "The policy is not UTF-8." : NULL;
}

static void unreadable(struct policy_fields *f, const char *at, const char *message)
{
	f->unreadable = true;
	error(f, at, message);
}

static void read_line(struct policy_fields *f, struct span line)
{
	struct span text = span_trim(line), name, value;
	const char *at, *message = forbidden(line, &at);

	if (message != NULL) {
		unreadable(f, at, message);
		return;
	}
	if (text.n == 0) {
		warn(f, line.p, "A blank line does not belong in a policy.");
		return;
	}
	if (is_wsp(line.p[0]))
		warn(f, line.p, "A line does not begin with a blank.");
	value = text;
	if (!span_until(&value, ':', text.n, &name)) {
		unreadable(f, text.p, "The line is no field: it has no colon.");
		return;
	}
	if (name.n > 0 && is_wsp(name.p[name.n - 1])) {
		name = span_trim(name);
		warn(f, name.p + name.n, "No blank belongs before the colon.");
	}
	if (!field_name_valid(name)) {
		unreadable(f, name.p,
			   "A field name is 1 to 32 letters, digits, '_', '-' or '.', the first "
			   "one a letter or digit.");
		return;
	}
	value = span_trim(value);
	at = value.n > 0 ? memchr(value.p, '\t', value.n) : NULL;
	if (at != NULL) {
		unreadable(f, at, "A tab stands inside a value.");
		return;
	}
	take_field(f, name, value);
}

static void check_whole(struct policy_fields *f)
{
	if (f->unreadable)
		return;
	if (!f->version)
		remarks_add(&f->errors, 0, 0, "The field version is missing.");
	if (!f->mode)
		remarks_add(&f->errors, 0, 0, "The field mode is missing.");
	if (!f->max_age)
		remarks_add(&f->errors, 0, 0, "The field max_age is missing.");
	if (f->mode && f->mode_value != POLICY_MODE_NONE && !f->mx_seen)
		remarks_add(&f->errors, 0, 0,
			    "The field mx is missing, which only a policy in mode none may lack.");
	if (f->errors.n == 0 && f->mode_value != POLICY_MODE_NONE && f->max_age_value < DAY)
		remarks_add(&f->warnings, 0, 0,
			    "The max_age is less than a day: senders will forget the policy "
			    "between two messages.");
}

static void read_body(struct policy_fields *f, struct span body)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct span line;

	f->start = body.p;
	f->line = 1;
	if (body.n > LIMIT_POLICY_BODY) {
		remarks_add(&f->errors, 0, 0, "The policy is larger than 64 KiB.");
		return;
	}
	if (span_starts(body, bom)) {
		warn(f, body.p, "A byte order mark does not belong in a policy.");
		body = span_make(body.p + sizeof(bom) - 1, body.n - (sizeof(bom) - 1));
	}
	if (body.n == 0) {
		remarks_add(&f->errors, 0, 0, "The policy is empty.");
		return;
	}
	for (f->line = 1; span_line(&body, &line); f->line++) {
		f->start = line.p;
		read_line(f, line);
	}
	check_whole(f);
}

void policy_fields_read(struct policy_fields *f, struct arena *arena, struct span body)
{
	f->arena = f->errors.arena = f->warnings.arena = arena;
	read_body(f, body);
	remarks_end(&f->errors);
	remarks_end(&f->warnings);
}
