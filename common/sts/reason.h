/* reason.h - why: one closed list for logs, SMTP replies, `mta-sts query` and, later, TLS reports
 *
 * Each reason has a name (API: logs and JSON), the enhanced status code of a tempfail that it
 * causes, a sentence, and where the RFC says so. RFC 8461 assigns no codes; these are what Postfix
 * uses (4.7.4, 4.7.5) and RFC 3463 (4.4.x).
 */
#ifndef COMMON_STS_REASON_H
#define COMMON_STS_REASON_H

#define REASONS(X)                                                                                 \
	X(OK, "ok", "", "everything was as the policy demands", "RFC 8461 s4")                     \
	/* discovery */                                                                            \
	X(NO_RECORD, "no-record", "", "the domain publishes no MTA-STS record", "RFC 8461 s3.1")   \
	X(RECORD_INVALID, "record-invalid", "", "the _mta-sts TXT record is malformed",            \
	  "RFC 8461 s3.1")                                                                         \
	X(RECORD_MULTIPLE, "record-multiple", "", "the domain publishes several MTA-STS records",  \
	  "RFC 8461 s3.1")                                                                         \
	X(TXT_FAILED, "txt-lookup-failed", "4.4.3", "the _mta-sts TXT look-up failed",             \
	  "RFC 8461 s3.3")                                                                         \
	X(TXT_BOGUS, "txt-bogus", "4.4.3", "the _mta-sts TXT answer failed DNSSEC validation",     \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_DNS, "fetch-dns-failed", "", "the policy host has no usable address",              \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_CONNECT, "fetch-connect-failed", "", "the policy host does not answer",            \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_TLS, "fetch-tls-invalid", "", "the policy host's certificate is not acceptable",   \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_STATUS, "fetch-http-status", "", "the policy host did not answer with status 200", \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_REDIRECT, "fetch-redirect", "", "the policy host answered with a redirect",        \
	  "RFC 8461 s3.3")                                                                         \
	X(FETCH_TYPE, "fetch-content-type", "", "the policy is not served as text/plain",          \
	  "RFC 8461 s3.2")                                                                         \
	X(FETCH_SIZE, "fetch-too-large", "", "the policy is larger than 64 KiB", "RFC 8461 s3.3")  \
	X(FETCH_SHORT, "fetch-truncated", "", "the policy arrived incomplete", "RFC 8461 s3.3")    \
	X(FETCH_TIMEOUT, "fetch-timeout", "", "the policy host took too long", "RFC 8461 s3.3")    \
	X(FETCH_PRIVATE, "fetch-private-address", "",                                              \
	  "the policy host has an address that is not on the public internet; see allow_networks", \
	  "")                                                                                      \
	X(FETCH_ERROR, "fetch-error", "", "the policy could not be fetched", "RFC 8461 s3.3")      \
	X(POLICY_INVALID, "policy-invalid", "", "the policy is malformed", "RFC 8461 s3.2")        \
	X(POLICY_MODE_NONE, "policy-none", "", "the policy's mode is none", "RFC 8461 s5")         \
	X(POLICY_EXPIRED, "policy-expired", "",                                                    \
	  "the cached policy has expired and no new one can be had", "RFC 8461 s5.1")              \
	X(STORE_FAILED, "store-unreadable", "4.3.0",                                               \
	  "the policy cannot be fetched, and our database cannot be read, which may hold it",      \
	  "RFC 8461 s3.3")                                                                         \
	/* assessment: what is missing */                                                          \
	X(MX_FAILED, "mx-lookup-failed", "4.4.3", "the MX look-up failed", "RFC 8461 s5.1")        \
	X(MX_BOGUS, "mx-bogus", "4.4.3", "the MX answer failed DNSSEC validation",                 \
	  "RFC 8461 s5.1")                                                                         \
	X(MX_NULL, "mx-null", "", "the domain accepts no mail (null MX)", "RFC 7505 s3")           \
	X(MX_NXDOMAIN, "mx-nxdomain", "", "the domain does not exist", "RFC 5321 s5.1")            \
	X(MX_NONE, "mx-none", "", "the domain has neither MX nor address records",                 \
	  "RFC 5321 s5.1")                                                                         \
	X(ADDRESS_FAILED, "address-lookup-failed", "4.4.3",                                        \
	  "the address look-up of the MX host failed", "RFC 8461 s5.1")                            \
	X(ADDRESS_NONE, "address-none", "4.4.3", "the MX host has no address", "RFC 5321 s5.1")    \
	X(ADDRESS_PRIVATE, "address-private", "4.4.1",                                             \
	  "the MX host has an address that is not on the public internet; see allow_networks", "") \
	X(CONNECT_FAILED, "connect-failed", "4.4.1", "the MX host does not accept connections",    \
	  "RFC 8461 s5.1")                                                                         \
	X(CONNECT_TIMEOUT, "connect-timeout", "4.4.1", "the MX host does not answer",              \
	  "RFC 8461 s5.1")                                                                         \
	X(GREETING_REFUSED, "greeting-refused", "4.4.1", "the MX host refused the session",        \
	  "RFC 8461 s5.1")                                                                         \
	X(PROBE_PROTOCOL, "probe-protocol", "4.4.2", "the MX host does not speak SMTP",            \
	  "RFC 8461 s5.1")                                                                         \
	X(PROBE_CLOSED, "probe-closed", "4.4.2", "the MX host closed the connection",              \
	  "RFC 8461 s5.1")                                                                         \
	X(PROBE_TIMEOUT, "probe-timeout", "4.4.2", "the MX host took too long", "RFC 8461 s5.1")   \
	X(PROBE_LOCAL, "probe-local-error", "4.3.0", "the probe failed on our side", "")           \
	X(HOST_BUSY, "host-busy", "4.4.5", "too many connections to this host are under way", "")  \
	X(TLSA_FAILED, "tlsa-lookup-failed", "4.4.3", "the TLSA look-up of the MX host failed",    \
	  "RFC 7672 s2.1.2")                                                                       \
	X(TLSA_BOGUS, "tlsa-bogus", "4.4.3",                                                       \
	  "the TLSA answer of the MX host failed DNSSEC validation", "RFC 7672 s2.1.2")            \
	/* assessment: what failed */                                                              \
	X(MX_MISMATCH, "mx-not-in-policy", "4.7.5", "the MX host is not listed in the policy",     \
	  "RFC 8461 s4.1")                                                                         \
	X(STARTTLS_MISSING, "starttls-missing", "4.7.4", "the MX host does not offer STARTTLS",    \
	  "RFC 8461 s4")                                                                           \
	X(STARTTLS_REFUSED, "starttls-refused", "4.7.4", "the MX host refused STARTTLS",           \
	  "RFC 8461 s4")                                                                           \
	X(STARTTLS_INJECTED, "starttls-injected", "4.7.5",                                         \
	  "plaintext was smuggled in behind the STARTTLS reply", "RFC 3207 s6")                    \
	X(TLS_HANDSHAKE, "tls-handshake", "4.7.5", "the TLS handshake with the MX host failed",    \
	  "RFC 8461 s4")                                                                           \
	X(TLS_VERSION, "tls-version", "4.7.5", "the MX host speaks no acceptable TLS version",     \
	  "RFC 8461 s7.2")                                                                         \
	X(CERT_EXPIRED, "certificate-expired", "4.7.5", "the MX host's certificate has expired",   \
	  "RFC 8461 s4.2")                                                                         \
	X(CERT_NOT_YET, "certificate-not-yet-valid", "4.7.5",                                      \
	  "the MX host's certificate is not valid yet", "RFC 8461 s4.2")                           \
	X(CERT_UNTRUSTED, "certificate-untrusted", "4.7.5",                                        \
	  "the MX host's certificate does not chain to a trusted root", "RFC 8461 s4.2")           \
	X(CERT_NAME, "certificate-name-mismatch", "4.7.5",                                         \
	  "the MX host's certificate is for another name", "RFC 8461 s4.2")                        \
	X(CERT_INVALID, "certificate-invalid", "4.7.5",                                            \
	  "the MX host's certificate is not acceptable", "RFC 8461 s4.2")                          \
	/* DANE */                                                                                 \
	X(DANE_OK, "dane-ok", "", "the certificate is what the TLSA records demand",               \
	  "RFC 7672 s2.2")                                                                         \
	X(DANE_MISMATCH, "dane-mismatch", "4.7.5",                                                 \
	  "the MX host's certificate matches none of its TLSA records", "RFC 7672 s2.2")           \
	/* the operator */                                                                         \
	X(OVERRIDE_NONE, "override-none", "", "the operator has suspended the policy", "")         \
	X(OVERRIDE_NO_POLICY, "override-without-policy", "4.7.5",                                  \
	  "the operator demands a policy, and none is known", "")                                  \
	/* us */                                                                                   \
	X(PENDING, "pending", "4.4.3", "the answer is not known yet", "")                          \
	X(BUSY, "busy", "4.4.5", "too many domains are being checked at once", "")                 \
	X(INTERNAL, "internal-error", "4.3.0", "the check failed on our side", "")                 \
	/* recipients that are not judged */                                                       \
	X(SKIPPED_MAILER, "skipped-mailer", "", "this transport is not judged", "")                \
	X(SKIPPED_DOMAIN, "skipped-domain", "", "this domain is in skip_domains", "")              \
	X(ADDRESS_LITERAL, "address-literal", "", "an address literal has no policy",              \
	  "RFC 8461 s3.4")                                                                         \
	X(WRAPPED_PORT, "wrapped-port", "", "the next-hop's port speaks TLS from the first byte",  \
	  "RFC 8461 s1")                                                                           \
	X(NO_DOMAIN, "no-domain", "", "the recipient has no domain", "")                           \
	X(BAD_DOMAIN, "bad-domain", "", "the next-hop is not a domain name", "")

enum reason {
#define X(id, name, code, sentence, rfc) REASON_##id,
	REASONS(X)
#undef X
		REASON_COUNT
};

const char *reason_name(enum reason r);
const char *
reason_code(enum reason r); /* "4.7.5"; "" for reasons that never tempfail by themselves */
const char *reason_sentence(enum reason r); /* no full stop, no capital */
const char *reason_rfc(enum reason r);	    /* "" where no RFC speaks */
int reason_from_name(const char *name);	    /* -1: unknown */

#endif
