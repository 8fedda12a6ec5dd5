/* milter_dial.h - connects to a milter by the address that the MTA's configuration would hold
 *
 * ERRORS The socket, or -errno: -EINVAL when the address is not understood, otherwise what
 *        connect() said.
 */
#ifndef TESTS_MILTER_MILTER_DIAL_H
#define TESTS_MILTER_MILTER_DIAL_H

/* "unix:/path", "local:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS"; numeric addresses only.
 */
int milter_dial(const char *address);

#endif
