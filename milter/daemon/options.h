/* options.h - the daemon's command line */
#ifndef MILTER_DAEMON_OPTIONS_H
#define MILTER_DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *config; /* -c */
	bool test;	    /* -t */
};

/* -1: go on. Otherwise the exit status: --help and --version have been answered, or the usage was wrong. */
int options_parse(int argc, char **argv, struct options *ret);

#endif
