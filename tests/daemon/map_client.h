/* map_client.h - a delivery agent: socketmap requests and Exim's lines, for cmocka tests
 *
 * Every function fails the test by itself when the connection goes wrong.
 */
#ifndef TESTS_DAEMON_MAP_CLIENT_H
#define TESTS_DAEMON_MAP_CLIENT_H

#include "tests/daemon/daemon.h"

enum { MAP_ANSWER = 4096, MAP_TIMEOUT_MS = 15000 };

int map_open(const struct daemon *d,
	     const char *socket_name); /* a blocking descriptor with a time limit */
void map_close(int *fd);	       /* for AUTO() */

void map_send(int fd, const void *p, size_t n);
void map_send_request(int fd, const char *map_and_key);

/* The content of the next netstring; "" when the connection was closed. */
const char *map_answer(int fd, char out[MAP_ANSWER]);
const char *map_ask(int fd, const char *map_and_key, char out[MAP_ANSWER]);

/* A line, the end of ours, and all that comes back, without its LF. */
const char *line_ask(const struct daemon *d, const char *line, bool half_close,
		     char out[MAP_ANSWER]);

#endif
