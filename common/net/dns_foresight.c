#include "config.h"

#include "common/net/dns_foresight.h"

#include "common/net/resolver.h"
#include "common/sts/rdata.h"

enum { CLASS_IN = 1 };

static void ask(struct dns_foresight *f, const char *name, enum dns_type type, ub_callback_type cb)
{
	int id;

	if (atomic_fetch_add(&f->under_way, 1) >= FORESIGHTS ||
	    ub_resolve_async(f->ctx, name, (int)type, CLASS_IN, f, cb, &id) != UB_NOERROR)
		atomic_fetch_sub(&f->under_way, 1);
}

static void on_address(void *arg, int error, struct ub_result *result)
{
	struct dns_foresight *f = arg;

	(void)error;
	ub_resolve_free(result);
	atomic_fetch_sub(&f->under_way, 1);
}

/* libunbound holds no lock while it calls back. */
static void on_mx(void *arg, int error, struct ub_result *result)
{
	struct dns_foresight *f = arg;
	bool found = error == UB_NOERROR && result != NULL && result->havedata && !result->bogus;

	for (size_t i = 0; found && i < FORESIGHT_HOSTS && result->data[i] != NULL; i++) {
		char host[DOMAIN_SIZE];
		uint16_t preference;

		if (!rdata_mx(span_make(result->data[i], (size_t)result->len[i]), &preference,
			      host) ||
		    host[0] == '\0')
			continue;
		ask(f, host, DNS_A, on_address);
		ask(f, host, DNS_AAAA, on_address);
	}
	ub_resolve_free(result);
	atomic_fetch_sub(&f->under_way, 1);
}

void dns_foresee(struct dns_foresight *f, const char *domain)
{
	ask(f, domain, DNS_MX, on_mx);
}
