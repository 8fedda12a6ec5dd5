/* Outcomes of TLS sessions in mail logs: what MTAs write, and what strangers could have them write. */
#include "tests/unit/test.h"

#include "common/base/buf.h"
#include "milter/command/tls_sessions.h"

#include <stdio.h>
#include <string.h>

#define SMTP  "Nov 22 02:26:53 host postfix/smtp[4711]: "
#define SMTP2 "Nov 22 02:26:53 host postfix/smtp[4712]: "
#define MTA   "Nov 22 02:26:53 host sm-mta[42]: "
#define EXIM  "2026-11-22 02:26:53 1tEQzS-000001-AB "
#define TLS13 ":25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519\n"
#define RELAY                                                                                      \
	", relay=mx.example.com[192.0.2.1]:25, delay=1.2, delays=0.1/0/1/0.1, dsn=4.7.5, status="
#define TO	     SMTP "4F2B81: to=<u@example.com>" RELAY
#define NOT_VERIFIED "deferred (Server certificate not verified)\n"
#define STAT                                                                                       \
	", delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120000, relay=mx.example.com. "      \
	"[192.0.2.1], dsn=4.0.0, stat="
#define CIPHER	     ", cipher=TLS_AES_256_GCM_SHA384, bits=256/256\n"
#define X13	     " X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 "
#define GOOD	     "example.com success mx.example.com 192.0.2.1\n"
#define NONE_OFFERED "a TLS session is required, but the server did not offer TLS support"

struct row {
	const char *name, *lines;
	const char *outcomes; /* "DOMAIN RESULT MX ADDRESS\n" each */
};

