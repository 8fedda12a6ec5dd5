/* setup_talk.h - a few octets of each protocol, to know whether the right one answers */
#ifndef MILTER_COMMAND_SETUP_TALK_H
#define MILTER_COMMAND_SETUP_TALK_H

#include "milter/command/setup_world.h"

/* fd is connected and has time-outs. True when the answer is such as ours; else *ret_why tells. */
bool setup_talk(int fd, enum setup_talk talk, const char *map, const char **ret_why);

#endif
