/* rcpt.h - what is said about one recipient, whichever door has asked: a reply, and a line in the log
 *
 * THREADS Any.
 */
#ifndef MILTER_DAEMON_RCPT_H
#define MILTER_DAEMON_RCPT_H

#include "milter/daemon/door.h"

enum { REPLY_TEXT_SIZE = 900 };

struct rcpt_reply {
	enum answer answer;
	char code[8];		    /* "4.7.5" of a tempfail */
	char text[REPLY_TEXT_SIZE]; /* of a tempfail: one plain sentence, printable ASCII */
};

/* Which settings hold for a recipient. local: from non_smtpd_milters. */
struct action_view rcpt_view(const struct settings *s, bool authenticated, bool local);

/* The answer and its words; remembers an accepted one for its delivery. hop: that j is about; NULL: not judged. */
void rcpt_decide(struct door *door, const struct judgement *j, const struct nexthop *hop,
		 const struct action_view *view, const char *id, struct rcpt_reply *ret);

struct rcpt_line {
	const char *door; /* NULL: the milter */
	const char *id;
	const char *rcpt, *mailer;
	const char *host; /* as the MTA says it; used where hop is NULL */
	const struct nexthop *hop;
	bool requiretls;
	int64_t waited_ms;
};
void rcpt_log(const struct door *door, const struct rcpt_line *line, const struct judgement *j,
	      const struct rcpt_reply *reply);

/* NULL unless there is one, and it is what the judgement says. */
const struct verdict *judgement_verdict(const struct judgement *j);

/* Who has decided; a decision without a verdict is the operator's where he has made one. */
enum verdict_by judgement_by(const struct judgement *j);

#endif
