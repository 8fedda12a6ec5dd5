#include "config.h"

#include "common/sts/tlsa.h"

#include "common/base/siphash.h"

#include <stdlib.h>
#include <string.h>

enum { SELECTORS = 2, SHA2_256 = 1, SHA2_512 = 2 };

bool tlsa_read(struct span rdata, struct tlsa *ret)
{
	if (rdata.n < 4)
		return false;
	*ret = (struct tlsa){ .usage = (uint8_t)rdata.p[0],
			      .selector = (uint8_t)rdata.p[1],
			      .mtype = (uint8_t)rdata.p[2],
			      .data = span_make(rdata.p + 3, rdata.n - 3) };
	return true;
}

bool tlsa_is_usable(const struct tlsa *t)
{
	if ((t->usage != TLSA_DANE_TA && t->usage != TLSA_DANE_EE) || t->selector >= SELECTORS)
		return false;
	switch (t->mtype) {
	case 0: /* Full */
		return t->data.n > 0;
	case SHA2_256:
		return t->data.n == 32;
	case SHA2_512:
		return t->data.n == 64;
	default:
		return false;
	}
}

bool tlsa_set_has(const struct tlsa_set *set, uint8_t usage)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].usage == usage)
			return true;
	return false;
}

/* Not a secret: who could choose the records of a host could as well choose its certificate. */
static uint64_t hash(const void *p, size_t n)
{
	const struct siphash_key key = { 0x746c7361, 0x64616e65 };

	return siphash13(&key, p, n);
}

static uint64_t hash_text(const char *text)
{
	return text != NULL ? hash(text, strlen(text) + 1) : 0;
}

static uint64_t hash_record(const struct tlsa *t)
{
	const uint64_t parts[] = { t->usage, t->selector, t->mtype, hash(t->data.p, t->data.n) };

	return hash(parts, sizeof(parts));
}

static int by_value(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

uint64_t tlsa_set_hash(const struct tlsa_set *set)
{
	uint64_t parts[TLSA_MAX + 3];
	size_t n = 0;

	for (size_t i = 0; i < set->n && i < TLSA_MAX; i++)
		parts[n++] = hash_record(&set->v[i]);
	qsort(parts, n, sizeof(parts[0]), by_value);
	parts[n++] = hash_text(set->base);
	if (tlsa_set_has(set, TLSA_DANE_TA)) {
		parts[n++] = hash_text(set->also[0]);
		parts[n++] = hash_text(set->also[1]);
	}
	n = hash(parts, n * sizeof(parts[0]));
	return n != 0 ? n : 1;
}
