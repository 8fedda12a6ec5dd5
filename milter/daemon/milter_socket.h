/* milter_socket.h - what is special about the socket that libmilter listens on
 *
 * PURPOSE listener.h with a word for operators of Postfix.
 */
#ifndef MILTER_DAEMON_MILTER_SOCKET_H
#define MILTER_DAEMON_MILTER_SOCKET_H

#include "milter/daemon/listener.h"

/* For -t: as listener_examine(). */
bool milter_socket_examine(const struct listener *l, const struct listener_access *who,
			   struct buf *report);

#endif
