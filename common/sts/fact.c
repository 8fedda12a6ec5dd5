#include "config.h"

#include "common/sts/fact.h"

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_INCONCLUSIVE] = "inconclusive",
		[OUTCOME_PASSED] = "passed",
		[OUTCOME_FAILED] = "failed",
	};

	return names[o];
}

enum outcome outcome_of_reason(enum reason r)
{
	switch (r) {
	case REASON_OK:
	case REASON_DANE_OK:
		return OUTCOME_PASSED;
	case REASON_MX_MISMATCH:
	case REASON_STARTTLS_MISSING:
	case REASON_STARTTLS_REFUSED:
	case REASON_STARTTLS_INJECTED:
	case REASON_TLS_HANDSHAKE:
	case REASON_TLS_VERSION:
	case REASON_CERT_EXPIRED:
	case REASON_CERT_NOT_YET:
	case REASON_CERT_UNTRUSTED:
	case REASON_CERT_NAME:
	case REASON_CERT_INVALID:
	case REASON_DANE_MISMATCH:
		return OUTCOME_FAILED;
	default: /* what nobody has seen has not failed (RFC 8461 appendix B: an unreachable host is
		    no violation) */
		return OUTCOME_INCONCLUSIVE;
	}
}
