#include "config.h"

#include "milter/command/tls_sessions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = TLS_LINE_ID + 2 };

/* A host, and what was said of it; the host's names are "" and result NULL when there is nothing. */
struct said {
	char mx[DOMAIN_SIZE];
	char address[NETADDR_TEXT];
	const char *result;
	char detail[LIMIT_DETAIL];
};

struct teller {
	char key[KEY];
	uint64_t used;
	char id[TLS_LINE_ID]; /* of the message whose attempts these are */
	size_t n_attempts;
	struct said attempts[TLS_ATTEMPTS];
	struct said session; /* that is up, and was not told yet */
	struct said cause;   /* of what comes next */
	struct said told;    /* last; more recipients of the same message are not more sessions */
	char told_id[TLS_LINE_ID];
	uint64_t told_of; /* the recipient; the same again is another session */
	bool told_early;  /* by a report that names no message */
};

struct tls_sessions {
	bool reports;
	tls_session_tell *tell;
	void *arg;
	uint64_t clock;
	size_t n;
	struct teller *tellers[TLS_SESSIONS];
};

struct tls_sessions *tls_sessions_new(bool reports, tls_session_tell *tell, void *arg)
{
	struct tls_sessions *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->reports = reports;
		s->tell = tell;
		s->arg = arg;
	}
	return s;
}

struct tls_sessions *tls_sessions_free(struct tls_sessions *s)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		free(s->tellers[i]);
	free(s);
	return NULL;
}

static void copy(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* Processes of Postfix and Sendmail, messages of Exim. False: it cannot be told from others. */
static bool key_of(const struct logline *line, const struct tls_line *t, char ret[KEY])
{
	ret[0] = "psx"[line->mta];
	ret[1] = '\0';
	if (line->mta == LOGLINE_EXIM)
		copy(ret + 1, KEY - 1, t->id);
	else if (line->process.n > 0 && line->process.n < KEY - 1)
		span_copy(line->process, ret + 1, KEY - 1);
	return ret[1] != '\0';
}

/* The one that was used longest ago makes place where there is none, or no memory. NULL: there is not one. */
static struct teller *teller_of(struct tls_sessions *s, const char *key)
{
	struct teller *oldest = NULL, *made = NULL;

	s->clock++;
	for (size_t i = 0; i < s->n; i++) {
		struct teller *t = s->tellers[i];

		if (strcmp(t->key, key) == 0) {
			t->used = s->clock;
			return t;
		}
		if (oldest == NULL || t->used < oldest->used)
			oldest = t;
	}
	if (s->n < TLS_SESSIONS)
		made = malloc(sizeof(*made));
	if (made != NULL)
		s->tellers[s->n++] = oldest = made;
	if (oldest == NULL)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	copy(oldest->key, sizeof(oldest->key), key);
	oldest->used = s->clock;
	return oldest;
}

static struct said said_of(const struct tls_line *t)
{
	struct said said = { .result = t->result };

	memcpy(said.mx, t->mx, sizeof(said.mx));
	memcpy(said.address, t->address, sizeof(said.address));
	memcpy(said.detail, t->detail, sizeof(said.detail));
	return said;
}

/* What one of them does not know counts as the same. */
static bool same_host(const struct said *a, const struct said *b)
{
	bool address = a->address[0] == '\0' || b->address[0] == '\0' ||
		       strcmp(a->address, b->address) == 0;
	bool mx = a->mx[0] == '\0' || b->mx[0] == '\0' || strcmp(a->mx, b->mx) == 0;

	return address && mx;
}

static void fill_host(struct said *said, const struct said *from)
{
	if (said->mx[0] == '\0')
		memcpy(said->mx, from->mx, sizeof(said->mx));
	if (said->address[0] == '\0')
		memcpy(said->address, from->address, sizeof(said->address));
}

static void forget(struct said *said)
{
	*said = (struct said){ .result = NULL };
}

/* What the TLS library has said of the host before is more exact. */
static void refine(struct teller *t, struct said *said, bool vague)
{
	bool exact = false;

	if (t->cause.result != NULL && same_host(said, &t->cause)) {
		fill_host(said, &t->cause);
		if (vague) {
			said->result = t->cause.result;
			memcpy(said->detail, t->cause.detail, sizeof(said->detail));
		}
		exact = true;
	}
	if (t->session.result != NULL && same_host(said, &t->session)) {
		fill_host(said, &t->session);
		if (vague && !exact && strcmp(t->session.result, "success") != 0)
			said->result = t->session.result;
	}
	forget(&t->cause);
	forget(&t->session);
}

/* FNV-1a: tells recipients apart, and strangers gain nothing when it does not. */
static uint64_t recipient_of(const struct tls_line *line)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < line->recipient.n; i++)
		h = (h ^ (unsigned char)line->recipient.p[i]) * 0x100000001b3;
	return h;
}

