/* transfer.h - policies out of the store and into it
 *
 * PURPOSE `mta-sts cache export` and `import`: a backup, or a second host that need not begin without protection (RFC 8461 s10: first contact).
 * THREADS Any. Each call reads or writes a few rows of the store.
 */
#ifndef COMMON_ENGINE_TRANSFER_H
#define COMMON_ENGINE_TRANSFER_H

#include "common/engine/engine.h"
#include "common/sts/exported.h"

enum transfer_result {
	TRANSFER_IMPORTED,
	TRANSFER_NOT_NEWER, /* what we have was fetched at the same time or later */
	TRANSFER_EXPIRED,
	TRANSFER_INVALID,
	TRANSFER_BUSY, /* the domain is being checked: what that finds is newer. Ask again */
	TRANSFER_LOST, /* the store does not work */
	TRANSFER_RESULTS
};

/* Memory forgets what it knew without the policy. ret_why: of INVALID. */
enum transfer_result transfer_import(struct engine *e, const struct engine_env *env,
				     const struct exported *policy, const char **ret_why);

const char *transfer_result_name(enum transfer_result r);

/* The unexpired ones of the next `limit` policies behind `after` ("" to begin). ret_last: the name of the last of those, expired or not;
 * "": there are no more. 0 or -EIO. */
int transfer_export(const struct engine_env *env, const char *after, unsigned limit,
		    store_each_policy *each, void *arg, char ret_last[DOMAIN_SIZE]);

#endif
