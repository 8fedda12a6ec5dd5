/* setup_words.h - how MTAs write lists and the addresses of sockets
 *
 * PURPOSE Pure: Postfix's lists with braces, `unix:`, `inet:` and `socketmap:` addresses of Postfix, ours, libmilter's and Sendmail's.
 */
#ifndef MILTER_COMMAND_SETUP_WORDS_H
#define MILTER_COMMAND_SETUP_WORDS_H

#include "common/base/arena.h"

#include <stdbool.h>

/* The next item of a Postfix list: separated by blanks or commas, but not within braces. False at the end. */
bool setup_item(struct span *in, struct span *ret);

/* Takes the braces off `{ item, name = value, ... }`: the item itself, and the value of name (empty: not there). */
struct span setup_item_body(struct span item);
struct span setup_item_option(struct span item, const char *name);

struct setup_address {
	const char *path; /* unix: as written, possibly relative; NULL: inet */
	const char *host; /* inet */
	unsigned port;
};

/* "unix:PATH", "local:PATH", "inet:PORT@HOST" (ours, libmilter, Sendmail) or "inet:HOST:PORT" (Postfix). False: neither. */
bool setup_address_parse(struct span text, struct arena *arena, struct setup_address *ret);

/* An item of smtp_tls_policy_maps that is a socketmap: its address and the name that it asks for. */
bool setup_socketmap_parse(struct span item, struct arena *arena, struct setup_address *ret,
			   const char **ret_name, bool *ret_proxied);

/* Where a path leads that a process uses whose working directory, and in a chroot whose root, is `queue`. */
const char *setup_outside(struct arena *arena, const char *path, const char *queue, bool chroot);

/* The same path, but below queue where it lies there: what is right inside and outside of a chroot. */
const char *setup_below(const char *path, const char *queue);

bool setup_is_loopback(const char *host);

#endif
