/* span.h - a view of bytes that somebody else owns
 *
 * PURPOSE   Cursor parsing of hostile text: no NUL needed, no copy, no overrun.
 * OWNERSHIP A span never owns its bytes; it is valid as long as they are.
 * THREADS   Values; safe anywhere.
 */
#ifndef COMMON_BASE_SPAN_H
#define COMMON_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *p;
	size_t n;
};

struct span span_of(const char *text); /* NULL gives the empty span */
struct span span_make(const void *p, size_t n);

bool span_eq(struct span a, const char *text);
bool span_caseeq(struct span a, const char *text); /* ASCII only */
bool span_starts(struct span a, const char *prefix);

/* Takes the next line off *in, without its LF or CRLF. False when *in is empty. */
bool span_line(struct span *in, struct span *ret_line);

/* Takes what stands before the first delim off *in, and the delim too.
 * False, *in untouched, when there is no delim or the token is longer than max. */
bool span_until(struct span *in, char delim, size_t max, struct span *ret_token);

/* Takes the next word (separated by blanks or commas) off *in. False at the end. */
bool span_word(struct span *in, struct span *ret_word);

struct span span_trim(struct span a); /* SP and HTAB at both ends */

/* Copies into out with a NUL; false, out empty, when it does not fit or holds a NUL. */
bool span_copy(struct span a, char *out, size_t size);

#endif
