#include "config.h"

#include "milter/daemon/rcpt.h"

#include "common/base/kv.h"
#include "milter/daemon/trail.h"

#include <stdio.h>
#include <string.h>

void door_id(struct door *door, char ret[DECISION_ID_SIZE])
{
	unsigned long long id = atomic_fetch_add(&door->next_id, 0x9e3779b97f4a7c15ull);

	id ^= id >> 31; /* the counter's steps should not show */
	snprintf(ret, DECISION_ID_SIZE, "%016llx", id * 0xbf58476d1ce4e5b9ull);
}

uint64_t door_changes(const struct door *door)
{
	return engine_changes(door->engine) +
	       (door->trail != NULL ? trail_changes(door->trail) : 0);
}

struct action_view rcpt_view(const struct settings *set, bool authenticated, bool local)
{
	int kind = set->action_authenticated; /* action, tempfail, annotate */
	enum action_kind action = (enum action_kind)set->action;

	if (authenticated && kind != 0)
		action = (enum action_kind)(kind - 1);
	return (struct action_view){
		.action = action,
		.never_tempfail = local && set->action_local == 0,
		.accept_unreachable = set->probe_inconclusive == 1,
		.txt_failure = set->txt_failure,
		.pending = set->pending,
	};
}

const struct verdict *judgement_verdict(const struct judgement *j)
{
	return j->entry != NULL && j->knowledge == (enum knowledge)j->entry->knowledge
		       ? entry_verdict(j->entry)
		       : NULL;
}

enum verdict_by judgement_by(const struct judgement *j)
{
	const struct verdict *v = judgement_verdict(j);

	if (v != NULL)
		return v->by;
	return j->entry != NULL && j->entry->is_overridden ? BY_OVERRIDE : BY_MTA_STS;
}

/* Who says so. */
static const char *check_name(const struct judgement *j)
{
	switch (judgement_by(j)) {
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
			struct rcpt_reply *ret)
{
	const struct verdict *v = judgement_verdict(j);
	const char *code = reason_code(j->reason);
	const char *rfc = verdict_rfc(judgement_by(j), j->reason);
	char addr[NETADDR_TEXT + 3] = "", host[DOMAIN_SIZE + 8] = "";

	snprintf(ret->code, sizeof(ret->code), "%s", code[0] != '\0' ? code : "4.4.3");
	if (v != NULL && v->mx != NULL)
		snprintf(host, sizeof(host), " (MX %s", v->mx);
	if (v != NULL && v->fact != NULL) {
		netaddr_format(&v->fact->addr, addr + 1);
		addr[0] = '[';
		memcpy(addr + strlen(addr), "]", 2);
	}
	snprintf(ret->text, sizeof(ret->text), "%s %s: %s%s%s%s%s%s%s; id %s", check_name(j),
		 hop->domain, reason_sentence(j->reason), host, addr, host[0] != '\0' ? ")" : "",
		 rfc[0] != '\0' ? " [" : "", rfc, rfc[0] != '\0' ? "]" : "", id);
}

void rcpt_decide(struct door *door, const struct judgement *j, const struct nexthop *hop,
		 const struct action_view *view, const char *id, struct rcpt_reply *ret)
{
	*ret = (struct rcpt_reply){ .answer = action_for(j->knowledge, view, j->failing_ms) };
	if (hop == NULL)
		return;
	if (ret->answer == ANSWER_TEMPFAIL) {
		write_reply(j, hop, id, ret);
	} else if (door->trail != NULL) {
		struct trail_terms terms = trail_terms_of(j);

		trail_note(door->trail, hop, id, &terms);
	}
}

void rcpt_log(const struct door *door, const struct rcpt_line *line, const struct judgement *j,
	      const struct rcpt_reply *reply)
{
	const struct verdict *v = judgement_verdict(j);
	char key[NEXTHOP_KEY_SIZE], addr[NETADDR_TEXT];
	struct kv kv;

	kv_begin(&kv, "rcpt");
	kv_str(&kv, "door", line->door);
	kv_str(&kv, "id", line->id);
	kv_str(&kv, "rcpt", line->rcpt);
	kv_str(&kv, "mailer", line->mailer);
	if (line->hop != NULL)
		kv_str(&kv, "nexthop", nexthop_key(line->hop, key));
	else
		kv_str(&kv, "nexthop", line->host);
	kv_str(&kv, "knowledge", knowledge_name(j->knowledge));
	kv_str(&kv, "reason", reason_name(j->reason));
	if (v != NULL || judgement_by(j) == BY_OVERRIDE)
		kv_str(&kv, "by", verdict_by_name(judgement_by(j)));
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
	if (line->waited_ms > 0)
		kv_int(&kv, "waited_ms", line->waited_ms);
	if (line->requiretls)
		kv_str(&kv, "requiretls", "yes");
	log_line(door->log, LOG_LEVEL_INFO, kv_end(&kv));
}
