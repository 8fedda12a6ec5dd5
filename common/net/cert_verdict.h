/* cert_verdict.h - what is wrong with a certificate, in one reason
 *
 * PURPOSE All errors of one verification are collected, then the one that matters most is named: an untrusted chain (of DANE: one that no
 *         record matches) before anything that an untrusted issuer says, then time, then the name. The order does not depend on which
 *         OpenSSL finds first.
 * RFC     8461 s4.2, 7672 s3.1
 */
#ifndef COMMON_NET_CERT_VERDICT_H
#define COMMON_NET_CERT_VERDICT_H

#include "common/base/limits.h"
#include "common/sts/reason.h"

#include <stdint.h>

#include <openssl/x509.h>

struct cert_error {
	int code;  /* X509_V_ERR_*; X509_V_OK: none of this kind */
	int depth; /* 0: the host's own certificate */
};

struct cert_verdict {
	struct cert_error unmatched; /* by any TLSA record */
	struct cert_error untrusted, invalid, time, name;
};

void cert_verdict_note(struct cert_verdict *v, int code, int depth);

/* REASON_OK, REASON_DANE_MISMATCH or one of REASON_CERT_*; ret_detail, escaped, is "" for OK. leaf: the host's certificate, or NULL if it sent none. */
enum reason cert_verdict_reason(const struct cert_verdict *v, X509 *leaf,
				char ret_detail[LIMIT_DETAIL]);

/* notAfter in wall seconds; 0 when there is none. */
int64_t cert_not_after(X509 *leaf);

#endif
