#include "config.h"

#include "milter/command/tls_postfix.h"

#include "common/sts/outcome.h"
#include "milter/command/tls_field.h"

#include <string.h>

static bool take_port(struct span *text, const char *end)
{
	struct span port;

	return take_word(text, ":") && take_value(text, "", end, &port);
}

/* Verified TLS connection established to mx.example.com[192.0.2.1]:25: TLSv1.3 with cipher ... "reused" is a session that was counted before. */
static bool read_session(struct span text, struct tls_line *ret)
{
	static const char *const worth[] = { "Verified", "Trusted", "Untrusted", "Anonymous",
					     NULL };
	static const char *const result[] = { "success", "certificate-host-mismatch",
					      "certificate-not-trusted",
					      "certificate-not-trusted" };
	int which = take_one(&text, worth);

	if (which < 0 || !take_word(&text, " TLS connection established to ") ||
	    !take_host(&text, "[", ret) || !take_port(&text, ": TLSv"))
		return false;
	ret->kind = TLS_LINE_SESSION;
	ret->result = result[which];
	return true;
}

/* What stands behind "certificate verification failed for HOST: ". */
static const char *cause_result(struct span text)
{
	static const char *const external[] = { "sts-policy-fetch-error", "sts-policy-invalid",
						"sts-webpki-invalid", "validation-failure", NULL };
	int which;

	if (span_eq(text, "certificate has expired"))
		return "certificate-expired";
	if (span_starts(text, "untrusted issuer ") ||
	    span_eq(text, "not trusted by local or TLSA policy") ||
	    span_eq(text, "self-signed certificate"))
		return "certificate-not-trusted";
	if (span_starts(text, "num=62:"))
		return "certificate-host-mismatch";
	if (take_word(&text, "external policy failure (")) {
		which = take_one(&text, external);
		if (which >= 0 && span_eq(text, ")"))
			return external[which];
	}
	return "validation-failure";
}

/* server certificate verification failed for mx.example.com[192.0.2.1]:25: certificate has expired */
static bool read_cause(struct span text, struct tls_line *ret)
{
	if (take_word(&text, "SSL_connect error to ")) {
		if (!take_host(&text, "[", ret) || !take_port(&text, ": "))
			return false;
		ret->result = "validation-failure";
	} else {
		if (!take_word(&text, "server "))
			take_word(&text, "CA ");
		if (!take_word(&text, "certificate verification failed for ") ||
		    !take_host(&text, "[", ret) || !take_port(&text, ": "))
			return false;
		ret->result = cause_result(text);
	}
	ret->kind = TLS_LINE_CAUSE;
	set_detail(ret, text);
	return true;
}

/* The RFC's name, with underscores. NULL: it is none. */
static const char *take_failure_type(struct span *text)
{
	char name[32];
	size_t n = 0;
	int type;

	while (n < text->n && n + 1 < sizeof(name) &&
	       ((text->p[n] >= 'a' && text->p[n] <= 'z') || text->p[n] == '_')) {
		name[n] = text->p[n] == '_' ? '-' : text->p[n];
		n++;
	}
	name[n] = '\0';
	type = tls_result_from_name(name);
	if (type < 0 || type == TLS_RESULT_SUCCESS)
		return NULL;
	*text = span_make(text->p + n, text->n - n);
	return tls_result_name((enum tls_result)type);
}

/* TLSRPT: status=failure, domain=example.com, receiving_mx=mx.example.com[192.0.2.1], failure_type=certificate_expired, failure_reason=... */
static bool read_report(struct span text, struct tls_line *ret)
{
	const char *type;
	bool good;

	if (!take_word(&text, "TLSRPT: status="))
		return false;
	good = take_word(&text, "success, domain=");
	if ((!good && !take_word(&text, "failure, domain=")) ||
	    !take_name(&text, ", receiving_mx=", ret->domain) || !take_host(&text, "[", ret))
		return false;
	if (good) {
		ret->result = text.n == 0 ? "success" : NULL;
	} else if (take_word(&text, ", failure_type=") &&
		   (type = take_failure_type(&text)) != NULL &&
		   (text.n == 0 || take_word(&text, ", failure_reason="))) {
		ret->result = type;
		set_detail(ret, text);
	}
	ret->kind = ret->result != NULL ? TLS_LINE_REPORT : TLS_LINE_OTHER;
	return true;
}

