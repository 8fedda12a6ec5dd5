/* control_kit.h - a daemon without sockets: engine, world and store for tests of what the control socket answers
 *
 * d.example has an enforce policy; one address of its MX host has an expired certificate. Every function fails the test by itself.
 */
#ifndef TESTS_UNIT_CONTROL_KIT_H
#define TESTS_UNIT_CONTROL_KIT_H

#include "milter/daemon/control.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	struct log *log;
	struct outcomes *outcomes;
	struct sources sources;
	json_t *root; /* the last answer */
};

/* For cmocka: *state becomes the stage. */
int control_kit_set_up(void **state);
int control_kit_tear_down(void **state);

void start(struct stage *s); /* a new engine on the same store */
void mail_to(struct stage *s, const char *nexthop);

/* One request of user 1000: its result; NULL when it was refused (s->root has the whole answer). Valid until the next one. */
json_t *ask(struct stage *s, const char *request);
json_t *query(struct stage *s, const char *nexthop);

/* path: names and indexes between slashes. value: JSON; NULL: there is no such field. */
void expect(const json_t *in, const char *path, const char *value);

/* How many questions the world has heard: in all, and because of this request. more: further fields, with a comma before. */
unsigned asked(struct stage *s);
unsigned asked_for(struct stage *s, const char *verb, const char *nexthop, const char *more);

#endif
