/* private_net.h - a network of our own, so that tests may use any port and disturb nobody
 *
 * PURPOSE A fresh network namespace with nothing but a loopback interface; it is gone when the
 *         process and its children are.
 * THREADS To be called before the first thread is started.
 */
#ifndef TESTS_SERVERS_PRIVATE_NET_H
#define TESTS_SERVERS_PRIVATE_NET_H

enum { PRIVATE_NET_REFUSED = 1, TEST_SKIPPED = 77 };

/* 0; PRIVATE_NET_REFUSED: this system does not let us; -errno. A user who is not root gets a user
 * namespace along with it, in which that user is still itself, and may use ports below 1024. */
int private_net_enter(void);

#endif
