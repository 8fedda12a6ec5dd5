#include "config.h"

#include "milter/command/match.h"

#include "common/base/cleanup.h"
#include "common/sts/domain.h"
#include "common/sts/mx_match.h"
#include "milter/command/output.h"

int match_host(const struct invocation *inv)
{
	AUTO(output_release) struct output out;
	const char *host = inv->operands[0];
	const char *const *patterns = (const char *const *)inv->operands + 1;
	size_t n = inv->n_operands - 1;
	char name[DOMAIN_SIZE];
	struct row row;
	int found;

	output_init(&out);
	/* U-labels become A-labels, as they do before the MX look-up; policies are written in
	 * A-labels. */
	if (domain_normalize(span_of(host), name) != DOMAIN_OK)
		complain("%s is no host name, so nothing matches it", host);
	for (size_t i = 0; i < n; i++)
		if (!mx_pattern_valid(patterns[i]))
			complain("the pattern %s is malformed and matches nothing", patterns[i]);
	found = mx_match_any(name, patterns, n);
	row = output_row(&out);
	row_truth(row, "match", found >= 0);
	row_text(row, "pattern", found >= 0 ? patterns[found] : NULL);
	return output_answer(&out, inv->options & OPTION_BIT(OPTION_JSON),
			     found >= 0 ? EX_YES : EX_NO);
}