/* Reasons that smtp(8) makes up itself, whole; only what a host says to STARTTLS is open at its end. */
static bool read_reason(struct span reason, struct tls_line *ret)
{
	struct tls_line host = { .kind = TLS_LINE_OTHER };

	set_detail(ret, reason);
	ret->vague = false;
	if (span_eq(reason, "Server certificate not verified")) {
		ret->result = "validation-failure";
		ret->vague = true;
	} else if (span_eq(reason, "Server certificate not trusted")) {
		ret->result = "certificate-not-trusted";
		ret->vague = true;
	} else if (span_eq(reason, "Cannot start TLS: handshake failure")) {
		ret->result = "validation-failure";
		ret->vague = true;
	} else if (take_word(&reason, "TLS is required, but was not offered by host ")) {
		if (!take_host(&reason, "[", &host) || reason.n > 0)
			return false;
		ret->result = "starttls-not-supported";
	} else if (take_word(&reason, "TLS is required, but host ")) {
		if (!take_host(&reason, "[", &host) ||
		    !take_word(&reason, " refused to start TLS: "))
			return false;
		ret->result = "starttls-not-supported";
	} else {
		return false;
	}
	if (host.address[0] != '\0' && ret->address[0] == '\0') {
		memcpy(ret->mx, host.mx, sizeof(host.mx));
		memcpy(ret->address, host.address, sizeof(host.address));
	}
	return true;
}

/* ", relay=mx.example.com[192.0.2.1]:25", or any other that is no host, and what is counted and measured up to ", status=" */
static bool take_measures(struct span *text, struct tls_line *ret)
{
	static const char *const keys[] = { ", conn_use=", ", delay=", ", delays=",
					    ", tls=",	   ", dsn=",   NULL };
	struct span value;

	if (!take_word(text, ", relay="))
		return false;
	if (take_host(text, "[", ret)) {
		if (!take_word(text, ":") || !take_value(text, "", "", &value))
			return false;
	} else if (!take_value(text, "-_./[]:", "", &value)) {
		return false;
	}
	while (take_one(text, keys) >= 0)
		if (!take_value(text, ".-/:;!?%+~*^", "", &value))
			return false;
	return take_word(text, ", status=") && take_value(text, "-", " (", &value);
}

/* 4F2B81: to=<u@example.com>, orig_to=<...>, relay=mx.example.com[192.0.2.1]:25, ..., status=deferred (...) */
static bool read_delivery(struct span text, struct tls_line *ret)
{
	char other[DOMAIN_SIZE];

	if (!take_word(&text, "to=<"))
		return false;
	ret->recipient = text;
	if (!take_address(&text, ret->domain))
		return false;
	ret->recipient.n -= text.n;
	if (!take_word(&text, ">"))
		return false;
	if (take_word(&text, ", orig_to=<") &&
	    !((take_address(&text, other) || take_value(&text, "-+_.", "", &(struct span){ 0 })) &&
	      take_word(&text, ">")))
		return false;
	if (!take_measures(&text, ret))
		return false;
	/* With info_log_address_format = internal, which quotes nothing, all of this could be an address. */
	if (text.n == 0 || text.p[text.n - 1] != ')' ||
	    memmem(text.p, text.n, ", status=", 9) != NULL)
		return false;
	ret->kind = TLS_LINE_DELIVERY;
	text.n--;
	if (!read_reason(text, ret))
		ret->detail[0] = '\0';
	return true;
}

void tls_postfix_read(struct span text, struct tls_line *ret)
{
	struct tls_line blank = *ret;

	if (read_session(text, ret) || read_cause(text, ret) || read_report(text, ret))
		return;
	*ret = blank;
	if (!take_id(&text, "", 5, ": ", ret->id))
		return;
	if (read_delivery(text, ret))
		return;
	memcpy(blank.id, ret->id, sizeof(blank.id));
	*ret = blank;
	if (read_reason(text, ret))
		ret->kind = TLS_LINE_ATTEMPT;
	else
		ret->detail[0] = '\0';
}
