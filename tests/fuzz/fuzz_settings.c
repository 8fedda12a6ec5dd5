/* The configuration file: what is accepted can be printed and read back, what is refused is refused in one clean sentence. */
#include "config.h"

#include "common/base/span.h"
#include "common/sts/settings.h"
#include "common/sts/settings_print.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_round_trip(const struct settings *s)
{
	struct settings *back = NULL;
	struct buf first, second, error;

	buf_init(&first, SETTINGS_TEXT_MAX);
	buf_init(&second, SETTINGS_TEXT_MAX);
	buf_init(&error, 2000);
	check(settings_print(s, SETTINGS_CHANGED, &first) == 0);
	check(settings_parse(buf_span(&first), "again", &back, &error) == 0);
	check(settings_print(back, SETTINGS_CHANGED, &second) == 0);
	check(strcmp(buf_text(&first), buf_text(&second)) == 0);
	buf_release(&first);
	buf_release(&second);
	buf_release(&error);
	settings_free(back);
}

static void check_sentence(struct span sentence)
{
	check(span_starts(sentence, "fuzz:") && sentence.n < 1500);
	for (size_t i = 0; i < sentence.n; i++)
		check(sentence.p[i] >= 0x20 && sentence.p[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings *s = NULL;
	struct buf error;
	int r;

	buf_init(&error, 2000);
	r = settings_parse(span_make(data, size), "fuzz", &s, &error);
	check((r == 0) == (s != NULL));
	if (r == 0)
		check_round_trip(s);
	else
		check_sentence(buf_span(&error));
	buf_release(&error);
	settings_free(s);
	return 0;
}
