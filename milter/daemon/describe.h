/* describe.h - what the daemon knows, as JSON for the operator's command
 *
 * PURPOSE   `mta-sts status` and `mta-sts query` show these objects, as text or as they are. Field names are API (mta-sts.1).
 * OWNERSHIP The caller owns the objects returned. NULL: no memory.
 */
#ifndef MILTER_DAEMON_DESCRIBE_H
#define MILTER_DAEMON_DESCRIBE_H

#include "common/engine/engine.h"

#include "milter/daemon/log.h"
#include "milter/daemon/outcomes.h"
#include "milter/daemon/service_stats.h"

#include <jansson.h>

/* What the resolver's self-test found. */
struct dns_state {
	const char *dnssec; /* "validates", "stripped", ... */
	char detail[LIMIT_DETAIL];
};

struct tlsrpt_socket;

/* Where the answers come from; all of it outlives the control socket. */
struct sources {
	struct engine *engine;
	const struct engine_env *env; /* its clock and its store */
	const struct settings *settings;
	struct log *log;
	int64_t started_at;
	struct outcomes *outcomes;	     /* NULL: none are kept */
	struct tlsrpt_socket *tlsrpt;	     /* NULL: not listened to */
	const struct service_stats *service; /* NULL: there is none */
	void (*dns)(void *arg, struct dns_state *ret);
	void *dns_arg;
};

/* entry: NULL when nothing is known about hop. */
json_t *describe_entry(const struct sources *src, const struct nexthop *hop,
		       const struct entry *entry);

/* What `mta-sts cache warm` needs of it. */
json_t *describe_briefly(const struct sources *src, const struct nexthop *hop,
			 const struct entry *entry);

json_t *describe_event(const struct stored_event *e);

json_t *describe_status(const struct sources *src);

#endif
