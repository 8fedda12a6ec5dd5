/* dial.h - a TCP connection that nobody waits for
 *
 * ERRORS 0, or -errno of socket, bind or connect.
 */
#ifndef COMMON_NET_DIAL_H
#define COMMON_NET_DIAL_H

#include "common/base/netaddr.h"

#include <stdint.h>

/* Starts to connect; poll for POLLOUT, then ask dial_result(). source: NULL for the system's choice, else of the same family. */
int dial_start(const struct netaddr *addr, uint16_t port, const struct netaddr *source,
	       int *ret_fd);
int dial_result(int fd);

/* Whether this error is ours (no descriptors, no memory) and says nothing about the other side. */
bool dial_error_is_local(int r);

#endif
