#include "config.h"

#include "milter/command/maillog.h"

#include "common/sts/nexthop.h"
#include "milter/command/logline.h"

#include <string.h>

struct found {
	char (*names)[DOMAIN_SIZE];
	size_t n;
};

static struct span behind(struct span text, size_t n)
{
	return span_make(text.p + n, text.n - n);
}

/* The place behind the next `what`; false: there is none. */
static bool skip_past(struct span *text, const char *what)
{
	size_t n = strlen(what);
	const char *at = text->n > 0 ? memmem(text->p, text->n, what, n) : NULL;

	if (at == NULL)
		return false;
	*text = behind(*text, (size_t)(at - text->p) + n);
	return true;
}

static void add(struct found *found, const struct nexthop *hop)
{
	if (hop->kind == NEXTHOP_DOMAIN && found->n < MAILLOG_DOMAINS)
		memcpy(found->names[found->n++], hop->domain, DOMAIN_SIZE);
}

static void add_address(struct found *found, struct span address)
{
	struct nexthop hop = nexthop_of_address(address);

	if (address.n > 0 && memchr(address.p, '@', address.n) != NULL)
		add(found, &hop);
}

/* The value of ", name=VALUE,": up to a comma or blank outside of <>. */
static bool field(struct span line, const char *name, struct span *ret)
{
	char key[32] = " ";
	bool inside = false;
	size_t n;

	memcpy(key + 1, name, strlen(name) + 1);
	if (!skip_past(&line, key))
		return false;
	for (n = 0; n < line.n && (inside || (line.p[n] != ',' && line.p[n] != ' ')); n++)
		inside = line.p[n] == '<' || (inside && line.p[n] != '>');
	*ret = span_make(line.p, n);
	return true;
}

/* 4F2B81: to=<u@example.com>, orig_to=<...>, relay=..., status=sent (...), by smtp(8) */
static bool read_postfix(struct span line, struct found *found)
{
	struct logline head;
	struct span to;

	if (!logline_read(line, &head) || head.mta != LOGLINE_POSTFIX ||
	    !field(head.text, "to=", &to) || !field(head.text, "status=", &(struct span){ 0 }))
		return false;
	add_address(found, to);
	return true;
}

static bool is_smtp_mailer(struct span mailer)
{
	return span_eq(mailer, "esmtp") || span_eq(mailer, "smtp") || span_eq(mailer, "smtp8") ||
	       span_eq(mailer, "dsmtp");
}

/* sm-mta[42]: 2AM2QrTe: to=<u@example.com>,<v@example.net>, delay=00:00:01, mailer=esmtp, ..., stat=Sent */
static bool read_sendmail(struct span line, struct found *found)
{
	struct span list, mailer, one;
	size_t end;

	if (!field(line, "mailer=", &mailer) || !is_smtp_mailer(mailer) ||
	    !field(line, "stat=", &(struct span){ 0 }) || !skip_past(&line, ": to="))
		return false;
	list = line;
	if (skip_past(&line, ", "))
		list.n = (size_t)(line.p - list.p) - 2;
	while (list.n > 0) {
		const char *comma = memchr(list.p, ',', list.n);

		end = comma != NULL ? (size_t)(comma - list.p) : list.n;
		one = span_make(list.p, end);
		list = behind(list, comma != NULL ? end + 1 : end);
		add_address(found, one);
	}
	return true;
}

/* 2026-11-22 02:26:53 1tEQzS-0001-AB => u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] ...: "->" for further recipients
 * of the same message, "==" for those that have to wait. Local deliveries have no H=. */
static bool read_exim(struct span line, struct found *found)
{
	struct span rest = line, address;
	const char *at, *next;

	if (!field(line, "H=", &(struct span){ 0 }) && memmem(line.p, line.n, " == ", 4) == NULL)
		return false;
	if (!field(line, "R=", &(struct span){ 0 }) || !field(line, "T=", &address) ||
	    memmem(address.p, address.n, "smtp", 4) == NULL)
		return false;
	if (!skip_past(&rest, " => ") && !skip_past(&rest, " -> ") && !skip_past(&rest, " == "))
		return false;
	at = memchr(rest.p, '@', rest.n);
	next = memchr(rest.p, ' ', rest.n);
	if (at == NULL || next == NULL || next < at)
		return false;
	add_address(found, span_make(rest.p, (size_t)(next - rest.p)));
	return true;
}

/* A word by itself: a domain or an address. */
static void read_list(struct span word, struct found *found)
{
	struct nexthop hop;

	if (memchr(word.p, '@', word.n) != NULL) {
		add_address(found, word);
		return;
	}
	hop = (struct nexthop){ .kind = NEXTHOP_DOMAIN };
	/* No list of domains has names without a dot in it: they are words. */
	if (domain_normalize(word, hop.domain) == DOMAIN_OK && strchr(hop.domain, '.') != NULL)
		add(found, &hop);
}

enum maillog_kind maillog_line(struct span line, char ret[MAILLOG_DOMAINS][DOMAIN_SIZE],
			       size_t *ret_n)
{
	struct found found = { ret, 0 };
	struct span text = span_trim(line), word;

	*ret_n = 0;
	while (text.n > 0 && (text.p[text.n - 1] == '\r' || text.p[text.n - 1] == '\n'))
		text = span_trim(span_make(text.p, text.n - 1));
	if (text.n == 0 || text.p[0] == '#')
		return MAILLOG_EMPTY;
	word = text;
	word.n = 0;
	while (word.n < text.n && text.p[word.n] != ' ' && text.p[word.n] != '\t')
		word.n++;
	text = span_trim(behind(text, word.n));
	if (text.n == 0 || text.p[0] == '#')
		read_list(word, &found);
	else if (!read_postfix(line, &found) && !read_sendmail(line, &found))
		read_exim(line, &found);
	*ret_n = found.n;
	return found.n > 0 ? MAILLOG_DOMAINS_NAMED : MAILLOG_OTHER;
}
