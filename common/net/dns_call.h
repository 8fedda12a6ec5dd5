/* dns_call.h - a batch of questions in flight
 *
 * PURPOSE   The asking thread waits; the pump thread delivers. Whoever lets go last frees: a late
 *           answer finds its call still there.
 * OWNERSHIP Reference counted: one for the caller, one for each question that libunbound has
 *           accepted and not yet answered.
 * LOCKING   One mutex, a leaf.
 */
#ifndef COMMON_NET_DNS_CALL_H
#define COMMON_NET_DNS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unbound.h>

struct dns_call;

struct dns_slot {
	struct dns_call *call;
	int id;	     /* libunbound's, for ub_cancel() */
	bool flying; /* accepted by libunbound; the asking thread's own note */
	bool done;
	int error;		  /* enum ub_ctx_err */
	struct ub_result *result; /* NULL with an error */
};

struct dns_call *dns_call_new(size_t n); /* NULL: no memory */
void dns_call_unref(struct dns_call *c);
struct dns_slot *dns_call_slot(struct dns_call *c, size_t i);

/* Before a question is handed to libunbound; takes the reference that dns_call_deliver() or
 * dns_call_forget() gives back. */
void dns_call_expect(struct dns_slot *s);
void dns_call_deliver(void *slot, int error, struct ub_result *result); /* ub_callback_type */
void dns_call_forget(struct dns_slot *s); /* libunbound will not call back for it */

/* Until everything expected was delivered, at most wait_ms. */
void dns_call_wait(struct dns_call *c, int64_t wait_ms);

/* True when the slot's answer is there; from then on it does not change. */
bool dns_call_done(struct dns_slot *s);

#endif
