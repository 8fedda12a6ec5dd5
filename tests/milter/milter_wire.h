/* milter_wire.h - packets of the milter protocol
 *
 * PURPOSE A packet is a 32-bit length in network order, one command byte and the rest; strings
 *         inside end in a NUL. Version 6, as Sendmail 8.14 and Postfix 2.6 and later speak it.
 *         Letters and bits are those of libmilter/mfdef.h.
 * THREADS Pure; safe anywhere.
 */
#ifndef TESTS_MILTER_MILTER_WIRE_H
#define TESTS_MILTER_MILTER_WIRE_H

#include "common/base/buf.h"

#include <stdint.h>

enum { WIRE_PACKET_MAX = 1 << 20 }; /* what MTAs allow at most (SMFIP_MDS_1M) */

enum wire_status {
	WIRE_MORE, /* give it more bytes */
	WIRE_PACKET,
	WIRE_BROKEN, /* a length that no packet has */
};

/* 0, -EMSGSIZE, -ENOMEM; out is as it was unless 0. */
int wire_put(struct buf *out, char command, struct span payload);
int wire_put_u32(struct buf *out, uint32_t v);
int wire_put_text(struct buf *out, const char *text); /* with its NUL; NULL as "" */

/* Takes the first packet off *in; *in is untouched unless WIRE_PACKET. The payload points into *in.
 */
enum wire_status wire_take(struct span *in, char *ret_command, struct span *ret_payload);

/* Take a field off a payload; false, *payload untouched, when it is not all there. */
bool wire_take_u32(struct span *payload, uint32_t *ret);
bool wire_take_text(struct span *payload, const char **ret); /* points into *payload */

#endif
