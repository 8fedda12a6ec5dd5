/* dns_upstream.h - whom the resolver asks and what it trusts, checked
 *
 * PURPOSE   The settings dns, dns_stub and dns_trust_anchor, resolv.conf and the trust anchor file
 *           become lists that libunbound takes. Loading again later sees what has changed on disk
 *           since: `basis` differs then.
 * OWNERSHIP dns_upstream_release() frees what dns_upstream_load() filled in.
 * ERRORS    0; -ENOMEM; DNS_UPSTREAM_INVALID with one sentence that begins with the setting's name.
 *          
 */
#ifndef COMMON_NET_DNS_UPSTREAM_H
#define COMMON_NET_DNS_UPSTREAM_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"

enum { DNS_UPSTREAM_INVALID = 1 };

struct dns_settings {
	char *const *servers; /* setting dns: "resolvconf", "recurse", or ADDRESS, ADDRESS@PORT */
	size_t n_servers;
	char *const *stubs; /* setting dns_stub: ZONE@ADDRESS, ZONE@ADDRESS@PORT */
	size_t n_stubs;
	const char
		*trust_anchor;	/* setting dns_trust_anchor: a file; "" for no validation at all */
	const char *resolvconf; /* NULL: /etc/resolv.conf */
};

struct dns_stub {
	const char *zone;
	const char *address; /* ADDRESS or ADDRESS@PORT */
};

struct dns_upstream {
	const char **forwards; /* none: recurse from the root */
	size_t n_forwards;
	struct dns_stub *stubs;
	size_t n_stubs;
	const char *anchor_file;	    /* NULL: none */
	char anchor_name[LIMIT_DOMAIN + 1]; /* owner of the first anchor, as text: "." */
	struct buf basis; /* everything that was read; equal when nothing has changed */
	struct arena arena;
};

int dns_upstream_load(const struct dns_settings *s, struct dns_upstream *ret, struct buf *error);
void dns_upstream_release(struct dns_upstream *u);

#endif
