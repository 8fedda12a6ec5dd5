#include "config.h"

#include "common/net/probe_session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "common/base/text.h"
#include "common/net/dane_client.h"
#include "common/net/dial.h"
#include "common/net/pkix_look.h"
#include "common/net/tls_client.h"

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void enter(struct probe_session *s, int state, short events, int64_t deadline)
{
	s->state = state;
	s->events = events;
	s->deadline = sooner(deadline, s->terms->deadline);
}

static void leave(struct probe_session *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	enter(s, PROBE_OVER, 0, 0);
}

static void conclude(struct probe_session *s, enum reason reason, const char *detail)
{
	struct fact *f = &s->probe->fact;

	f->reason = reason;
	f->outcome = outcome_of_reason(reason);
	text_printable(span_of(detail), f->detail, sizeof(f->detail));
}

static void fail(struct probe_session *s, enum reason reason, const char *detail)
{
	conclude(s, reason, detail);
	leave(s);
}

static void fail_errno(struct probe_session *s, enum reason reason, int r)
{
	char text[128];

	fail(s, dial_error_is_local(r) ? REASON_PROBE_LOCAL : reason,
	     strerror_r(-r, text, sizeof(text)));
}

/* Says goodbye; others wait for the answer (farewell.h). */
static void quit(struct probe_session *s)
{
	static const char text[] = "QUIT\r\n";
	ssize_t n;

	ERR_clear_error();
	if (s->ssl != NULL)
		n = SSL_write(s->ssl, text, sizeof(text) - 1);
	else
		n = send(s->fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
	if (n > 0 && farewells_take(s->terms->farewells, s->fd, s->ssl)) {
		s->ssl = NULL;
		s->fd = -1;
	}
	leave(s);
}

struct fact probe_fact(const struct probe *p)
{
	return (struct fact){ .addr = p->addr,
			      .proof = p->tlsa != NULL ? PROOF_DANE : PROOF_PKIX,
			      .pkix = REASON_PENDING };
}

void probe_session_start(struct probe_session *s, const struct probe_terms *terms, struct probe *p,
			 int64_t now)
{
	const struct netaddr *source = p->addr.family == ADDR_V4 ? terms->source : terms->source6;
	int r;

	*s = (struct probe_session){ .terms = terms, .probe = p, .fd = -1 };
	p->fact = probe_fact(p);
	smtp_dialog_init(&s->dialog, terms->helo);
	r = dial_start(&p->addr, p->port, source, &s->fd);
	if (r < 0)
		fail_errno(s, REASON_CONNECT_FAILED, r);
	else
		enter(s, PROBE_CONNECTING, POLLOUT, now + terms->connect_timeout_ms);
}

static void connected(struct probe_session *s, int64_t now)
{
	int r = dial_result(s->fd);

	if (r == -ETIMEDOUT)
		fail_errno(s, REASON_CONNECT_TIMEOUT, r);
	else if (r < 0)
		fail_errno(s, REASON_CONNECT_FAILED, r);
	else
		enter(s, PROBE_TALKING, POLLIN, now + s->terms->greeting_timeout_ms);
}

/* Every error is noted and none ends the handshake: also of a bad certificate the whole story is wanted. */
static int on_certificate(int ok, X509_STORE_CTX *x)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct cert_verdict *v = SSL_get_app_data(ssl);

	if (!ok)
		cert_verdict_note(v, X509_STORE_CTX_get_error(x),
				  X509_STORE_CTX_get_error_depth(x));
	return 1;
}

static bool expect_pkix(struct probe_session *s)
{
	const char *host = s->probe->mx_host;

	return SSL_set_tlsext_host_name(s->ssl, host) == 1 &&
	       tls_client_expect(SSL_get0_param(s->ssl), host, s->terms->wall);
}

static bool expect_dane(struct probe_session *s)
{
	size_t n;

	if (!dane_client_expect(s->ssl, s->probe->tlsa, s->terms->wall, &n))
		return false;
	if (n == 0)
		cert_verdict_note(&s->certificate, X509_V_ERR_DANE_NO_MATCH, 0);
	return true;
}

static bool prepare_tls(struct probe_session *s)
{
	s->ssl = SSL_new(s->terms->ctx);
	if (s->ssl == NULL || SSL_set_fd(s->ssl, s->fd) != 1 ||
	    !(s->probe->tlsa != NULL ? expect_dane(s) : expect_pkix(s)))
		return false;
	SSL_set_app_data(s->ssl, &s->certificate);
	SSL_set_verify(s->ssl, SSL_VERIFY_PEER, on_certificate);
	return true;
}

static bool is_version_trouble(unsigned long e)
{
	if (ERR_GET_LIB(e) != ERR_LIB_SSL)
		return false;
	switch (ERR_GET_REASON(e)) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_WRONG_SSL_VERSION:
		return true;
	default:
		return false;
	}
}

