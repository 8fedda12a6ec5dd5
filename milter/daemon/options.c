#include "config.h"

#include "milter/daemon/options.h"

#include "milter/shared/settings_file.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

static void usage(FILE *out)
{
	fputs("usage: mta-sts-milter [-t] [-c FILE]\n"
	      "\n"
	      "  -c FILE    configuration (default " SETTINGS_FILE ")\n"
	      "  -t         check configuration and environment, start nothing\n"
	      "  --help     this text\n"
	      "  --version  name and version\n"
	      "\n"
	      "The daemon stays in the foreground. See mta-sts-milter(8) and mta-sts.conf(5).\n",
	      out);
}

int options_parse(int argc, char **argv, struct options *ret)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret = (struct options){ .config = SETTINGS_FILE };
	while ((c = getopt_long(argc, argv, "c:t", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			ret->config = optarg;
			break;
		case 't':
			ret->test = true;
			break;
		case 'h':
			usage(stdout);
			return EX_OK;
		case 'V':
			puts(PACKAGE_STRING);
			return EX_OK;
		default:
			usage(stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mta-sts-milter: unexpected argument %s\n", argv[optind]);
		usage(stderr);
		return EX_USAGE;
	}
	return -1;
}
