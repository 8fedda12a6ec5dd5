/* stream.h - the octets that a client's socket brings, and those that it has still to take
 *
 * OWNERSHIP A stream owns its socket. Its place must not change: what is read may stand in it.
 * THREADS   One at a time.
 * LIMITS    STREAM_SMALL octets are read without allocation, more when the caller makes room for them. One answer waits.
 */
#ifndef MILTER_DAEMON_STREAM_H
#define MILTER_DAEMON_STREAM_H

#include "common/base/span.h"

enum { STREAM_SMALL = 1024 }; /* octets: nearly every request is shorter */

struct stream {
	int fd;
	char *out; /* what the client has not taken yet; NULL: nothing */
	size_t n_out, taken;
	size_t n_in, in_size;
	char *in; /* small, or allocated */
	char small[STREAM_SMALL];
};

enum stream_result {
	STREAM_MOVED, /* read: something came; written: all is taken */
	STREAM_LATER, /* the socket has to be waited for */
	STREAM_ENDED, /* read: the client has half-closed */
	STREAM_BROKEN /* the connection, or no memory for what it has not taken */
};

/* fd does not block. */
void stream_init(struct stream *s, int fd);
void stream_release(struct stream *s);

/* Reads into the room that there is. */
enum stream_result stream_read(struct stream *s);
bool stream_is_full(const struct stream *s);
/* What was read and is not forgotten. */
struct span stream_held(const struct stream *s);
/* Room for so many octets in all. False: no memory. */
bool stream_make_room(struct stream *s, size_t size);
/* The first so many are done with. */
void stream_forget(struct stream *s, size_t size);

/* Sends; what is not taken at once is kept for stream_flush(), and until then nothing more may be sent. */
enum stream_result stream_send(struct stream *s, struct span answer);
enum stream_result stream_flush(struct stream *s);

#endif
