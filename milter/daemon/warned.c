#include "config.h"

#include "milter/daemon/warned.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct warned {
	pthread_mutex_t lock;
	unsigned n;
	char names[WARNED_MAX][64];
};

struct warned *warned_new(void)
{
	struct warned *w = calloc(1, sizeof(*w));

	if (w != NULL)
		pthread_mutex_init(&w->lock, NULL);
	return w;
}

struct warned *warned_free(struct warned *w)
{
	if (w != NULL) {
		pthread_mutex_destroy(&w->lock);
		free(w);
	}
	return NULL;
}

bool warned_is_new(struct warned *w, const char *name)
{
	char key[sizeof(w->names[0])];
	bool is_new;

	snprintf(key, sizeof(key), "%s", name);
	pthread_mutex_lock(&w->lock);
	is_new = w->n < WARNED_MAX;
	for (unsigned i = 0; i < w->n && is_new; i++)
		is_new = strcmp(w->names[i], key) != 0;
	if (is_new)
		memcpy(w->names[w->n++], key, sizeof(key));
	pthread_mutex_unlock(&w->lock);
	return is_new;
}
