#include "config.h"

#include "milter/command/tls_sendmail.h"

#include "milter/command/tls_field.h"

#include <string.h>

/* "mx.example.com. [192.0.2.1], "; without an address where a ruleset or the TLS library speaks. */
static bool take_relay(struct span *text, const char *end, struct tls_line *ret)
{
	struct span rest = *text;

	if (take_host(&rest, " [", ret) && take_word(&rest, end)) {
		*text = rest;
		return true;
	}
	return take_name(text, end, ret->mx);
}

/* STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=OK, cipher=... */
static bool read_session(struct span text, struct tls_line *ret)
{
	static const char *const good[] = { "OK,", "TRUSTED,", NULL };
	struct span value;

	if (!take_word(&text, "STARTTLS=client, relay=") || !take_relay(&text, ", version=", ret) ||
	    !take_value(&text, "./", ", verify=", &value))
		return false;
	ret->kind = TLS_LINE_SESSION;
	ret->result = take_one(&text, good) >= 0 ? "success" : "certificate-not-trusted";
	return true;
}

/* STARTTLS=client, error: connect failed=-1, reason=tlsv1 alert ..., SSL_error=1, errno=0, retry=-1: names no host */
static bool read_cause(struct span text, struct tls_line *ret)
{
	struct span value;

	if (!take_word(&text, "STARTTLS=client, error: connect failed=") ||
	    !take_value(&text, "-", ", ", &value))
		return false;
	ret->kind = TLS_LINE_CAUSE;
	ret->result = "validation-failure";
	set_detail(ret, text);
	return true;
}

/* STARTTLS=client, cert-subject=/CN=mx, cert-issuer=/CN=An+20Issuer, verifymsg=certificate has expired: names no host. Blanks of a name are written
 * as +20, so that it ends at the first one. */
static bool read_verdict(struct span text, struct tls_line *ret)
{
	struct span value;

	if (!take_word(&text, "STARTTLS=client, cert-subject=") ||
	    !span_until(&text, ' ', text.n, &value) || !take_word(&text, "cert-issuer=") ||
	    !span_until(&text, ' ', text.n, &value) || !take_word(&text, "verifymsg=") ||
	    span_eq(text, "ok"))
		return false;
	ret->kind = TLS_LINE_CAUSE;
	ret->result = span_eq(text, "certificate has expired") ? "certificate-expired"
							       : "certificate-not-trusted";
	set_detail(ret, text);
	return true;
}

static bool ends(struct span text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

/* ruleset=tls_server, arg1=FAIL, relay=mx.example.com, reject=403 4.7.0 authentication failed */
static bool read_server_check(struct span text, struct tls_line *ret)
{
	static const char *const words[] = { "NONE, ",	 "SOFTWARE, ", "PROTOCOL, ", "FAIL, ",
					     "NO, ",	 "NOT, ",      "TEMP, ",     "DANE_FAIL, ",
					     "CONFIG, ", NULL };
	static const char *const results[] = {
		"starttls-not-supported",  "validation-failure",      "validation-failure",
		"certificate-not-trusted", "certificate-not-trusted", "certificate-not-trusted",
		"validation-failure",	   "validation-failure",      "validation-failure",
	};
	int which;

	if (!take_word(&text, "ruleset=tls_server, arg1=") ||
	    (which = take_one(&text, words)) < 0 || !take_word(&text, "relay=") ||
	    !take_relay(&text, ", reject=", ret) || ends(text, "STS lookup temp fail"))
		return false;
	ret->kind = TLS_LINE_ATTEMPT;
	ret->result = results[which];
	ret->vague = which >= 1 && which <= 3;
	set_detail(ret, text);
	return true;
}

/* ruleset=tls_rcpt, arg1=u@example.com, relay=mx.example.com., reject=450 4.7.0 <u@example.com>... mx.example.com not listed in SANs */
static bool read_recipient_check(struct span text, struct tls_line *ret)
{
	char name[DOMAIN_SIZE], other[DOMAIN_SIZE];
	bool bracket;

	if (!take_word(&text, "ruleset=tls_rcpt, arg1="))
		return false;
	bracket = take_word(&text, "<");
	if (!take_address(&text, other) || (bracket && !take_word(&text, ">")) ||
	    !take_word(&text, ", relay=") || !take_relay(&text, ", reject=450 4.7.0 ", ret))
		return false;
	if (take_word(&text, "<") && (!take_address(&text, other) || !take_word(&text, ">... ")))
		return false;
	set_detail(ret, text);
	if (!take_name(&text, " not ", name))
		return false;
	if (span_eq(text, "listed in SANs"))
		ret->result = "certificate-host-mismatch";
	else if (span_starts(text, "found in "))
		ret->result = "validation-failure";
	else
		return false;
	ret->kind = TLS_LINE_ATTEMPT;
	return true;
}

static bool take_recipient(struct span *text, char ret_domain[DOMAIN_SIZE])
{
	bool bracket = take_word(text, "<");

	return take_address(text, ret_domain) && (!bracket || take_word(text, ">"));
}

/* "delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120000, relay=": whatever of it is there */
static bool take_fields(struct span *text)
{
	static const char *const keys[] = { "delay=", "xdelay=", "pri=", "class=", NULL };
	static const char *const mailers[] = { "esmtp, ", "smtp, ",  "smtp8, ",
					       "dsmtp, ", "relay, ", NULL };
	struct span value;
	bool smtp = false;

	for (;;) {
		if (take_one(text, keys) >= 0) {
			if (!take_value(text, ":+-.", ", ", &value))
				return false;
		} else if (take_word(text, "mailer=")) {
			smtp = take_one(text, mailers) >= 0;
			if (!smtp)
				return false;
		} else {
			return smtp && take_word(text, "relay=");
		}
	}
}

/* to=<u@example.com>,<v@example.com>, ctladdr=<a@example.org> (1000/1000), delay=..., mailer=esmtp, ..., relay=mx.example.com. [192.0.2.1], dsn=...,
 * stat=... What the host said stands behind stat=, and looks like what Sendmail says itself: it decides nothing. */
static bool read_delivery(struct span text, struct tls_line *ret)
{
	char other[DOMAIN_SIZE];
	struct span value;

	if (!take_word(&text, "to="))
		return false;
	ret->recipient = text;
	if (!take_recipient(&text, ret->domain))
		return false;
	ret->recipient.n -= text.n;
	while (take_word(&text, ","))
		if (!take_recipient(&text, other)) {
			if (take_word(&text, " "))
				break;
			return false;
		}
	if (take_word(&text, "ctladdr=")) {
		if (!take_recipient(&text, other) && !take_value(&text, "-_+.", "", &value))
			return false;
		if (take_word(&text, " (") && !take_value(&text, "/", ")", &value))
			return false;
		if (!take_word(&text, ", "))
			return false;
	}
	if (!take_fields(&text) || !take_relay(&text, ", dsn=", ret))
		return false;
	ret->kind = TLS_LINE_DELIVERY;
	return true;
}

void tls_sendmail_read(struct span text, struct tls_line *ret)
{
	struct tls_line blank;

	take_id(&text, "", 5, ": ", ret->id);
	blank = *ret;
	if (read_session(text, ret) || read_cause(text, ret) || read_verdict(text, ret) ||
	    read_server_check(text, ret))
		return;
	*ret = blank;
	if (read_recipient_check(text, ret))
		return;
	*ret = blank;
	if (ret->id[0] == '\0' || !read_delivery(text, ret))
		*ret = blank;
}
