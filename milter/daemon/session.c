#include "config.h"

#include "milter/daemon/session.h"

#include "common/base/kv.h"
#include "common/base/text.h"
#include "common/sts/tls_required.h"
#include "milter/daemon/verdict_header.h"
#include "milter/daemon/warned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char session_header_name[] = "MTA-STS-Verdict";

enum { VERDICTS_MAX = 4096 }; /* instances that we tell apart; what lies behind them is removed */

struct message {
	char id[DECISION_ID_SIZE];
	bool authenticated;
	bool requiretls;
	enum tls_required tls_required; /* concluded once header_ended */
	bool header_ended;
	int64_t waited_ms;    /* by all its recipients together */
	unsigned accepted;    /* recipients */
	enum knowledge worst; /* of those */
	unsigned verdicts;    /* MTA-STS-Verdict fields that came with the message */
	bool kept_own;	      /* one of them is ours and trusted */
	unsigned char foreign[VERDICTS_MAX / 8]; /* bit set: not ours, stays */
};

struct session {
	struct door *door;
	enum mta mta;
	bool known_client;
	struct netaddr client;
	struct message m;
};

struct session *session_new(struct door *door)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->door = door;
	return s;
}

struct session *session_free(struct session *s)
{
	free(s);
	return NULL;
}

static bool client_is_in(const struct session *s, const struct network_list *nets)
{
	return s->known_client && networks_have(nets->v, nets->n, &s->client);
}

void session_connect(struct session *s, const char *mta_version, const struct netaddr *client)
{
	s->mta = mta_of_version(mta_version);
	s->known_client = client != NULL;
	if (client != NULL)
		s->client = *client;
	session_reset(s);
}

void session_reset(struct session *s)
{
	s->m = (struct message){ .worst = KNOW_NOT_JUDGED };
}

void session_mail(struct session *s, const char *authenticated)
{
	session_reset(s);
	door_id(s->door, s->m.id);
	s->m.authenticated = (authenticated != NULL && authenticated[0] != '\0') ||
			     client_is_in(s, &s->door->settings->authenticated_networks);
}

void session_mail_parameter(struct session *s, const char *parameter)
{
	if (tls_required_is_requiretls(span_of(parameter)))
		s->m.requiretls = true;
}

/* Postfix names the transport in every SMTP session; without it the mail comes from non_smtpd_milters. */
static bool is_local_submission(const struct session *s, const struct session_rcpt *rcpt)
{
	return s->mta == MTA_POSTFIX && rcpt->mailer == NULL && rcpt->host == NULL;
}

static void warn_once(const struct session *s, const char *what, const char *name,
		      const char *detail)
{
	char key[128];
	struct kv kv;

	snprintf(key, sizeof(key), "%s %s", what, name);
	if (!warned_is_new(s->door->warned, key))
		return;
	kv_begin(&kv, "warning");
	kv_str(&kv, what, name);
	kv_str(&kv, "detail", detail);
	log_line(s->door->log, LOG_LEVEL_WARNING, kv_end(&kv));
}

static void warn_about(const struct session *s, const struct session_rcpt *rcpt,
		       const struct route *route, bool local)
{
	if (route->unknown_mailer)
		warn_once(s, "mailer", rcpt->mailer,
			  "not in judge_mailers or skip_mailers; it is judged");
	if (rcpt->host != NULL && route->reason == REASON_WRAPPED_PORT)
		warn_once(s, "nexthop", rcpt->host,
			  "its port speaks TLS from the first byte; it is not judged");
	if (rcpt->host != NULL && route->reason == REASON_BAD_DOMAIN)
		warn_once(s, "nexthop", rcpt->host, "it is no domain name; it is not judged");
	if (local && s->door->settings->action_local == 0)
		warn_once(s, "mta", "local-submission",
			  "mail from non_smtpd_milters is never deferred here; see Local "
			  "submissions in the README");
}

/* Asks about one next-hop of a recipient that has waited for some time already. Returns how long it had to wait now, in milliseconds. */
static int64_t check(struct session *s, const struct nexthop *hop, int64_t waited_ms,
		     struct judgement *j)
{
	const struct settings *set = s->door->settings;
	int64_t left = set->message_deadline - s->m.waited_ms;
	int64_t began = clock_mono(&s->door->env->clock);

	if (left > set->rcpt_deadline - waited_ms)
		left = set->rcpt_deadline - waited_ms;
	engine_check(s->door->engine, hop, began + (left > 0 ? left : 0), j);
	if (!j->waited)
		return 0;
	began = clock_mono(&s->door->env->clock) - began;
	s->m.waited_ms += began;
	return began;
}

/* Asks about all next-hops of the route. Returns the one that decided, the worst; NULL when none is judged. */
static const struct nexthop *judge(struct session *s, const struct route *route,
				   struct judgement *ret, int64_t *ret_waited_ms)
{
	const struct nexthop *worst = NULL;

