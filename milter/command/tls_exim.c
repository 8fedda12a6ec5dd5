#include "config.h"

#include "milter/command/tls_exim.h"

#include "milter/command/tls_field.h"

#include <string.h>

/* "R=dnslookup ", "T=remote_smtp ": names of the configuration */
static void take_setting(struct span *text, const char *key, const char *end)
{
	struct span rest = *text, value;

	if (take_word(&rest, key) && take_value(&rest, "-_.", end, &value))
		*text = rest;
}

/* "u@example.com", then " (parent@example.com)" and " <original@example.org>" where it was another one */
static bool take_recipient(struct span *text, struct tls_line *ret)
{
	char other[DOMAIN_SIZE];

	ret->recipient = *text;
	if (!take_address(text, ret->domain))
		return false;
	ret->recipient.n -= text->n;
	while (take_word(text, " ("))
		if (!take_address(text, other) || !take_word(text, ")"))
			return false;
	return !take_word(text, " <") || (take_address(text, other) && take_word(text, ">"));
}

/* " F=<a@example.org>": a sender is a stranger */
static bool take_sender(struct span *text, const char *key)
{
	char other[DOMAIN_SIZE];

	if (!take_word(text, key))
		return true;
	return take_word(text, ">") || (take_address(text, other) && take_word(text, ">"));
}

/* " F=<...> Q=... P=<...> R=dnslookup T=remote_smtp" */
static bool take_route(struct span *text)
{
	struct span value;

	if (!take_sender(text, " F=<"))
		return false;
	take_setting(text, " Q=", "");
	if (!take_sender(text, " P=<"))
		return false;
	take_setting(text, " R=", "");
	return take_word(text, " T=") && take_value(text, "-_.", "", &value);
}

/* "H=mx.example.com [192.0.2.1]:25*"; with dnssec among the log selectors "H=mx.example.com DS [192.0.2.1]". The star: a connection that an earlier
 * message had made. */
static bool take_exim_host(struct span *text, struct tls_line *ret, bool *ret_again)
{
	struct span rest = *text, behind, port;

	if (!take_word(&rest, "H=") ||
	    (!take_host(&rest, " [", ret) && !take_host(&rest, " DS [", ret)))
		return false;
	behind = rest;
	if (take_word(&behind, ":") && take_value(&behind, "", "", &port))
		rest = behind;
	*ret_again = take_word(&rest, "*");
	*text = rest;
	return true;
}

/* " PRX=[...]:n I=[...]:n TFO* PS=..." before " X=" */
static void take_connection(struct span *text)
{
	static const char *const keys[] = { " PRX=", " I=", " PS=", NULL };
	struct span value;

	for (;;) {
		if (take_one(text, keys) >= 0)
			take_value(text, "[]:.-_", "", &value);
		else if (!take_word(text, " TFO*") && !take_word(text, " TFO"))
			break;
	}
}

/* => u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] X=TLS1.3:...:256 CV=yes DN="..." C="250 ok". What a certificate or a
 * host says stands behind CV=. */
static bool read_end(struct span text, struct tls_line *ret)
{
	static const char *const good[] = { " CV=yes", " CV=dane", NULL };
	struct span value;
	bool again;

	if ((!take_word(&text, "=> ") && !take_word(&text, "** ")) || !take_recipient(&text, ret) ||
	    !take_route(&text))
		return false;
	take_setting(&text, " S=", "");
	if (!take_word(&text, " ") || !take_exim_host(&text, ret, &again))
		return false;
	take_connection(&text);
	ret->kind = TLS_LINE_DELIVERY;
	if (take_word(&text, " X=") && take_value(&text, "-_.:*+", "", &value) &&
	    take_one(&text, good) >= 0 && !again)
		ret->result = "success";
	return true;
}

