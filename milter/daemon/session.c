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
	unsigned long long id = atomic_fetch_add(&s->door->next_id, 0x9e3779b97f4a7c15ull);

	session_reset(s);
	id ^= id >> 31; /* the counter's steps should not show */
	snprintf(s->m.id, sizeof(s->m.id), "%016llx", id * 0xbf58476d1ce4e5b9ull);
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

static struct action_view view_of(const struct session *s, bool local)
{
	const struct settings *set = s->door->settings;
	int authenticated = set->action_authenticated; /* action, tempfail, annotate */
	enum action_kind action = (enum action_kind)set->action;

	if (s->m.authenticated && authenticated != 0)
		action = (enum action_kind)(authenticated - 1);
	return (struct action_view){
		.action = action,
		.never_tempfail = local && set->action_local == 0,
		.accept_unreachable = set->probe_inconclusive == 1,
		.txt_failure = set->txt_failure,
		.pending = set->pending,
	};
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

static const struct verdict *verdict_in(const struct judgement *j)
{
	return j->entry != NULL && j->knowledge == (enum knowledge)j->entry->knowledge
		       ? entry_verdict(j->entry)
		       : NULL;
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

/* A decision without a verdict is the operator's where he has made one. */
static enum verdict_by decided_by(const struct judgement *j, const struct verdict *v)
{
	if (v != NULL)
		return v->by;
	return j->entry != NULL && j->entry->is_overridden ? BY_OVERRIDE : BY_MTA_STS;
}

/* Who says so. */
static const char *check_name(const struct judgement *j, const struct verdict *v)
{
	switch (decided_by(j, v)) {
	case BY_DANE:
		return "DANE check of";
	case BY_OVERRIDE:
		return "MTA-STS policy that the operator of this server has set for";
	case BY_MTA_STS:
		break;
	}
	return j->entry != NULL && j->entry->policy != NULL ? "MTA-STS enforce policy of"
							    : "MTA-STS check of";
}

static void write_reply(const struct judgement *j, const struct nexthop *hop, const char *id,
			struct session_reply *ret)
{
	const struct verdict *v = verdict_in(j);
	const char *code = reason_code(j->reason);
	const char *rfc = verdict_rfc(decided_by(j, v), j->reason);
	char addr[NETADDR_TEXT + 3] = "", host[DOMAIN_SIZE + 8] = "";

	snprintf(ret->code, sizeof(ret->code), "%s", code[0] != '\0' ? code : "4.4.3");
	if (v != NULL && v->mx != NULL)
		snprintf(host, sizeof(host), " (MX %s", v->mx);
	if (v != NULL && v->fact != NULL) {
		netaddr_format(&v->fact->addr, addr + 1);
		addr[0] = '[';
		memcpy(addr + strlen(addr), "]", 2);
	}
	snprintf(ret->text, sizeof(ret->text), "%s %s: %s%s%s%s%s%s%s; id %s", check_name(j, v),
		 hop->domain, reason_sentence(j->reason), host, addr, host[0] != '\0' ? ")" : "",
		 rfc[0] != '\0' ? " [" : "", rfc, rfc[0] != '\0' ? "]" : "", id);
	escape_percent(ret->text, sizeof(ret->text));
}

static void log_rcpt(const struct session *s, const struct session_rcpt *rcpt,
		     const struct nexthop *hop, const struct judgement *j,
		     const struct session_reply *reply, int64_t waited_ms)
{
	const struct verdict *v = verdict_in(j);
	char key[NEXTHOP_KEY_SIZE], addr[NETADDR_TEXT];
	struct kv kv;

	kv_begin(&kv, "rcpt");
	kv_str(&kv, "id", s->m.id);
	kv_str(&kv, "rcpt", rcpt->addr != NULL && rcpt->addr[0] != '\0' ? rcpt->addr : rcpt->arg);
	kv_str(&kv, "mailer", rcpt->mailer);
	if (hop != NULL)
		kv_str(&kv, "nexthop", nexthop_key(hop, key));
	else
		kv_str(&kv, "nexthop", rcpt->host);
	kv_str(&kv, "knowledge", knowledge_name(j->knowledge));
	kv_str(&kv, "reason", reason_name(j->reason));
	if (v != NULL || decided_by(j, v) == BY_OVERRIDE)
		kv_str(&kv, "by", verdict_by_name(decided_by(j, v)));
	if (v != NULL) {
		kv_str(&kv, "mx", v->mx);
		if (v->fact != NULL) {
			kv_str(&kv, "addr", netaddr_format(&v->fact->addr, addr));
			kv_str(&kv, "detail", v->fact->detail);
			if (v->fact->proof == PROOF_DANE)
				kv_str(&kv, "pkix", reason_name(v->fact->pkix));
		}
	}
	kv_str(&kv, "answer", answer_name(reply->answer));
	if (reply->answer == ANSWER_TEMPFAIL)
		kv_str(&kv, "code", reply->code);
	if (waited_ms > 0)
		kv_int(&kv, "waited_ms", waited_ms);
	if (s->m.requiretls)
		kv_str(&kv, "requiretls", "yes");
	log_line(s->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}

static bool is_rejected_already(const struct session_rcpt *rcpt)
{
	return rcpt->mailer != NULL && strcmp(rcpt->mailer, "error") == 0;
}

void session_rcpt(struct session *s, const struct session_rcpt *rcpt, struct session_reply *ret)
{
	bool local = is_local_submission(s, rcpt);
	struct action_view view = view_of(s, local);
	const char *addr = rcpt->addr != NULL && rcpt->addr[0] != '\0' ? rcpt->addr : rcpt->arg;
	const struct nexthop *hop;
	struct judgement j;
	int64_t waited_ms;
	struct route route;

	*ret = (struct session_reply){ .answer = ANSWER_ACCEPT };
	if (is_rejected_already(rcpt))
		return;
	route_of(s->door->settings, &(struct routing){ s->mta, rcpt->mailer, rcpt->host, addr },
		 &route);
	warn_about(s, rcpt, &route, local);
	hop = judge(s, &route, &j, &waited_ms);
	ret->answer = action_for(j.knowledge, &view, j.failing_ms);
	if (ret->answer == ANSWER_TEMPFAIL && hop != NULL) {
		write_reply(&j, hop, s->m.id, ret);
	} else {
		s->m.accepted++;
		if (knowledge_rank(j.knowledge) > knowledge_rank(s->m.worst))
			s->m.worst = j.knowledge;
	}
	log_rcpt(s, rcpt, hop, &j, ret, waited_ms);
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
