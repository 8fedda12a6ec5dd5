/* gated.h - fetches and probes as the gate admits them
 *
 * PURPOSE Between the engine and its ports: no more than host_connections to one address at once, and none to an address that rests. A pass is
 *         never held while waiting for another one.
 * THREADS As the ports; waits for GATE_PATIENCE at most.
 */
#ifndef COMMON_ENGINE_GATED_H
#define COMMON_ENGINE_GATED_H

#include "common/engine/task.h"

/* Fetches from those of f's addresses that do not rest. All rest: REASON_FETCH_CONNECT. No place became free: REASON_HOST_BUSY, which says nothing about
 * the host and must never become "no policy". */
void gated_get(struct task *t, struct fetch *f);

/* Probes all, no more than host_connections addresses of one MX host at once. An address that rests gets a fact as if it had not accepted the connection;
 * where no place became free the reason is REASON_HOST_BUSY. Neither was probed: their facts have an expires_at, all others are as the prober left them. */
void gated_probe(struct task *t, struct probe *probes, size_t n);

#endif
