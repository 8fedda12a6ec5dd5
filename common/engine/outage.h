/* outage.h - are all look-ups failing, or just this one
 *
 * PURPOSE One line "our DNS is down" instead of a thousand about domains.
 * THREADS Any; one leaf lock.
 * UNITS   clock_mono() milliseconds.
 */
#ifndef COMMON_ENGINE_OUTAGE_H
#define COMMON_ENGINE_OUTAGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { OUTAGE_WINDOW = 30000, OUTAGE_LEAST = 10, OUTAGE_PERCENT = 80 };

struct outage {
	pthread_mutex_t lock;
	bool down;
	int64_t began;
	unsigned ok, failed;
};

enum outage_change { OUTAGE_SAME, OUTAGE_BEGAN, OUTAGE_ENDED };

void outage_init(struct outage *o);
void outage_release(struct outage *o);
enum outage_change outage_note(struct outage *o, bool ok, int64_t mono);
bool outage_is_down(struct outage *o);

#endif
