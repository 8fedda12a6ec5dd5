#include "tests/fuzz/fuzz.h"

#include "common/sts/tlsa.h"

enum { DIGEST_LEAST = 32 };

static struct span take(struct span *in)
{
	size_t n =
		in->n >= 2 ? (size_t)((unsigned char)in->p[0] << 8 | (unsigned char)in->p[1]) : 0;
	struct span taken;

	in->p += in->n >= 2 ? 2 : in->n;
	in->n -= in->n >= 2 ? 2 : in->n;
	taken = span_make(in->p, n < in->n ? n : in->n);
	in->p += taken.n;
	in->n -= taken.n;
	return taken;
}

static size_t read_all(struct span in, struct tlsa v[TLSA_MAX])
{
	size_t n = 0;

	while (in.n > 0 && n < TLSA_MAX) {
		struct span rdata = take(&in);
		struct tlsa t = { .usage = 47 };

		if (!tlsa_read(rdata, &t)) {
			MUST(rdata.n < 4 && t.usage == 47);
			continue;
		}
		MUST(t.data.p == rdata.p + 3 && t.data.n == rdata.n - 3 && t.data.n > 0);
		if (!tlsa_is_usable(&t))
			continue;
		MUST(t.usage == TLSA_DANE_TA || t.usage == TLSA_DANE_EE);
		MUST(t.selector <= 1 && t.mtype <= 2);
		MUST(t.mtype == 0 || t.data.n >= DIGEST_LEAST);
		v[n++] = t;
	}
	return n;
}

/* Takes records, each with two octets of length before it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlsa v[TLSA_MAX], turned[TLSA_MAX];
	struct tlsa_set set = { .base = "mx.example", .v = v, .also = { "d.example" } };
	struct tlsa_set other = { .base = "mx.example", .v = turned, .also = { "d.example" } };

	set.n = other.n = read_all(span_make(data, size), v);
	for (size_t i = 0; i < set.n; i++)
		turned[i] = v[set.n - 1 - i];
	MUST(tlsa_set_hash(&set) == tlsa_set_hash(&other));
	other.also[0] = "e.example";
	MUST((tlsa_set_hash(&set) != tlsa_set_hash(&other)) == tlsa_set_has(&set, TLSA_DANE_TA));
	other.base = "other.example";
	MUST(tlsa_set_hash(&set) != tlsa_set_hash(&other));
	return 0;
}
