/* limits.h - every bound on what strangers can make us hold, in one place */
#ifndef COMMON_BASE_LIMITS_H
#define COMMON_BASE_LIMITS_H

enum {
	LIMIT_DOMAIN = 255, /* octets of a name in text form, without the NUL (RFC 1035 s2.3.4) */
	LIMIT_LABEL = 63,   /* octets of one label */
	LIMIT_TXT_RECORDS = 64,	       /* TXT records of one name that we look at */
	LIMIT_TXT = 8 * 1024,	       /* octets of one joined TXT record */
	LIMIT_STS_ID = 32,	       /* characters of an STS id (RFC 8461 s3.1) */
	LIMIT_POLICY_BODY = 64 * 1024, /* octets of a policy (RFC 8461 s3.3) */
	LIMIT_MX_PATTERNS = 1000,      /* mx lines of one policy */
	LIMIT_MX_HOSTS = 64, /* MX records of one domain; with more the MX set counts as unknown */
	LIMIT_MX_SEEN = 64, /* MX host names of one domain that are remembered beside the current ones */
	LIMIT_MX_ADDRESSES = 32, /* addresses of one MX host; with more the host counts as unknown */
	LIMIT_PROBES = 256,	 /* addresses of one MX set; with more the set counts as unknown */
	LIMIT_PROBES_AT_ONCE = 64,  /* probes of one worker that run side by side */
	LIMIT_SMTP_LINE = 2048,	    /* octets of one reply line */
	LIMIT_SMTP_LINES = 128,	    /* lines of one reply */
	LIMIT_LOG_LINE = 1000,	    /* octets of one log line */
	LIMIT_CONTROL_LINE = 256 * 1024, /* octets of one control request */
	LIMIT_MAP_KEY = 10000,	    /* octets of one socketmap request, as Postfix 3.12 bounds it */
	LIMIT_MAP_REPLY = 100000,   /* octets of one socketmap reply, as Postfix bounds it */
	LIMIT_OUTCOME = 65536,	    /* octets of one datagram about a TLS session */
	LIMIT_CONFIG_LINE = 4096,   /* octets of one configuration line */
	LIMIT_JOB_MEMORY = 4 << 20, /* bytes of one discovery and assessment */
	LIMIT_DETAIL = 160	    /* octets of a human-readable detail, escaped */
};

#endif