/* clang-format off */
static const struct row rows[] = {
	/* Postfix: sessions */
	{ "postfix: verified and delivered", SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", GOOD },
	{ "postfix: verified, and the message refused: the session was good",
	  SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "bounced (host mx.example.com[192.0.2.1] said: 550 no (in reply to RCPT TO command))\n", GOOD },
	{ "postfix: two recipients are one session",
	  SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n" SMTP "4F2B81: to=<v@example.com>" RELAY "sent (250 ok)\n", GOOD },
	{ "postfix: the next message over the same connection",
	  SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n" SMTP "5F2B81: to=<v@example.com>, relay=mx.example.com[192.0.2.1]:25, conn_use=2, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n", GOOD },
	{ "postfix: a session that another process made",
	  SMTP "Verified TLS connection reused to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: trusted, but nothing was verified", SMTP "Trusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: untrusted, and nobody asked for more", SMTP "Untrusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: the session of another process", SMTP2 "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: the session with another host", SMTP "Verified TLS connection established to mx2.example.com[192.0.2.2]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: no TLS", TO "sent (250 ok)\n", "" },
	{ "postfix: IPv6", SMTP "Verified TLS connection established to mx.example.com[2001:db8::1]" TLS13
	  SMTP "4F2B81: to=<u@example.com>, relay=mx.example.com[2001:db8::1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n", "example.com success mx.example.com 2001:db8::1\n" },
	{ "postfix: an instance, a transport, RFC 3339",
	  "2026-11-22T02:26:53.123456+01:00 host postfix-out/relay/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: 3.11 says more", SMTP "4F2B81: to=<u@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/0/1, tls=!secure, dsn=4.7.5, status=" NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	/* Postfix: failures */
	{ "postfix: not verified", TO NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: not verified, two recipients", TO NOT_VERIFIED SMTP "4F2B81: to=<v@example.com>" RELAY NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: not verified, and again later", TO NOT_VERIFIED TO NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\nexample.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: not verified, trusted: another name", SMTP "Trusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO NOT_VERIFIED, "example.com certificate-host-mismatch mx.example.com 192.0.2.1\n" },
	{ "postfix: not verified, untrusted", SMTP "Untrusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO NOT_VERIFIED, "example.com certificate-not-trusted mx.example.com 192.0.2.1\n" },
	{ "postfix: not trusted (older)", TO "deferred (Server certificate not trusted)\n", "example.com certificate-not-trusted mx.example.com 192.0.2.1\n" },
	{ "postfix: expired",
	  SMTP "server certificate verification failed for mx.example.com[192.0.2.1]:25: certificate has expired\n" SMTP "Untrusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO NOT_VERIFIED,
	  "example.com certificate-expired mx.example.com 192.0.2.1\n" },
	{ "postfix: an expired issuer",
	  SMTP "CA certificate verification failed for mx.example.com[192.0.2.1]:25: certificate has expired\n" TO NOT_VERIFIED, "example.com certificate-expired mx.example.com 192.0.2.1\n" },
	{ "postfix: self-signed", SMTP "certificate verification failed for mx.example.com[192.0.2.1]:25: self-signed certificate\n" TO NOT_VERIFIED, "example.com certificate-not-trusted mx.example.com 192.0.2.1\n" },
	{ "postfix: an issuer that plays a cause",
	  SMTP "certificate verification failed for mx.example.com[192.0.2.1]:25: untrusted issuer /CN=certificate has expired\n" TO NOT_VERIFIED, "example.com certificate-not-trusted mx.example.com 192.0.2.1\n" },
	{ "postfix: the name is another one", SMTP "server certificate verification failed for mx.example.com[192.0.2.1]:25: num=62:hostname mismatch\n" TO NOT_VERIFIED, "example.com certificate-host-mismatch mx.example.com 192.0.2.1\n" },
	{ "postfix: what the policy map said", SMTP "certificate verification failed for mx.example.com[192.0.2.1]:25: external policy failure (sts-policy-invalid)\n" TO NOT_VERIFIED, "example.com sts-policy-invalid mx.example.com 192.0.2.1\n" },
	{ "postfix: the cause is of another host", SMTP "server certificate verification failed for mx2.example.com[192.0.2.2]:25: certificate has expired\n" TO NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: no STARTTLS", TO "deferred (TLS is required, but was not offered by host mx.example.com[192.0.2.1])\n", "example.com starttls-not-supported mx.example.com 192.0.2.1\n" },
	{ "postfix: STARTTLS refused", TO "deferred (TLS is required, but host mx.example.com[192.0.2.1] refused to start TLS: 454 4.7.0 not now)\n", "example.com starttls-not-supported mx.example.com 192.0.2.1\n" },
	{ "postfix: handshake", TO "deferred (Cannot start TLS: handshake failure)\n", "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: one MX fails, the other one is good",
	  SMTP "4F2B81: TLS is required, but was not offered by host mx1.example.com[192.0.2.9]\n" SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n",
	  "example.com starttls-not-supported mx1.example.com 192.0.2.9\n" GOOD },
	{ "postfix: one MX has expired, the other one too",
	  SMTP "server certificate verification failed for mx1.example.com[192.0.2.9]:25: certificate has expired\n" SMTP "4F2B81: Server certificate not verified\n" TO NOT_VERIFIED,
	  "example.com certificate-expired mx1.example.com 192.0.2.9\nexample.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: handshake with one MX, then none can be reached",
	  SMTP "SSL_connect error to mx1.example.com[192.0.2.9]:25: lost connection\n" SMTP "4F2B81: Cannot start TLS: handshake failure\n"
	  SMTP "4F2B81: to=<u@example.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.com[192.0.2.1]:25: Connection timed out)\n",
	  "example.com validation-failure mx1.example.com 192.0.2.9\n" },
	{ "postfix: the attempt of another message",
	  SMTP "5F2B81: TLS is required, but was not offered by host mx1.example.com[192.0.2.9]\n" TO "sent (250 ok)\n", "" },
	{ "postfix: a quoted local part", SMTP "4F2B81: to=<\"a, b\\\">\"@example.com>" RELAY NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: through an alias", SMTP "4F2B81: to=<u@example.com>, orig_to=<root>" RELAY NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: an address literal as host", SMTP "4F2B81: to=<u@example.com>, relay=192.0.2.1[192.0.2.1]:25, delay=1, dsn=4.7.5, status=" NOT_VERIFIED, "example.com validation-failure - 192.0.2.1\n" },
	{ "postfix: to our own host", SMTP "4F2B81: to=<u@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=4.7.5, status=" NOT_VERIFIED, "" },
	/* Postfix 3.10 */
	{ "postfix: report of a success", SMTP "TLSRPT: status=success, domain=example.com, receiving_mx=mx.example.com[192.0.2.1]\n", GOOD },
	{ "postfix: report of a failure", SMTP "TLSRPT: status=failure, domain=example.com, receiving_mx=mx.example.com[192.0.2.1], failure_type=certificate_expired\n", "example.com certificate-expired mx.example.com 192.0.2.1\n" },
	{ "postfix: report with a reason", SMTP "TLSRPT: status=failure, domain=example.com, receiving_mx=mx.example.com[192.0.2.1], failure_type=validation_failure, failure_reason=self-signed_certificate\n", "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: a report and what follows it are one session",
	  SMTP "server certificate verification failed for mx.example.com[192.0.2.1]:25: certificate has expired\n"
	  SMTP "TLSRPT: status=failure, domain=example.com, receiving_mx=mx.example.com[192.0.2.1], failure_type=certificate_expired\n"
	  SMTP "Untrusted TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO NOT_VERIFIED SMTP "4F2B81: to=<v@example.com>" RELAY NOT_VERIFIED,
	  "example.com certificate-expired mx.example.com 192.0.2.1\n" },
	{ "postfix: a good report and the delivery are one session",
	  SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 SMTP "TLSRPT: status=success, domain=example.com, receiving_mx=mx.example.com[192.0.2.1]\n" TO "sent (250 ok)\n", GOOD },
	{ "postfix: a report, and the next session with the host has none",
	  SMTP "TLSRPT: status=success, domain=example.com, receiving_mx=mx.example.com[192.0.2.1]\n" TO "sent (250 ok)\n"
	  SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 SMTP "5F2B81: to=<u@example.net>" RELAY "sent (250 ok)\n", GOOD "example.net success mx.example.com 192.0.2.1\n" },
	{ "postfix: reports of two hosts", SMTP "TLSRPT: status=failure, domain=example.com, receiving_mx=mx1.example.com[192.0.2.9], failure_type=starttls_not_supported\n" SMTP "4F2B81: TLS is required, but was not offered by host mx1.example.com[192.0.2.9]\n"
	  SMTP "TLSRPT: status=success, domain=example.com, receiving_mx=mx.example.com[192.0.2.1]\n" TO "sent (250 ok)\n", "example.com starttls-not-supported mx1.example.com 192.0.2.9\n" GOOD },
	{ "postfix: a report of what nobody knows", SMTP "TLSRPT: status=failure, domain=example.com, receiving_mx=mx.example.com[192.0.2.1], failure_type=certificate_expired_\n", "" },
	/* Postfix: not ours */
	{ "postfix: a client of ours", "Nov 22 02:26:53 host postfix/smtpd[1]: Verified TLS connection established from mx.example.com[192.0.2.1]" TLS13, "" },
	{ "postfix: smtpd plays smtp", "Nov 22 02:26:53 host postfix/smtpd[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: lmtp", "Nov 22 02:26:53 host postfix/lmtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: what was said before, said again by the queue manager", "Nov 22 02:26:53 host postfix/error[1]: 4F2B81: to=<u@example.com>, relay=none, delay=1, dsn=4.7.5, status=deferred (delivery temporarily suspended: Server certificate not verified)\n", "" },
	/* Postfix: strangers */
	{ "postfix: a host's own words", TO "deferred (host mx.example.com[192.0.2.1] said: 450 Server certificate not verified (in reply to RCPT TO command))\n", "" },
	{ "postfix: a host's own words are all of it", TO "deferred (host mx.example.com[192.0.2.1] refused to talk to me: 421 TLS is required, but was not offered by host mx.example.com[192.0.2.1])\n", "" },
	{ "postfix: words behind ours", TO "deferred (Server certificate not verified, or so they say)\n", "" },
	{ "postfix: words behind ours, of a host", TO "deferred (TLS is required, but was not offered by host mx.example.com[192.0.2.1] said)\n", "" },
	{ "postfix: STARTTLS refused with the end of another line", TO "deferred (TLS is required, but host mx.example.com[192.0.2.1] refused to start TLS: 454 x>, relay=a[192.0.2.7]:25, status=deferred (Server certificate not verified)\n", "" },
	{ "postfix: a recipient who plays the end of the line",
	  SMTP "4F2B81: to=<\"x@evil.example>, relay=mx.evil.example[192.0.2.9]:25, delay=1, dsn=4.7.5, status=deferred (Server certificate not verified)\"@example.com>" RELAY "sent (250 ok)\n", "" },
	{ "postfix: the same where addresses are logged without quotes",
	  SMTP "4F2B81: to=<x@evil.example>, relay=mx.evil.example[192.0.2.9]:25, delay=1, dsn=4.7.5, status=deferred (TLS is required, but host mx.evil.example[192.0.2.9] refused to start TLS: @example.com>" RELAY "sent (250 ok)\n", "" },
	{ "postfix: an alias that plays it", SMTP "4F2B81: to=<u@example.com>, orig_to=<\"x>, relay=mx.evil.example[192.0.2.9]:25, dsn=4.7.5, status=deferred (Server certificate not verified)\"@example.net>" RELAY "sent (250 ok)\n", "" },
	{ "postfix: a host that plays a session", TO "sent (250 Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13, "" },
	{ "postfix: a warning that quotes", SMTP "warning: Verified TLS connection established to mx.example.com[192.0.2.1]" TLS13 TO "sent (250 ok)\n", "" },
	{ "postfix: a header check that quotes", SMTP "4F2B81: replace: header Subject: Server certificate not verified\n" TO "sent (250 ok)\n", "" },
	{ "postfix: a header check that quotes a delivery", SMTP "4F2B81: replace: header Subject: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: a name with more in it", SMTP "Verified TLS connection established to mx.example.com[192.0.2.1]:25 (mx2.example.com[192.0.2.2]:25: TLSv1.3\n" TO "sent (250 ok)\n", "" },
	{ "postfix: without the host's name", "Nov 22 02:26:53 postfix/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "postfix: a host named like a program", "Nov 22 02:26:53 postfix/smtp[1]: postfix/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: another program that quotes", "Nov 22 02:26:53 host sshd[1]: postfix/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: a program named like it", "Nov 22 02:26:53 host notpostfix/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: a cut line", SMTP "4F2B81: to=<u@example.com>" RELAY "deferred (Server certificate not verified", "" },
	{ "postfix: a cut line with a host's words", SMTP "4F2B81: to=<u@example.com>" RELAY "deferred (TLS is required, but host mx.example.com[192.0.2.1] refused to start TLS: 45", "" },
	{ "postfix: without a time", "postfix/smtp[1]: 4F2B81: to=<u@example.com>" RELAY NOT_VERIFIED, "" },
	{ "postfix: a report by another program", "Nov 22 02:26:53 host postfix/cleanup[1]: TLSRPT: status=success, domain=example.com, receiving_mx=mx.example.com[192.0.2.1]\n", "" },
	/* Sendmail */
	{ "sendmail: verified and delivered", MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=OK" CIPHER MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Sent (ok)\n", GOOD },
	{ "sendmail: with the message's id, two recipients",
	  MTA "2AM2QrTe000123: STARTTLS=client, relay=mx.example.com, version=TLSv1.3, verify=OK" CIPHER MTA "2AM2QrTe000123: to=<u@example.com>,<v@example.com>, ctladdr=<a@example.org> (1000/1000)" STAT "Sent (ok)\n", GOOD },
	{ "sendmail: DANE", MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=TRUSTED" CIPHER MTA "2AM2QrTe000123: to=u@example.com" STAT "Sent (ok)\n", GOOD },
	{ "sendmail: not verified, and nobody asked for more", MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=FAIL" CIPHER MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Sent (ok)\n", "" },
	{ "sendmail: refused by its rules",
	  MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=FAIL" CIPHER MTA "2AM2QrTe000123: ruleset=tls_server, arg1=FAIL, relay=mx.example.com, reject=403 4.7.0 authentication failed\n"
	  MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred: 403 4.7.0 authentication failed\n", "example.com certificate-not-trusted mx.example.com -\n" },
	{ "sendmail: no STARTTLS",
	  MTA "2AM2QrTe000123: ruleset=tls_server, arg1=NONE, relay=mx.example.com, reject=403 4.7.0 not authenticated\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n",
	  "example.com starttls-not-supported mx.example.com -\n" },
	{ "sendmail: no STARTTLS, as 8.17 says it without an id",
	  MTA "ruleset=tls_server, arg1=NONE, relay=mx.example.com, reject=403 4.7.0 other side does not support STARTTLS\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred: 403 4.7.0 other side does not support STARTTLS\n",
	  "example.com starttls-not-supported mx.example.com -\n" },
	{ "sendmail: handshake",
	  MTA "STARTTLS=client, error: connect failed=-1, reason=tlsv1 alert internal error, SSL_error=1, errno=0, retry=-1\n"
	  MTA "ruleset=tls_server, arg1=SOFTWARE, relay=mx.example.com, reject=454 4.7.0 TLS handshake failed.\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred: 454 4.7.0 TLS handshake failed.\n",
	  "example.com validation-failure mx.example.com -\n" },
	{ "sendmail: expired",
	  MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=FAIL" CIPHER MTA "STARTTLS=client, cert-subject=/CN=mx+20x, cert-issuer=/CN=An+20Issuer, verifymsg=certificate has expired\n"
	  MTA "2AM2QrTe000123: ruleset=tls_server, arg1=FAIL, relay=mx.example.com, reject=403 4.7.0 authentication failed\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred: 403 4.7.0 authentication failed\n",
	  "example.com certificate-expired mx.example.com -\n" },
	{ "sendmail: a certificate that plays the verdict",
	  MTA "STARTTLS=client, cert-subject=/CN=mx,+20verifymsg=certificate has expired, cert-issuer=/CN=x, verifymsg=certificate has expired\n"
	  MTA "2AM2QrTe000123: ruleset=tls_server, arg1=FAIL, relay=mx.example.com, reject=403 4.7.0 authentication failed\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n",
	  "example.com certificate-not-trusted mx.example.com -\n" },
	{ "sendmail: STS, another name, as 8.17 says it",
	  MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=OK" CIPHER MTA "STARTTLS=client, cert-subject=/CN=mx, cert-issuer=/CN=x, verifymsg=ok\n"
	  MTA "2AM2QrTe000123: ruleset=tls_rcpt, arg1=u@example.com, relay=mx.example.com., reject=450 4.7.0 <u@example.com>... mx.example.com not listed in SANs\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n",
	  "example.com certificate-host-mismatch mx.example.com -\n" },
	{ "sendmail: STS, another name",
	  MTA "2AM2QrTe000123: ruleset=tls_rcpt, arg1=u@example.com, relay=mx.example.com, reject=450 4.7.0 mx.example.com not listed in SANs\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n",
	  "example.com certificate-host-mismatch mx.example.com -\n" },
	{ "sendmail: STS, a host outside of the policy",
	  MTA "2AM2QrTe000123: ruleset=tls_rcpt, arg1=<u@example.com>, relay=mx.example.com, reject=450 4.7.0 mx.example.com not found in  :a.example.com\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n",
	  "example.com validation-failure mx.example.com -\n" },
	{ "sendmail: our map was away", MTA "2AM2QrTe000123: ruleset=tls_server, arg1=FAIL, relay=mx.example.com, reject=450 4.7.0 STS lookup temp fail\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n", "" },
	{ "sendmail: a client of ours", MTA "STARTTLS=server, relay=mx.example.com [192.0.2.1], version=TLSv1.3, verify=OK" CIPHER MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Sent (ok)\n", "" },
	{ "sendmail: rules about a client of ours", MTA "2AM2QrTe000123: ruleset=tls_client, arg1=FAIL, relay=mx.example.com, reject=403 4.7.0 authentication failed\n" MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Sent (ok)\n", "" },
	{ "sendmail: a host's own words", MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred: 403 4.7.0 authentication failed\n", "" },
	{ "sendmail: a recipient who plays the end of the line",
	  MTA "STARTTLS=client, relay=mx.evil.example, version=TLSv1.3, verify=OK" CIPHER
	  MTA "2AM2QrTe000123: to=<\"x@evil.example>, delay=1, mailer=esmtp, relay=mx.evil.example [192.0.2.9], dsn=2.0.0, stat=Sent\"@example.com>" STAT "Sent (ok)\n", "" },
	{ "sendmail: a recipient without quotes who plays it",
	  MTA "2AM2QrTe000123: ruleset=tls_rcpt, arg1=x, relay=mx.evil.example, reject=450 4.7.0 mx.evil.example not listed in SANs@example.com, relay=mx.example.com, reject=450 4.7.0 STS lookup temp fail\n"
	  MTA "2AM2QrTe000123: to=<u@example.com>" STAT "Deferred\n", "" },
	{ "sendmail: a local mailer", MTA "STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=OK" CIPHER MTA "2AM2QrTe000123: to=<u@example.com>, delay=00:00:01, mailer=local, pri=1, dsn=2.0.0, stat=Sent\n", "" },
	/* Exim */
	{ "exim: verified and delivered", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes C=\"250 ok\"\n", GOOD },
	{ "exim: DANE", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com DS [192.0.2.1]" X13 "CV=dane DN=\"CN=x\" C=\"250 ok\"\n", GOOD },
	{ "exim: all log selectors",
	  "2026-11-22 02:26:53.123 +0100 [4711] 1tEQzS-00000000001-ABCD => u@example.com <alias@example.org> F=<a@example.org> P=<a@example.org> R=dnslookup T=remote_smtp S=500 H=mx.example.com [192.0.2.1]:25 I=[192.0.2.7]:1024 TFO*" X13 "CV=yes L K C=\"250 ok\" QT=1s DT=0s\n", GOOD },
	{ "exim: through syslog", "Nov 22 02:26:53 host exim[42]: 1tEQzS-000001-AB => u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes C=\"250 ok\"\n", GOOD },
	{ "exim: a second recipient", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes\n" EXIM "-> v@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes\n", GOOD },
	{ "exim: over a connection of before", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]*" X13 "CV=yes\n", "" },
	{ "exim: not verified, and nobody asked for more", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=no C=\"250 CV=yes\"\n", "" },
	{ "exim: no TLS", EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"250 X=TLS1.3:x CV=yes\"\n", "" },
	{ "exim: verified, and the message refused", EXIM "** u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes : SMTP error from remote mail server after RCPT TO:<u@example.com>: 550 no\n", GOOD },
	{ "exim: no STARTTLS", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n", "example.com starttls-not-supported mx.example.com 192.0.2.1\n" },
	{ "exim: no STARTTLS, said twice", EXIM "H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n" EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n" EXIM "== v@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n", "example.com starttls-not-supported mx.example.com 192.0.2.1\n" },
	{ "exim: no STARTTLS, and again later", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1] DT=1s: " NONE_OFFERED "\n" EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.1]:25: " NONE_OFFERED "\n", "example.com starttls-not-supported mx.example.com 192.0.2.1\nexample.com starttls-not-supported mx.example.com 192.0.2.1\n" },
	{ "exim: one MX fails, the other one is good", EXIM "H=mx1.example.com [192.0.2.9]: " NONE_OFFERED "\n" EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes\n", "example.com starttls-not-supported mx1.example.com 192.0.2.9\n" GOOD },
	{ "exim: a certificate", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-37) H=mx.example.com [192.0.2.1]: TLS session: (certificate verification failed): certificate invalid\n", "example.com certificate-not-trusted mx.example.com 192.0.2.1\n" },
	{ "exim: a certificate for another name", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-37) H=mx.example.com [192.0.2.1]: TLS session: (certificate verification failed)\n", "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "exim: handshake", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-37) H=mx.example.com [192.0.2.1]: TLS session: (gnutls_handshake): A TLS fatal alert has been received.\n", "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "exim: DANE fails", EXIM "DANE attempt failed; TLS connection to mx.example.com [192.0.2.1]: (certificate verification failed)\n" EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-37) H=mx.example.com [192.0.2.1]: TLS session: (certificate verification failed)\n", "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "exim: fails, and goes on without",
	  EXIM "TLS session: (gnutls_handshake): timed out: delivering unencrypted to H=mx.example.com [192.0.2.1] (not in hosts_require_tls)\n" EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"250 ok\"\n",
	  "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "exim: a certificate that names another host",
	  EXIM "TLS session: (certificate verification failed): CN=x: delivering unencrypted to H=mx.evil.example [192.0.2.9] (not in hosts_require_tls): delivering unencrypted to H=mx.example.com [192.0.2.1] (not in hosts_require_tls)\n" EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"250 ok\"\n",
	  "example.com validation-failure mx.example.com 192.0.2.1\n" },
	{ "exim: a host's own words", EXIM "== u@example.com R=dnslookup T=remote_smtp defer (-44) H=mx.example.com [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<u@example.com>: 450 defer (-38): " NONE_OFFERED "\n", "" },
	{ "exim: a host's own words, alone", EXIM "H=mx.example.com [192.0.2.1]: SMTP error from remote mail server after MAIL FROM:<>: 450 H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n" EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"ok\"\n", "" },
	{ "exim: a sender who plays the end of the line", EXIM "=> u@example.com F=<\"> R=r T=t H=mx.evil.example [192.0.2.9] X=TLS1.3:x CV=yes\"@evil.example> R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=no\n", "" },
	{ "exim: a recipient who plays it", EXIM "=> \"x@evil.example R=r T=t H=mx.evil.example [192.0.2.9] X=TLS1.3:x CV=yes\"@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"ok\"\n", "" },
	{ "exim: arrived", EXIM "<= a@example.org H=mx.example.com [192.0.2.9] P=esmtps" X13 "CV=yes S=500 id=x@y T=\"=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] X=TLS1.3:x CV=yes\"\n", "" },
	{ "exim: an id that plays a delivery", EXIM "<= a@example.org H=x [192.0.2.9] P=esmtp S=5 id=\n=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes\n", "" },
	{ "exim: without an id", "2026-11-22 02:26:53 => u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]" X13 "CV=yes\n", "" },
	{ "exim: a client that is refused", "2026-11-22 02:26:53 H=mx.example.com [192.0.2.1]: " NONE_OFFERED "\n" EXIM "=> u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"ok\"\n", "" },
	{ "exim: local", EXIM "=> user <user@example.com> R=local_user T=mail_spool\n", "" },
	{ "exim: to another daemon here", EXIM "=> u@example.com R=dovecot T=lmtp H=127.0.0.1 [127.0.0.1]" X13 "CV=yes\n", "" },
	/* nobody's */
	{ "our own daemon's line", "Nov 22 02:26:53 host mta-sts-milter[1]: event=rcpt id=1 rcpt=u@example.com\n", "" },
	{ "hostile bytes", SMTP "4F2B81: to=<u@example.com>\xff\x1b[31m" RELAY NOT_VERIFIED, "" },
};
/* clang-format on */

static void note(void *arg, const struct tls_session *s)
{
	buf_addf(arg, "%s %s %s %s\n", s->domain, s->result, s->mx[0] != '\0' ? s->mx : "-",
		 s->address[0] != '\0' ? s->address : "-");
}

static void feed_lines(struct tls_sessions *s, const char *text)
{
	struct span all = span_of(text), line;
	struct logline read;

	while (span_line(&all, &line))
		if (logline_read(line, &read))
			tls_sessions_line(s, &read);
}

static void sequences(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got;
		struct tls_sessions *s;

		buf_init(&got, 4096);
		s = tls_sessions_new(true, note, &got);
		feed_lines(s, rows[i].lines);
		if (strcmp(buf_text(&got), rows[i].outcomes) != 0)
			fail_msg("%s: got \"%s\", not \"%s\"", rows[i].name, buf_text(&got),
				 rows[i].outcomes);
		tls_sessions_free(s);
		buf_release(&got);
	}
}

/* Where the daemon hears from Postfix itself, neither the report nor what follows it counts. */
static void reports_are_heard_elsewhere(void **state)
{
	struct buf got;
	struct tls_sessions *s;

	(void)state;
	buf_init(&got, 4096);
	s = tls_sessions_new(false, note, &got);
	feed_lines(s, SMTP
		   "TLSRPT: status=failure, domain=example.com, "
		   "receiving_mx=mx.example.com[192.0.2.1], failure_type=validation_failure\n" TO
			   NOT_VERIFIED);
	assert_string_equal(buf_text(&got), "");
	feed_lines(s, SMTP "5F2B81: to=<u@example.net>" RELAY NOT_VERIFIED);
	assert_string_equal(buf_text(&got),
			    "example.net validation-failure mx.example.com 192.0.2.1\n");
	tls_sessions_free(s);
	buf_release(&got);
}

/* Whoever was silent the longest is forgotten for a new one. */
static void many_processes(void **state)
{
	struct buf got;
	struct tls_sessions *s;
	char line[300];

	(void)state;
	buf_init(&got, 4096);
	s = tls_sessions_new(true, note, &got);
	for (int i = 0; i <= TLS_SESSIONS; i++) {
		snprintf(line, sizeof(line),
			 "Nov 22 02:26:53 host postfix/smtp[%d]: Verified TLS connection "
			 "established to mx.example.com[192.0.2.1]" TLS13,
			 1000 + i);
		feed_lines(s, line);
	}
	feed_lines(s, "Nov 22 02:26:53 host postfix/smtp[1000]: 4F2B81: to=<u@a.example>" RELAY
		      "sent (ok)\n");
	assert_string_equal(buf_text(&got), "");
	feed_lines(s, "Nov 22 02:26:53 host postfix/smtp[1256]: 4F2B81: to=<u@b.example>" RELAY
		      "sent (ok)\n");
	assert_string_equal(buf_text(&got), "b.example success mx.example.com 192.0.2.1\n");
	tls_sessions_free(s);
	buf_release(&got);
}

/* More hosts of one message than are remembered. */
static void many_hosts(void **state)
{
	struct buf got;
	struct tls_sessions *s;
	char line[300];
	size_t lines = 0;

	(void)state;
	buf_init(&got, 65536);
	s = tls_sessions_new(true, note, &got);
	for (int i = 0; i < 3 * TLS_ATTEMPTS; i++) {
		snprintf(line, sizeof(line),
			 SMTP "4F2B81: TLS is required, but was not offered by host "
			      "mx%d.example.com[192.0.2.%d]\n",
			 i, i);
		feed_lines(s, line);
	}
	feed_lines(s, SMTP "4F2B81: to=<u@example.com>, relay=none, delay=1, dsn=4.4.1, "
			   "status=deferred (no)\n");
	for (const char *p = buf_text(&got); *p != '\0'; p++)
		lines += *p == '\n';
	assert_int_equal(lines, TLS_ATTEMPTS);
	tls_sessions_free(s);
	buf_release(&got);
}

/* What hosts and certificates say is printable, and cut. */
static void detail(void **state)
{
	struct logline line;
	struct tls_line read;
	char text[600];

	(void)state;
	snprintf(text, sizeof(text),
		 SMTP "certificate verification failed for mx.example.com[192.0.2.1]:25: untrusted "
		      "issuer /CN=\x1b[31m\"%0400d",
		 0);
	assert_true(logline_read(span_of(text), &line));
	tls_line_read(&line, &read);
	assert_int_equal(read.kind, TLS_LINE_CAUSE);
	assert_non_null(strstr(read.detail, "untrusted issuer /CN=?[31m?000"));
	assert_true(strlen(read.detail) < LIMIT_DETAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences),	  cmocka_unit_test(reports_are_heard_elsewhere),
		cmocka_unit_test(many_processes), cmocka_unit_test(many_hosts),
		cmocka_unit_test(detail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
