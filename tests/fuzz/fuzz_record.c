#include "tests/fuzz/fuzz.h"

#include "common/sts/record.h"

/* Every line of the input is one TXT record. */
static size_t split(const uint8_t *data, size_t size, struct span *records, size_t max)
{
	size_t n = 0, start = 0;

	for (size_t i = 0; i <= size && n < max; i++) {
		if (i < size && data[i] != '\n')
			continue;
		records[n++] = span_make(data + start, i - start);
		start = i + 1;
	}
	return n;
}

static void check_remark(const struct record_remark *r, const struct span *records, size_t n)
{
	MUST(r->message != NULL && r->message[0] != '\0');
	MUST(r->record <= n);
	MUST(r->record > 0 || r->column == 0);
	if (r->record > 0)
		MUST(r->column <= records[r->record - 1].n + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span records[LIMIT_TXT_RECORDS + 8];
	size_t n = split(data, size, records, sizeof(records) / sizeof(records[0])), strict = 0;
	struct sts_record got;

	record_select(records, n, &got);
	MUST(got.n_warnings <= RECORD_WARNINGS);
	for (size_t i = 0; i < got.n_warnings; i++)
		check_remark(&got.warnings[i], records, n);
	MUST((got.verdict == RECORD_OK) == (got.id[0] != '\0'));
	MUST(strlen(got.id) <= LIMIT_STS_ID);
	MUST(strspn(got.id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
	     strlen(got.id));
	if (got.verdict != RECORD_OK)
		check_remark(&got.error, records, n);
	for (size_t i = 0; i < n; i++)
		strict += span_starts(records[i], "v=STSv1;");
	MUST(n > LIMIT_TXT_RECORDS || (strict > 1) == (got.verdict == RECORD_MULTIPLE));
	MUST(strict > 0 || n <= 1 || got.verdict != RECORD_OK);
	return 0;
}
