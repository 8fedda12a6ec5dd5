#include "config.h"

#include "milter/command/table.h"

#include "milter/command/help.h"
#include "milter/command/lint.h"
#include "milter/command/match.h"

static const struct option_row options[] = {
	/* clang-format off */
	{ OPTION_HELP, "--help", NULL, "show this help, or that of the verb given" },
	{ OPTION_VERSION, "--version", NULL, "show the version" },
	{ OPTION_JSON, "--json", NULL, "answer with one line of JSON instead of text; the fields are the same" },
	/* clang-format on */
};

static const struct verb verbs[] = {
	/* clang-format off */
	{ "lint policy", "FILE|-", 1, 1, OPTION_BIT(OPTION_JSON), lint_policy,
	  "is this file (- for standard input) a valid MTA-STS policy",
	  "Reads a policy as a sending server would have fetched it from\n"
	  "https://mta-sts.DOMAIN/.well-known/mta-sts.txt and shows how it is understood,\n"
	  "what is wrong with it and what is doubtful (RFC 8461 section 3.2).\n"
	  "Columns count octets from 1; line 0 is the policy as a whole.\n" },
	{ "lint record", "[--] TXT...", 1, OPERANDS_MANY, OPTION_BIT(OPTION_JSON), lint_record,
	  "do these TXT records of _mta-sts.DOMAIN announce a policy",
	  "Each argument is one TXT record; give all that the name _mta-sts.DOMAIN has.\n"
	  "A record is written as it is, or as dig shows it: one or more strings in double\n"
	  "quotes, which are joined (RFC 8461 section 3.1). The line of an error or warning\n"
	  "is the number of the record, 0 means all of them.\n" },
	{ "match", "[--] HOST PATTERN...", 2, OPERANDS_MANY, OPTION_BIT(OPTION_JSON), match_host,
	  "does an MX host name match one of the mx patterns of a policy",
	  "Shows the first pattern that matches (RFC 8461 section 4.1): *.example.com\n"
	  "matches mail.example.com, but neither example.com nor a.b.example.com.\n"
	  "A malformed pattern matches nothing.\n" },
	{ "help", "[VERB]", 0, OPERANDS_MANY, 0, help_run,
	  "explain a verb, or list all of them", "" },
	/* clang-format on */
};

const struct table command_table = {
	verbs,
	sizeof(verbs) / sizeof(verbs[0]),
	options,
	sizeof(options) / sizeof(options[0]),
};