	*ret = (struct judgement){ .knowledge = KNOW_NOT_JUDGED, .reason = route->reason };
	*ret_waited_ms = 0;
	for (size_t i = 0; i < route->n_hops; i++) {
		struct judgement j;

		*ret_waited_ms += check(s, &route->hops[i], *ret_waited_ms, &j);
		if (worst != NULL &&
		    knowledge_rank(j.knowledge) <= knowledge_rank(ret->knowledge)) {
			judgement_release(&j);
			continue;
		}
		judgement_release(ret);
		*ret = j;
		worst = &route->hops[i];
	}
	return worst;
}

/* "%" would be a format for libmilter. */
static void escape_percent(char *text, size_t size)
{
	char copy[REPLY_TEXT_SIZE];
	size_t out = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (const char *p = copy; *p != '\0' && out + 3 < size; p++) {
		if (*p == '%')
			text[out++] = '%';
		text[out++] = *p;
	}
	text[out] = '\0';
}

static bool is_rejected_already(const struct session_rcpt *rcpt)
{
	return rcpt->mailer != NULL && strcmp(rcpt->mailer, "error") == 0;
}

void session_rcpt(struct session *s, const struct session_rcpt *rcpt, struct rcpt_reply *ret)
{
	bool local = is_local_submission(s, rcpt);
	struct action_view view = rcpt_view(s->door->settings, s->m.authenticated, local);
	const char *addr = rcpt->addr != NULL && rcpt->addr[0] != '\0' ? rcpt->addr : rcpt->arg;
	const struct nexthop *hop;
	struct judgement j;
	int64_t waited_ms;
	struct route route;

	*ret = (struct rcpt_reply){ .answer = ANSWER_ACCEPT };
	if (is_rejected_already(rcpt))
		return;
	route_of(s->door->settings, &(struct routing){ s->mta, rcpt->mailer, rcpt->host, addr },
		 &route);
	warn_about(s, rcpt, &route, local);
	hop = judge(s, &route, &j, &waited_ms);
	rcpt_decide(s->door, &j, hop, &view, s->m.id, ret);
	if (ret->answer != ANSWER_TEMPFAIL || hop == NULL) {
		s->m.accepted++;
		if (knowledge_rank(j.knowledge) > knowledge_rank(s->m.worst))
			s->m.worst = j.knowledge;
	}
	rcpt_log(s->door,
		 &(struct rcpt_line){ .id = s->m.id,
				      .rcpt = addr,
				      .mailer = rcpt->mailer,
				      .host = rcpt->host,
				      .hop = hop,
				      .requiretls = s->m.requiretls,
				      .waited_ms = waited_ms },
		 &j, ret);
	escape_percent(ret->text, sizeof(ret->text));
	judgement_release(&j);
}

void session_header(struct session *s, const char *name, const char *value)
{
	const struct settings *set = s->door->settings;
	unsigned i;

	if (strcasecmp(name, "TLS-Required") == 0)
		s->m.tls_required = tls_required_add(s->m.tls_required, span_of(value));
	if (strcasecmp(name, session_header_name) != 0)
		return;
	i = s->m.verdicts++;
	if (i >= VERDICTS_MAX)
		return;
	if (!verdict_header_claims(value, s->door->authority)) {
		s->m.foreign[i / 8] |= (unsigned char)(1u << i % 8);
	} else if (client_is_in(s, &set->trusted_networks)) {
		s->m.foreign[i / 8] |= (unsigned char)(1u << i % 8);
		s->m.kept_own = true;
	}
}

unsigned session_verdicts_seen(const struct session *s)
{
	return s->m.verdicts;
}

bool session_removes(const struct session *s, unsigned instance)
{
	unsigned i = instance - 1;

	return i >= VERDICTS_MAX || (s->m.foreign[i / 8] & 1u << i % 8) == 0;
}

void session_end_of_header(struct session *s, const char *queue_id)
{
	struct kv kv;

	if (s->m.header_ended)
		return;
	s->m.header_ended = true;
	s->m.tls_required = tls_required_conclude(s->m.tls_required, s->m.requiretls);
	if (s->m.tls_required == TLS_REQUIRED_UNSAID)
		return;
	kv_begin(&kv, "tls-required");
	kv_str(&kv, "id", s->m.id);
	kv_str(&kv, "qid", queue_id);
	kv_str(&kv, "tls_required", tls_required_name(s->m.tls_required));
	log_line(s->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}

void session_eom(struct session *s, const char *queue_id, char ret_header[HEADER_SIZE])
{
	const char *word = knowledge_word(s->m.worst);
	struct kv kv;

	ret_header[0] = '\0';
	session_end_of_header(s, queue_id);
	if (!s->m.kept_own)
		verdict_header_format(ret_header, HEADER_SIZE, s->door->authority, s->m.id, word);
	kv_begin(&kv, "message");
	kv_str(&kv, "id", s->m.id);
	kv_str(&kv, "qid", queue_id);
	kv_str(&kv, "result", word);
	kv_int(&kv, "rcpts", s->m.accepted);
	if (s->m.requiretls)
		kv_str(&kv, "requiretls", "yes");
	kv_str(&kv, "tls_required", tls_required_name(s->m.tls_required));
	log_line(s->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}