static void tell(struct tls_sessions *s, struct teller *t, const struct tls_line *line,
		 const struct said *said)
{
	struct tls_session session = { .result = said->result };

	t->told = *said;
	memcpy(t->told_id, line->id, sizeof(t->told_id));
	t->told_of = recipient_of(line);
	memcpy(session.domain, line->domain, sizeof(session.domain));
	memcpy(session.mx, said->mx, sizeof(session.mx));
	memcpy(session.address, said->address, sizeof(session.address));
	memcpy(session.detail, said->detail, sizeof(session.detail));
	if (session.domain[0] != '\0')
		s->tell(s->arg, &session);
}

/* Is this a session that was told with another recipient of the message, or by a report? */
static bool is_told(struct teller *t, const struct tls_line *line, const struct said *said)
{
	if (t->told.result == NULL || !same_host(&t->told, said))
		return false;
	/* A report stands before the name of the message that it is about. */
	if (t->told_early) {
		t->told_early = false;
		memcpy(t->told_id, line->id, sizeof(t->told_id));
		t->told_of = recipient_of(line);
		return true;
	}
	return strcmp(t->told_id, line->id) == 0 && t->told_of != recipient_of(line);
}

static void attempt(struct teller *t, const struct tls_line *line)
{
	struct said said = said_of(line);

	if (strcmp(t->id, line->id) != 0)
		t->n_attempts = 0;
	memcpy(t->id, line->id, sizeof(t->id));
	refine(t, &said, line->vague);
	if (t->told_early && same_host(&t->told, &said))
		t->told_early = false;
	else if (t->n_attempts < TLS_ATTEMPTS)
		t->attempts[t->n_attempts++] = said;
}

/* What hosts before the last one have made of it. True: what is said now is among that. */
static bool tell_attempts(struct tls_sessions *s, struct teller *t, const struct tls_line *line,
			  const struct said *said)
{
	bool among = false;
	size_t n = t->n_attempts;

	t->n_attempts = 0;
	/* Attempts without a message's name are of the message that this process is busy with. */
	if (strcmp(t->id, line->id) != 0 && t->id[0] != '\0')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_told(t, line, &t->attempts[i]))
			tell(s, t, line, &t->attempts[i]);
		among |= said->result != NULL && same_host(said, &t->attempts[i]);
	}
	return among;
}

static void delivery(struct tls_sessions *s, struct teller *t, const struct tls_line *line)
{
	struct said said = said_of(line);

	if (said.result != NULL) {
		refine(t, &said, line->vague);
	} else if (t->session.result != NULL && same_host(&said, &t->session) &&
		   strcmp(t->session.result, "success") == 0) {
		said.result = t->session.result;
		fill_host(&said, &t->session);
	}
	if (!tell_attempts(s, t, line, &said) && said.result != NULL && !is_told(t, line, &said))
		tell(s, t, line, &said);
	t->told_early = false;
	forget(&t->session);
	forget(&t->cause);
}

static void report(struct tls_sessions *s, struct teller *t, const struct tls_line *line)
{
	struct said said = said_of(line);

	if (s->reports)
		tell(s, t, line, &said);
	t->told = said;
	t->told_early = true;
}

static bool is_our_own(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

bool tls_sessions_line(struct tls_sessions *s, const struct logline *line)
{
	struct tls_line t;
	struct teller *teller;
	char key[KEY];

	tls_line_read(line, &t);
	if (t.kind == TLS_LINE_OTHER || is_our_own(t.address) || !key_of(line, &t, key))
		return false;
	teller = teller_of(s, key);
	if (teller == NULL)
		return false;
	switch (t.kind) {
	case TLS_LINE_SESSION:
		teller->session = said_of(&t);
		if (!teller->told_early || !same_host(&teller->told, &teller->session)) {
			teller->told_early = false;
			forget(&teller->told);
		}
		break;
	case TLS_LINE_CAUSE:
		teller->cause = said_of(&t);
		if (!teller->told_early)
			forget(&teller->told);
		break;
	case TLS_LINE_ATTEMPT:
		attempt(teller, &t);
		break;
	case TLS_LINE_DELIVERY:
		delivery(s, teller, &t);
		break;
	case TLS_LINE_REPORT:
		report(s, teller, &t);
		break;
	case TLS_LINE_OTHER:
		break;
	}
	return true;
}
