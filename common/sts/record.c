#include "config.h"

#include "common/sts/record.h"

#include "common/sts/field.h"

#include <string.h>

/* The messages say these numbers. */
_Static_assert(LIMIT_TXT == 8192 && LIMIT_TXT_RECORDS == 64 && LIMIT_STS_ID == 32, "see messages");

static const char version[] = "v=STSv1";
enum { VERSION_N = sizeof(version) - 1 };

struct scan {
	struct span in;
	size_t at;
	size_t record; /* 1-based */
	struct sts_record *ret;
};

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* sts-ext-value = 1*(%x21-3A / %x3C / %x3E-7E) */
static bool is_value(char c)
{
	return c > 0x20 && c < 0x7f && c != ';' && c != '=';
}

static void warn(struct sts_record *ret, size_t record, size_t column, const char *message)
{
	if (ret->n_warnings < RECORD_WARNINGS)
		ret->warnings[ret->n_warnings++] =
			(struct record_remark){ record, column, message };
}

static void refuse(struct sts_record *ret, enum record_verdict verdict, size_t record,
		   size_t column, const char *message)
{
	ret->verdict = verdict;
	ret->id[0] = '\0';
	ret->error = (struct record_remark){ record, column, message };
}

static bool invalid(struct scan *s, size_t at, const char *message)
{
	refuse(s->ret, RECORD_INVALID, s->record, at + 1, message);
	return false;
}

static bool at_end(const struct scan *s)
{
	return s->at == s->in.n;
}

/* sts-field-delim = *WSP ";" *WSP */
static bool delimiter(struct scan *s)
{
	size_t start = s->at;

	while (!at_end(s) && is_wsp(s->in.p[s->at]))
		s->at++;
	if (at_end(s))
		return invalid(s, start,
			       "Blanks at the end of the record need a semicolon before them.");
	if (s->in.p[s->at] != ';')
		return invalid(s, start,
			       "A semicolon must stand between two fields, and a value is made of "
			       "printable ASCII without blanks and equals signs.");
	s->at++;
	while (!at_end(s) && is_wsp(s->in.p[s->at]))
		s->at++;
	return true;
}

static bool id_valid(struct span id)
{
	if (id.n == 0 || id.n > LIMIT_STS_ID)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!is_alnum(id.p[i]))
			return false;
	return true;
}

static bool take_id(struct scan *s, size_t at, struct span value)
{
	if (s->ret->id[0] != '\0') {
		warn(s->ret, s->record, at + 1,
		     "The field id stands here again: the first one counts.");
		return true;
	}
	if (!id_valid(value))
		return invalid(s, (size_t)(value.p - s->in.p),
			       "An id is 1 to 32 letters and digits, nothing else.");
	return span_copy(value, s->ret->id, sizeof(s->ret->id));
}

/* Takes sts-ext-name and the equals sign. */
static bool take_name(struct scan *s, struct span *ret_name)
{
	size_t start = s->at;
	bool equals;
	struct span name;

	while (!at_end(s) && s->in.p[s->at] != '=' && s->in.p[s->at] != ';')
		s->at++;
	name = span_make(s->in.p + start, s->at - start);
	equals = !at_end(s) && s->in.p[s->at] == '=';
	if (name.n == 0 && !equals)
		return invalid(s, start, "An empty field stands between two semicolons.");
	if (equals && name.n > 0 && is_wsp(name.p[name.n - 1]))
		return invalid(s, s->at - 1, "No blank may stand before the equals sign.");
	if (!field_name_valid(name))
		return invalid(
			s, start,
			"A field name is 1 to 32 letters, digits, '_', '-' or '.', the first "
			"one a letter or digit.");
	if (!equals)
		return invalid(s, start, "A field is a name, an equals sign and a value.");
	s->at++;
	*ret_name = name;
	return true;
}

