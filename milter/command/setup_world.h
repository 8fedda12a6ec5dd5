/* setup_world.h - the port through which a set-up is looked at
 *
 * PURPOSE The checks decide on configuration and on what this tells them; tests put a told world behind it. The real one (setup_reach.c) does what the
 *         MTA does, in a child that has become the MTA's user in the MTA's chroot: right answers without a model of Unix permissions.
 */
#ifndef MILTER_COMMAND_SETUP_WORLD_H
#define MILTER_COMMAND_SETUP_WORLD_H

#include "milter/command/setup_words.h"

#include <sys/types.h>

/* Who looks. */
struct setup_guise {
	const char *user;  /* NULL: whoever we are */
	const char *group; /* NULL: the user's own */
	bool one_group;	   /* and no other */
	const char *root;  /* of its chroot; NULL: none */
	const char *cwd;   /* relative paths begin here; in a chroot at its root */
};

enum setup_talk {
	TALK_MILTER,	/* negotiate */
	TALK_SOCKETMAP, /* a query for a name that is answered at once */
	TALK_DATAGRAM,	/* connect alone */
	TALK_EXIM,	/* one line */
};

enum setup_reach {
	REACH_OK,
	REACH_UNKNOWN,	 /* could not look: not root */
	REACH_ABSENT,	 /* no such socket, or nobody listens */
	REACH_FORBIDDEN, /* permissions, or a directory on the way */
	REACH_ODD,	 /* somebody else answers, or nobody does in time */
};

struct setup_reached {
	enum setup_reach word;
	char why[300];	/* a sentence; "" for REACH_OK */
	char cure[300]; /* of FORBIDDEN: a command */
};

enum setup_validation { VALIDATION_OK, VALIDATION_NO_AD, VALIDATION_NO_ANSWER, VALIDATION_UNKNOWN };

struct setup_resolver {
	enum setup_validation word;
	char servers[200];
	bool far; /* one of them is not on this host */
};

enum setup_answer { TABLE_SILENT, TABLE_ANSWERS, TABLE_BROKEN };

struct setup_world {
	void *ctx;
	bool root; /* can the guise be put on? */
	void (*reach)(void *ctx, const struct setup_guise *guise, const struct setup_address *to,
		      enum setup_talk talk, const char *map, struct setup_reached *ret);
	void (*resolver)(void *ctx, const struct setup_guise *guise, struct setup_resolver *ret);
	/* 0, or errno: can we read this file, is there anything in it; is this a directory with something in it? */
	int (*file)(void *ctx, const char *path);
	int (*directory)(void *ctx, const char *path);
	/* 0, or errno: its permissions. */
	int (*mode)(void *ctx, const char *path, mode_t *ret);
	/* What Postfix's table says of a domain that nobody can have listed; why: a few words, of BROKEN. */
	enum setup_answer (*table)(void *ctx, const char *config, const char *table, char why[200]);
};

/* This host. */
struct setup_world setup_world_here(void);

#endif
