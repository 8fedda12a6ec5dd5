#include "config.h"

#include "common/store/store_row.h"

#include <endian.h>
#include <string.h>

#include "common/base/siphash.h"

enum {
	NUMBERS = 10,
	TEXTS = LIMIT_DOMAIN + LIMIT_STS_ID + STORE_EVENT_MX + LIMIT_DETAIL +
		2 * STORE_OVERRIDE_TEXT + 8,
	HEAD = TEXTS + NUMBERS * sizeof(uint64_t)
};

static const struct siphash_key policy_key = { 0x6d74612d73747320, 0x706f6c6963792031 };
static const struct siphash_key failure_key = { 0x6d74612d73747320, 0x6661696c75726531 };
static const struct siphash_key upkeep_key = { 0x6d74612d73747320, 0x75706b6565702031 };
static const struct siphash_key event_key = { 0x6d74612d73747320, 0x6576656e74202031 };
static const struct siphash_key override_key = { 0x6d74612d73747320, 0x6f76657272696431 };
static const struct siphash_key outcome_row_key = { 0x6d74612d73747320, 0x6f7574636f6d6531 };

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
	struct head h;
	struct siphash_key key = policy_key;

	h.n = 0;
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
	struct head h;

	h.n = 0;
	add_text(&h, domain);
	add_number(&h, class);
	add_number(&h, first_at);
	add_number(&h, last_at);
	return (int64_t)siphash13(&failure_key, h.bytes, h.n);
}

int64_t row_upkeep_seal(struct span domain, const struct stored_upkeep *u)
{
	struct head h;

	h.n = 0;
	add_text(&h, domain);
	add_number(&h, u->used_at);
	add_number(&h, u->due_at);
	add_number(&h, u->failed_at);
	add_number(&h, u->failures);
	add_number(&h, u->standing);
	return (int64_t)siphash13(&upkeep_key, h.bytes, h.n);
}

int64_t row_event_seal(const struct stored_event *e)
{
	struct head h;

	h.n = 0;
	add_number(&h, e->serial);
	add_text(&h, span_of(e->domain));
	add_number(&h, e->kind);
	add_number(&h, e->source);
	add_number(&h, e->at);
	add_text(&h, span_of(e->id));
	add_number(&h, e->mode);
	add_number(&h, e->max_age);
	add_number(&h, (int64_t)e->body_hash);
	add_text(&h, span_of(e->mx));
	add_text(&h, span_of(e->detail));
	return (int64_t)siphash13(&event_key, h.bytes, h.n);
}

int64_t row_override_seal(const struct stored_override *o)
{
	struct head h;
	struct siphash_key key = override_key;
	struct span mx = span_of(o->mx);

	h.n = 0;
	add_number(&h, o->serial);
	add_text(&h, span_of(o->domain));
	add_number(&h, o->mode);
	add_number(&h, o->added_at);
	add_number(&h, o->until);
	add_text(&h, span_of(o->reason));
	add_text(&h, span_of(o->owner));
	add_number(&h, o->uid);
	add_number(&h, o->end);
	add_number(&h, o->ended_at);
	add_number(&h, o->ended_uid);
	key.k0 ^= siphash13(&override_key, h.bytes, h.n);
	return (int64_t)siphash13(&key, mx.p, mx.n);
}

/* The key stands for everything else. */
int64_t row_outcome_seal(const struct tls_outcome *o)
{
	struct head h;

	h.n = 0;
	add_number(&h, (int64_t)outcome_key(o));
	add_number(&h, (int64_t)o->count);
	add_number(&h, (int64_t)o->sessions);
	return (int64_t)siphash13(&outcome_row_key, h.bytes, h.n);
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

bool row_serial_fits(int64_t serial)
{
	return serial > 0 && serial < (int64_t)1 << 53;
}

bool row_upkeep_fits(struct span domain)
{
	return domain_fits(domain);
}

bool row_event_fits(const struct stored_event *e)
{
	return e->domain != NULL && domain_fits(span_of(e->domain)) && row_serial_fits(e->serial) &&
	       (unsigned)e->kind < ROW_KINDS && (unsigned)e->source < ROW_SOURCES &&
	       (unsigned)e->mode <= POLICY_MODE_ENFORCE &&
	       memchr(e->id, '\0', sizeof(e->id)) != NULL && e->mx != NULL &&
	       strlen(e->mx) <= STORE_EVENT_MX && e->detail != NULL &&
	       strlen(e->detail) < LIMIT_DETAIL;
}

bool row_override_fits(const struct stored_override *o)
{
	return o->domain != NULL && domain_fits(span_of(o->domain)) && row_serial_fits(o->serial) &&
	       (unsigned)o->mode <= POLICY_MODE_ENFORCE && (unsigned)o->end <= OVERRIDE_REPLACED &&
	       (o->end == OVERRIDE_ACTIVE) == (o->ended_at == 0) && o->mx != NULL &&
	       strlen(o->mx) <= STORE_OVERRIDE_MX && o->reason != NULL &&
	       strlen(o->reason) <= STORE_OVERRIDE_TEXT && o->owner != NULL &&
	       strlen(o->owner) <= STORE_OVERRIDE_TEXT;
}

static bool text_fits(const char *text, size_t most)
{
	return text != NULL && strlen(text) <= most;
}

bool row_outcome_fits(const struct tls_outcome *o)
{
	return o->day >= 0 && o->day < ROW_DAYS && o->domain != NULL &&
	       domain_fits(span_of(o->domain)) && (unsigned)o->source < ROW_SOURCES &&
	       (unsigned)o->result < ROW_RESULTS && text_fits(o->policy, OUTCOME_POLICY) &&
	       text_fits(o->record, OUTCOME_RECORD) && text_fits(o->mx, OUTCOME_TEXT) &&
	       text_fits(o->helo, OUTCOME_TEXT) && text_fits(o->receiving_ip, OUTCOME_TEXT) &&
	       text_fits(o->sending_ip, OUTCOME_TEXT) && text_fits(o->info, OUTCOME_TEXT) &&
	       text_fits(o->reason, OUTCOME_TEXT) && row_serial_fits((int64_t)(o->count + 1)) &&
	       row_serial_fits((int64_t)(o->sessions + 1));
}

struct stored_upkeep row_upkeep_of(int64_t fetched_at)
{
	return (struct stored_upkeep){ .used_at = fetched_at, .due_at = fetched_at + 86400 };
}