/* Takes sts-ext-value; sts-id is narrower. What stands behind it is the delimiter's business. */
static bool take_value(struct scan *s, struct span *ret_value)
{
	size_t start = s->at;

	while (!at_end(s) && is_value(s->in.p[s->at]))
		s->at++;
	*ret_value = span_make(s->in.p + start, s->at - start);
	if (s->at > start)
		return true;
	if (!at_end(s) && is_wsp(s->in.p[start]))
		return invalid(s, start, "No blank may stand behind the equals sign.");
	return invalid(s, start, "The field has no value of printable ASCII.");
}

/* sts-id or sts-extension. A field that is called id and is none is an error, not an extension:
 * nothing may pass for an id. */
static bool field(struct scan *s)
{
	static const char *const known[] = { "id" };
	size_t start = s->at;
	struct span name, value;

	if (!take_name(s, &name) || !take_value(s, &value))
		return false;
	if (span_eq(name, "id"))
		return take_id(s, start, value);
	if (span_eq(name, "v"))
		warn(s->ret, s->record, start + 1,
		     "The field v stands here again: the first one counts.");
	else if (field_meant(name, known, 1) != NULL)
		warn(s->ret, s->record, start + 1,
		     "An unknown field is ignored; was id meant? Names are lower case.");
	return true;
}

/* sts-text-record, of which the caller has seen the version */
static bool parse(struct scan *s)
{
	if (s->in.n > LIMIT_TXT)
		return invalid(s, LIMIT_TXT, "The record is longer than 8192 octets.");
	s->at = VERSION_N;
	do {
		if (!delimiter(s))
			return false;
		if (at_end(s))
			break;
		if (!field(s))
			return false;
	} while (!at_end(s));
	if (s->ret->id[0] == '\0') {
		refuse(s->ret, RECORD_INVALID, s->record, 0, "The record has no id.");
		return false;
	}
	s->ret->verdict = RECORD_OK;
	return true;
}

enum beginning {
	OTHER,	   /* nothing to do with MTA-STS */
	RESEMBLES, /* a person would have meant MTA-STS */
	SPACED,	   /* "v=STSv1 ;": in the ABNF, but not among the records that count (s3.1) */
	STRICT,	   /* "v=STSv1;" */
};

static enum beginning beginning_of(struct span r)
{
	size_t at = VERSION_N;
	struct span trimmed = span_trim(r);

	if (r.n >= VERSION_N && memcmp(r.p, version, VERSION_N) == 0) {
		while (at < r.n && is_wsp(r.p[at]))
			at++;
		if (at < r.n && r.p[at] == ';')
			return at == VERSION_N ? STRICT : SPACED;
		return RESEMBLES;
	}
	if (trimmed.n >= VERSION_N && span_caseeq(span_make(trimmed.p, VERSION_N), version))
		return RESEMBLES;
	return OTHER;
}

static void tell_discarded(struct sts_record *ret, size_t record, enum beginning b)
{
	if (b == SPACED)
		warn(ret, record, VERSION_N + 1,
		     "A blank before the first semicolon: beside other records this one does not "
		     "count.");
	else if (b == RESEMBLES)
		warn(ret, record, 1,
		     "This record does not begin with v=STSv1; exactly, so it does not count.");
}

void record_select(const struct span *records, size_t n, struct sts_record *ret)
{
	struct scan s = { .ret = ret };
	size_t strict = 0;

	*ret = (struct sts_record){ .verdict = RECORD_NONE };
	if (n > LIMIT_TXT_RECORDS) {
		refuse(ret, RECORD_INVALID, 0, 0, "There are more than 64 TXT records.");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		enum beginning b = beginning_of(records[i]);

		if (b == STRICT || (b == SPACED && n == 1)) {
			strict++;
			s.record = i + 1;
		} else {
			tell_discarded(ret, i + 1, b);
		}
		if (b == SPACED && n == 1)
			warn(ret, 1, VERSION_N + 1,
			     "A blank before the first semicolon: other senders may not see this "
			     "record.");
	}
	if (strict == 0) {
		refuse(ret, RECORD_NONE, 0, 0, "No TXT record begins with v=STSv1;");
	} else if (strict > 1) {
		refuse(ret, RECORD_MULTIPLE, 0, 0, "More than one TXT record begins with v=STSv1;");
	} else {
		s.in = records[s.record - 1];
		parse(&s);
	}
}