static void handshake_failed(struct probe_session *s, int error)
{
	unsigned long e = ERR_peek_error();
	const char *text = ERR_reason_error_string(e);

	if (error == SSL_ERROR_SYSCALL && dial_error_is_local(-errno))
		fail_errno(s, REASON_PROBE_LOCAL, -errno);
	else if (is_version_trouble(e))
		fail(s, REASON_TLS_VERSION, text != NULL ? text : "");
	else
		fail(s, REASON_TLS_HANDSHAKE, text != NULL ? text : "the connection was closed");
}

/* OpenSSL's own summary, should an error ever come past the collection. */
static void have_the_last_word(struct probe_session *s)
{
	long result = SSL_get_verify_result(s->ssl);

	if (result != X509_V_OK)
		conclude(s, REASON_CERT_INVALID, X509_verify_cert_error_string(result));
	else if (s->probe->tlsa != NULL)
		conclude(s, dane_client_is_proved(s->ssl) ? REASON_DANE_OK : REASON_DANE_MISMATCH, "");
}

static void handshake_done(struct probe_session *s)
{
	struct fact *f = &s->probe->fact;
	X509 *leaf = SSL_get0_peer_certificate(s->ssl);

	f->not_after = cert_not_after(leaf);
	snprintf(f->tls, sizeof(f->tls), "%s", SSL_get_version(s->ssl));
	f->reason = cert_verdict_reason(&s->certificate, leaf, f->detail);
	f->outcome = outcome_of_reason(f->reason);
	if (f->reason == REASON_OK)
		have_the_last_word(s);
	if (f->proof == PROOF_DANE && strcmp(s->probe->tlsa->base, s->probe->mx_host) == 0)
		f->pkix = pkix_look(s->ssl, s->probe->mx_host, s->terms->wall);
	quit(s);
}

static void shake(struct probe_session *s)
{
	int r, error;

	ERR_clear_error();
	errno = 0;
	r = SSL_connect(s->ssl);
	if (r == 1) {
		handshake_done(s);
		return;
	}
	error = SSL_get_error(s->ssl, r);
	if (error == SSL_ERROR_WANT_READ)
		s->events = POLLIN;
	else if (error == SSL_ERROR_WANT_WRITE)
		s->events = POLLOUT;
	else
		handshake_failed(s, error);
}

/* A command fits into any send buffer; a socket that takes only a part of it is as good as closed. */
static void say(struct probe_session *s)
{
	size_t n = strlen(s->dialog.command);

	if (send(s->fd, s->dialog.command, n, MSG_NOSIGNAL) != (ssize_t)n)
		fail(s, REASON_PROBE_CLOSED, "it does not take what is sent");
	else
		enter(s, PROBE_TALKING, POLLIN, s->terms->deadline);
}

static void obey(struct probe_session *s, enum dialog_step step)
{
	switch (step) {
	case DIALOG_MORE:
		break;
	case DIALOG_SAY:
		say(s);
		break;
	case DIALOG_HANDSHAKE:
		enter(s, PROBE_SHAKING, POLLIN, s->terms->deadline);
		if (prepare_tls(s))
			shake(s);
		else
			fail(s, REASON_PROBE_LOCAL, "TLS cannot be set up");
		break;
	case DIALOG_REFUSED:
	case DIALOG_BROKEN:
		conclude(s, s->dialog.reason, "");
		memcpy(s->probe->fact.detail, s->dialog.detail, sizeof(s->dialog.detail));
		if (step == DIALOG_REFUSED)
			quit(s);
		else
			leave(s);
		break;
	}
}

static void listen_to(struct probe_session *s)
{
	char in[4096];
	ssize_t n = recv(s->fd, in, sizeof(in), 0);

	s->probe->answered = s->probe->answered || n > 0;
	if (n > 0)
		obey(s, smtp_dialog_feed(&s->dialog, span_make(in, (size_t)n)));
	else if (n == 0)
		fail(s, REASON_PROBE_CLOSED, "");
	else if (errno != EAGAIN && errno != EINTR)
		fail_errno(s, REASON_PROBE_CLOSED, -errno);
}

void probe_session_ready(struct probe_session *s, int64_t now)
{
	switch (s->state) {
	case PROBE_CONNECTING:
		connected(s, now);
		break;
	case PROBE_TALKING:
		listen_to(s);
		break;
	case PROBE_SHAKING:
		shake(s);
		break;
	case PROBE_OVER:
		break;
	}
}

void probe_session_expired(struct probe_session *s)
{
	static const char *const waited_for[] = { [DIALOG_GREETING] = "waiting for the greeting",
						  [DIALOG_EHLO] = "waiting for the answer to EHLO",
						  [DIALOG_STARTTLS] =
							  "waiting for the answer to STARTTLS" };

	switch (s->state) {
	case PROBE_CONNECTING:
		fail(s, REASON_CONNECT_TIMEOUT, "");
		break;
	case PROBE_TALKING:
		fail(s, REASON_PROBE_TIMEOUT, waited_for[s->dialog.stage]);
		break;
	case PROBE_SHAKING:
		fail(s, REASON_PROBE_TIMEOUT, "in the TLS handshake");
		break;
	case PROBE_OVER:
		break;
	}
}
