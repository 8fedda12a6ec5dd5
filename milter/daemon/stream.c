#include "config.h"

#include "milter/daemon/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void stream_init(struct stream *s, int fd)
{
	s->fd = fd;
	s->out = NULL;
	s->n_out = s->taken = s->n_in = 0;
	s->in = s->small;
	s->in_size = STREAM_SMALL;
}

void stream_release(struct stream *s)
{
	close(s->fd);
	if (s->in != s->small)
		free(s->in);
	free(s->out);
}

/*
 * recv() and send() as the kernel has them. The C library's can be cancelled (pthread_cancel(), which nobody calls here); up to glibc 2.40
 * that takes four locked instructions for each query in a process with threads, a twentieth of what an answer costs in all.
 */
static ssize_t take_in(int fd, char *p, size_t n)
{
	return syscall(SYS_recvfrom, fd, p, n, 0, NULL, NULL);
}

static ssize_t hand_out(int fd, const char *p, size_t n)
{
	return syscall(SYS_sendto, fd, p, n, MSG_NOSIGNAL, NULL, 0);
}

static bool is_passing(int error)
{
	return error == EAGAIN || error == EINTR;
}

enum stream_result stream_read(struct stream *s)
{
	ssize_t n = take_in(s->fd, s->in + s->n_in, s->in_size - s->n_in);

	if (n < 0)
		return is_passing(errno) ? STREAM_LATER : STREAM_BROKEN;
	s->n_in += (size_t)n;
	return n > 0 ? STREAM_MOVED : STREAM_ENDED;
}

bool stream_is_full(const struct stream *s)
{
	return s->n_in == s->in_size;
}

struct span stream_held(const struct stream *s)
{
	return span_make(s->in, s->n_in);
}

bool stream_make_room(struct stream *s, size_t size)
{
	char *larger;

	if (size <= s->in_size)
		return true;
	larger = malloc(size);
	if (larger == NULL)
		return false;
	memcpy(larger, s->in, s->n_in);
	if (s->in != s->small)
		free(s->in);
	s->in = larger;
	s->in_size = size;
	return true;
}

void stream_forget(struct stream *s, size_t size)
{
	s->n_in -= size;
	if (s->n_in > 0)
		memmove(s->in, s->in + size, s->n_in);
	if (s->in != s->small && s->n_in <= STREAM_SMALL) {
		memcpy(s->small, s->in, s->n_in);
		free(s->in);
		s->in = s->small;
		s->in_size = STREAM_SMALL;
	}
}

static enum stream_result keep(struct stream *s, struct span rest)
{
	s->out = malloc(rest.n);
	if (s->out == NULL)
		return STREAM_BROKEN;
	memcpy(s->out, rest.p, rest.n);
	s->n_out = rest.n;
	s->taken = 0;
	return STREAM_LATER;
}

enum stream_result stream_send(struct stream *s, struct span answer)
{
	ssize_t n = hand_out(s->fd, answer.p, answer.n);

	if (n == (ssize_t)answer.n)
		return STREAM_MOVED;
	if (n < 0 && !is_passing(errno))
		return STREAM_BROKEN;
	n = n > 0 ? n : 0;
	return keep(s, span_make(answer.p + n, answer.n - (size_t)n));
}

enum stream_result stream_flush(struct stream *s)
{
	ssize_t n = hand_out(s->fd, s->out + s->taken, s->n_out - s->taken);

	if (n < 0)
		return is_passing(errno) ? STREAM_LATER : STREAM_BROKEN;
	s->taken += (size_t)n;
	if (s->taken < s->n_out)
		return STREAM_LATER;
	free(s->out);
	s->out = NULL;
	return STREAM_MOVED;
}