/* Of what Exim's TLS libraries complain: behind "TLS session: ". */
static const char *session_result(struct span text)
{
	static const char *const distrust[] = {
		"(certificate verification failed): certificate invalid",
		"(certificate verification failed): certificate revoked",
		"(certificate verification failed): certificate not supplied", NULL
	};

	return take_one(&text, distrust) >= 0 ? "certificate-not-trusted" : "validation-failure";
}

/* The numbers are Exim's own; no host can give them. */
static bool read_required(struct span text, struct tls_line *ret)
{
	set_detail(ret, text);
	if (span_eq(text, "a TLS session is required, but the server did not offer TLS support"))
		ret->result = "starttls-not-supported";
	else if (span_eq(text, "a TLS session is required, but an attempt to start TLS failed"))
		ret->result = "validation-failure";
	else
		return false;
	return true;
}

/* == u@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1]: a TLS session is required, but ... */
static bool read_deferral(struct span text, struct tls_line *ret)
{
	struct span value;
	bool tls, required, again;

	if (!take_word(&text, "== ") || !take_recipient(&text, ret) || !take_route(&text) ||
	    !take_word(&text, " defer (") || !take_value(&text, "-", ")", &value))
		return false;
	ret->kind = TLS_LINE_DELIVERY;
	tls = span_eq(value, "-37");
	required = span_eq(value, "-38");
	if (!tls && !required)
		return true;
	if (take_word(&text, " ") && !take_exim_host(&text, ret, &again))
		return true;
	if (take_word(&text, " DT="))
		take_value(&text, ".", "", &value);
	if (!take_word(&text, ": "))
		return true;
	if (required) {
		read_required(text, ret);
	} else if (take_word(&text, "TLS session: ")) {
		ret->result = session_result(text);
		set_detail(ret, text);
	}
	return true;
}

/* H=mx.example.com [192.0.2.1]: a TLS session is required, but ...: one of several hosts */
static bool read_attempt(struct span text, struct tls_line *ret)
{
	bool again;

	if (take_word(&text, "DANE attempt failed; TLS connection to ")) {
		if (!take_host(&text, " [", ret) || !take_word(&text, ": "))
			return false;
		ret->result = "validation-failure";
		set_detail(ret, text);
	} else if (!take_exim_host(&text, ret, &again) || !take_word(&text, ": ") ||
		   !read_required(text, ret)) {
		return false;
	}
	ret->kind = TLS_LINE_ATTEMPT;
	return true;
}

/* TLS session: (...): delivering unencrypted to H=mx.example.com [192.0.2.1] (not in hosts_require_tls). Names of a certificate may stand before it, so
 * that the last such words count, and they must end the line. */
static bool read_fallback(struct span text, struct tls_line *ret)
{
	static const char words[] = ": delivering unencrypted to ";
	struct span said, rest;
	const char *at = NULL, *next;
	bool again;

	if (!take_word(&text, "TLS session: "))
		return false;
	for (rest = text; (next = memmem(rest.p, rest.n, words, strlen(words))) != NULL;
	     rest = span_make(next + 1, (size_t)(text.p + text.n - next - 1)))
		at = next;
	if (at == NULL)
		return false;
	said = span_make(text.p, (size_t)(at - text.p));
	text = span_make(at + strlen(words), (size_t)(text.p + text.n - at) - strlen(words));
	if (!take_exim_host(&text, ret, &again) || !span_eq(text, " (not in hosts_require_tls)"))
		return false;
	ret->kind = TLS_LINE_ATTEMPT;
	ret->result = session_result(said);
	set_detail(ret, said);
	return true;
}

void tls_exim_read(struct span text, struct tls_line *ret)
{
	struct tls_line blank;

	if (!take_id(&text, "-", 16, " ", ret->id))
		return;
	blank = *ret;
	if (read_end(text, ret))
		return;
	*ret = blank;
	if (read_deferral(text, ret))
		return;
	*ret = blank;
	if (read_attempt(text, ret))
		return;
	*ret = blank;
	if (!read_fallback(text, ret))
		*ret = blank;
}
