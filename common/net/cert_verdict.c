#include "config.h"

#include "common/net/cert_verdict.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/x509v3.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/text.h"

enum { MAX_NAMES = 8, MAX_TEXT = 1024 };

static struct cert_error *kind_of(struct cert_verdict *v, int code)
{
	switch (code) {
	case X509_V_ERR_DANE_NO_MATCH:
		return &v->unmatched;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
	case X509_V_ERR_CERT_REJECTED:
	case X509_V_ERR_CERT_CHAIN_TOO_LONG:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return &v->untrusted;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return &v->time;
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return &v->name;
	default:
		return &v->invalid;
	}
}

void cert_verdict_note(struct cert_verdict *v, int code, int depth)
{
	struct cert_error *e = kind_of(v, code);

	/* The first of its kind, nearest to the host: OpenSSL goes on to complain of what follows from it. */
	if (e->code == X509_V_OK || depth < e->depth)
		*e = (struct cert_error){ .code = code, .depth = depth };
}

static bool civil(const ASN1_TIME *t, struct tm *ret)
{
	return t != NULL && ASN1_TIME_to_tm(t, ret) == 1;
}

int64_t cert_not_after(X509 *leaf)
{
	struct tm tm;

	return leaf != NULL && civil(X509_get0_notAfter(leaf), &tm) ? (int64_t)timegm(&tm) : 0;
}

static void describe_time(struct buf *out, const struct cert_error *e, X509 *leaf)
{
	bool expired = e->code == X509_V_ERR_CERT_HAS_EXPIRED;
	struct tm tm;

	buf_adds(out, X509_verify_cert_error_string(e->code));
	if (e->depth == 0 && leaf != NULL &&
	    civil(expired ? X509_get0_notAfter(leaf) : X509_get0_notBefore(leaf), &tm))
		buf_addf(out, " (%s %04d-%02d-%02d)", expired ? "until" : "from", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday);
}

/* Which names it is for: what a postmaster wants to know next. */
static void describe_names(struct buf *out, X509 *leaf)
{
	GENERAL_NAMES *sans = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	int n = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(sans) && n < MAX_NAMES; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(sans, i);

		if (name->type != GEN_DNS)
			continue;
		buf_adds(out, n++ == 0 ? "it is for " : ", ");
		buf_add(out, ASN1_STRING_get0_data(name->d.dNSName),
			(size_t)ASN1_STRING_length(name->d.dNSName));
	}
	if (n == 0)
		buf_adds(out, "it names no host in its subjectAltName");
	GENERAL_NAMES_free(sans);
}

static void describe_chain(struct buf *out, const struct cert_error *e)
{
	buf_adds(out, X509_verify_cert_error_string(e->code));
	if (e->depth > 0)
		buf_addf(out, " (issuer %d)", e->depth);
}

/* The record that would match: what a postmaster has to publish. */
static void describe_record(struct buf *out, X509 *leaf)
{
	unsigned char digest[EVP_MAX_MD_SIZE], *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &spki);
	unsigned length = 0;

	if (n <= 0 || EVP_Digest(spki, (size_t)n, digest, &length, EVP_sha256(), NULL) != 1)
		length = 0;
	OPENSSL_free(spki);
	buf_adds(out, "its certificate is TLSA 3 1 1 ");
	for (unsigned i = 0; i < length; i++)
		buf_addf(out, "%02x", digest[i]);
}

enum reason cert_verdict_reason(const struct cert_verdict *v, X509 *leaf,
				char ret_detail[LIMIT_DETAIL])
{
	AUTO(buf_release) struct buf text = { .max = MAX_TEXT };
	enum reason reason = REASON_OK;

	if (leaf == NULL) {
		buf_adds(&text, "it sent no certificate");
		reason = REASON_CERT_INVALID;
	} else if (v->unmatched.code != X509_V_OK) {
		describe_record(&text, leaf);
		reason = REASON_DANE_MISMATCH;
	} else if (v->untrusted.code != X509_V_OK) {
		describe_chain(&text, &v->untrusted);
		reason = REASON_CERT_UNTRUSTED;
	} else if (v->invalid.code != X509_V_OK) {
		describe_chain(&text, &v->invalid);
		reason = REASON_CERT_INVALID;
	} else if (v->time.code != X509_V_OK) {
		bool expired = v->time.code == X509_V_ERR_CERT_HAS_EXPIRED;

		describe_time(&text, &v->time, leaf);
		reason = expired ? REASON_CERT_EXPIRED : REASON_CERT_NOT_YET;
	} else if (v->name.code != X509_V_OK) {
		describe_names(&text, leaf);
		reason = REASON_CERT_NAME;
	}
	text_printable(buf_span(&text), ret_detail, LIMIT_DETAIL);
	return reason;
}
