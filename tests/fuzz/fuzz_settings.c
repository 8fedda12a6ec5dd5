#include "tests/fuzz/fuzz.h"

#include "common/sts/settings.h"
#include "common/sts/settings_print.h"

/* What is accepted can be printed and read back. */
static void check_round_trip(const struct settings *s)
{
	struct settings *back = NULL;
	struct buf first, second, error;

	buf_init(&first, SETTINGS_TEXT_MAX);
	buf_init(&second, SETTINGS_TEXT_MAX);
	buf_init(&error, 2000);
	MUST(settings_print(s, SETTINGS_CHANGED, &first) == 0);
	MUST(settings_parse(buf_span(&first), "again", &back, &error) == 0);
	MUST(settings_print(back, SETTINGS_CHANGED, &second) == 0);
	MUST(strcmp(buf_text(&first), buf_text(&second)) == 0);
	buf_release(&first);
	buf_release(&second);
	buf_release(&error);
	settings_free(back);
}

/* What is refused is refused in one clean sentence. */
static void check_sentence(struct span sentence)
{
	MUST(span_starts(sentence, "fuzz:") && sentence.n < 1500);
	for (size_t i = 0; i < sentence.n; i++)
		MUST(sentence.p[i] >= 0x20 && sentence.p[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings *s = NULL;
	struct buf error;
	int r;

	buf_init(&error, 2000);
	r = settings_parse(span_make(data, size), "fuzz", &s, &error);
	MUST((r == 0) == (s != NULL));
	if (r == 0)
		check_round_trip(s);
	else
		check_sentence(buf_span(&error));
	buf_release(&error);
	settings_free(s);
	return 0;
}
