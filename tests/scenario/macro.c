#include "config.h"

#include "tests/scenario/macro.h"

#include <string.h>

bool macro_begin(struct macros *m, struct span name)
{
	struct macro *last = &m->of[m->n];

	if (m->n == MACROS || name.n == 0 || !span_copy(name, last->name, sizeof(last->name)))
		return false;
	m->n++;
	m->recording = true;
	return true;
}

bool macro_record(struct macros *m, struct span line)
{
	char *text = m->of[m->n - 1].text;
	size_t n = strlen(text);

	if (span_eq(span_trim(line), "end")) {
		m->recording = false;
		return true;
	}
	if (line.n + 2 > MACRO_TEXT - n)
		return false;
	memcpy(text + n, line.p, line.n);
	memcpy(text + n + line.n, "\n", 2);
	return true;
}

const char *macro_find(const struct macros *m, struct span name)
{
	for (size_t i = 0; i < m->n; i++)
		if (span_eq(name, m->of[i].name))
			return m->of[i].text;
	return NULL;
}

static struct span argument(struct span words, char which)
{
	struct span word = { 0 };

	if (which == '+') {
		for (int i = 0; i < 3; i++)
			span_word(&words, &word);
		return span_trim(words);
	}
	for (char i = '0'; i < which; i++)
		if (!span_word(&words, &word))
			return span_make("", 0);
	return word;
}

bool macro_fill(struct span line, struct span words, char out[MACRO_LINE])
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		struct span put = span_make(line.p + i, 1);

		if (line.p[i] == '$' && i + 1 < line.n && strchr("123456789+", line.p[i + 1]))
			put = argument(words, line.p[++i]);
		if (put.n >= MACRO_LINE - n)
			return false;
		if (put.n > 0)
			memcpy(out + n, put.p, put.n);
		n += put.n;
	}
	out[n] = '\0';
	return true;
}
