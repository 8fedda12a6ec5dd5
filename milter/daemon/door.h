/* door.h - what all that ask the engine on behalf of an MTA share */
#ifndef MILTER_DAEMON_DOOR_H
#define MILTER_DAEMON_DOOR_H

#include "common/engine/engine.h"
#include "common/sts/route.h"

#include "milter/daemon/log.h"

struct trail;
struct warned;

struct door {
	struct engine *engine;
	const struct engine_env *env;
	const struct settings *settings;
	struct log *log;
	const char *authority; /* our name in MTA-STS-Verdict */
	atomic_ullong next_id; /* decision ids: seeded at start, never repeated in one run */
	struct warned *warned; /* mailers and the like that were named in the log once */
	struct trail
		*trail; /* what was said at RCPT, for the delivery; NULL: nothing is remembered */
};

enum { DECISION_ID_SIZE = 17 };

/* A new decision id. */
void door_id(struct door *door, char ret[DECISION_ID_SIZE]);

/* As long as this stays the same, a delivery agent's question has the same answer and leads back to the same recipients, but for what
 * time alone changes. */
uint64_t door_changes(const struct door *door);

#endif
