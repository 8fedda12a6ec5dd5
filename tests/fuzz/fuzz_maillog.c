/* Lines of mail logs: whatever they hold, what comes out are names in normal form. */
#include "tests/fuzz/fuzz.h"

#include "milter/command/maillog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_make(data, size), line;

	while (span_line(&file, &line)) {
		char names[MAILLOG_DOMAINS][DOMAIN_SIZE];
		size_t n = 0;
		enum maillog_kind kind = maillog_line(line, names, &n);

		MUST(n <= MAILLOG_DOMAINS);
		MUST((kind == MAILLOG_DOMAINS_NAMED) == (n > 0));
		for (size_t i = 0; i < n; i++)
			MUST(domain_is_normal(names[i]));
	}
	return 0;
}
