#include "config.h"

#include "common/base/cleanup.h"
#include "milter/command/arguments.h"
#include "milter/command/help.h"
#include "milter/command/output.h"

static int wrong_use(const struct buf *error)
{
	complain("%s; mta-sts help lists what there is", buf_text(error));
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	AUTO(buf_release) struct buf error;
	struct invocation inv;

	buf_init(&error, 1000);
	if (arguments_parse(&command_table, argc, argv, &inv, &error) != 0)
		return wrong_use(&error);
	if (inv.options & OPTION_BIT(OPTION_VERSION)) {
		puts("mta-sts " PACKAGE_VERSION);
		return EX_YES;
	}
	if (!(inv.options & OPTION_BIT(OPTION_HELP)))
		return inv.verb->run(&inv);
	if (inv.verb == NULL)
		return help_run(&inv);
	help_verb(&command_table, inv.verb, stdout);
	return EX_YES;
}
