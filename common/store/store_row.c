#include "config.h"

#include "common/store/store_row.h"

#include <endian.h>
#include <string.h>

#include "common/base/siphash.h"

enum { HEAD = LIMIT_DOMAIN + LIMIT_STS_ID + 2 + 4 * sizeof(uint64_t) };

static const struct siphash_key policy_key = { 0x6d74612d73747320, 0x706f6c6963792031 };
static const struct siphash_key failure_key = { 0x6d74612d73747320, 0x6661696c75726531 };

struct head {
	unsigned char bytes[HEAD];
	size_t n;
};

static void add_text(struct head *h, struct span text)
{
	if (text.n > 0)
		memcpy(h->bytes + h->n, text.p, text.n);
	h->n += text.n;
	h->bytes[h->n++] = '\0';
}

static void add_number(struct head *h, int64_t value)
{
	uint64_t le = htole64((uint64_t)value);

	memcpy(h->bytes + h->n, &le, sizeof(le));
	h->n += sizeof(le);
}

int64_t row_policy_seal(struct span domain, const struct stored_policy *p)
{
	struct head h = { .n = 0 };
	struct siphash_key key = policy_key;

	add_text(&h, domain);
	add_text(&h, span_of(p->id));
	add_number(&h, p->mode);
	add_number(&h, p->fetched_at);
	add_number(&h, p->expires_at);
	key.k0 ^= siphash13(&policy_key, h.bytes, h.n);
	return (int64_t)siphash13(&key, p->body.p, p->body.n);
}

int64_t row_failure_seal(struct span domain, int class, int64_t first_at, int64_t last_at)
{
	struct head h = { .n = 0 };

	add_text(&h, domain);
	add_number(&h, class);
	add_number(&h, first_at);
	add_number(&h, last_at);
	return (int64_t)siphash13(&failure_key, h.bytes, h.n);
}

static bool domain_fits(struct span domain)
{
	return domain.n > 0 && domain.n <= LIMIT_DOMAIN && memchr(domain.p, '\0', domain.n) == NULL;
}

bool row_policy_fits(struct span domain, const struct stored_policy *p)
{
	return domain_fits(domain) && p->body.n <= LIMIT_POLICY_BODY &&
	       (unsigned)p->mode <= POLICY_MODE_ENFORCE &&
	       memchr(p->id, '\0', sizeof(p->id)) != NULL;
}

bool row_failure_fits(struct span domain, int class)
{
	return domain_fits(domain) && class >= 0 && class < ROW_CLASSES;
}
