/* peer.h - one connection of a delivery agent
 *
 * PURPOSE   Reads requests, answers them in their order, one at a time; a question that has to wait leaves the loop to the others.
 * OWNERSHIP The service's room (service.c) owns peers; peer_close() takes one out and frees it.
 * THREADS   The policy service's event loop; only the ring comes from elsewhere.
 * LIMITS    One request and one answer are held; nothing more is read while an answer is not taken.
 */
#ifndef MILTER_DAEMON_PEER_H
#define MILTER_DAEMON_PEER_H

#include "milter/daemon/protocol.h"

#include <event2/event.h>
#include <event2/event_struct.h>

enum peer_state {
	PEER_IDLE,    /* between two requests */
	PEER_READING, /* a part of a request is there */
	PEER_WAITING, /* the engine is looking */
	PEER_WRITING, /* the client has not taken all of its answer */
	PEER_STATES
};

struct peer;

/* Peers in the order in which they came into a state: the first has been there longest. */
struct peer_list {
	struct peer *first, *last;
};

struct room {
	struct desk desk;
	struct event_base *base;
	struct peer_list lists[PEER_STATES];
	unsigned n_peers, most_peers;
	struct event deadline;	      /* of the question that has waited longest */
	void (*ring)(void *ring_arg); /* any thread: some question has its answer */
	void *ring_arg;
};

/* Takes fd in any case. */
int peer_new(struct room *room, int fd, const struct protocol *protocol);
void peer_close(struct peer *p);

/* Ends the question with what is known now, and goes on. late: its time is over. */
void peer_conclude(struct peer *p, bool late);

/* Who has been idle longest goes, then who has been slow longest; those that wait for us stay. False: nobody went. */
bool room_make_place(struct room *room);

/* The peer that has been in a state longest; NULL: none is. */
struct peer *peer_oldest(const struct room *room, enum peer_state state);
int64_t peer_since(const struct peer *p);

/* Concludes the questions that have rung. */
void peers_answer_rung(struct room *room);

#endif
