/* logline.h - who wrote this line of a mail log, and what stands behind that
 *
 * PURPOSE Takes the head off a line: time, host, program and process as syslog daemons and Postfix's postlogd write them, or the time of an Exim main
 *         log. A line with any other head is nobody's. Pure; hostile bytes welcome.
 */
#ifndef MILTER_COMMAND_LOGLINE_H
#define MILTER_COMMAND_LOGLINE_H

#include "common/base/span.h"

enum logline_mta { LOGLINE_POSTFIX, LOGLINE_SENDMAIL, LOGLINE_EXIM };

struct logline {
	enum logline_mta mta;
	struct span process; /* digits; may be empty */
	struct span text;
};

/* False: not a line of an MTA's delivery side. Of Postfix only smtp(8), whatever its instance and transport are called. */
bool logline_read(struct span line, struct logline *ret);

/* The same for a line whose head comes apart from it, as in the journal. */
bool logline_of(struct span program, struct span process, struct span text, struct logline *ret);

#endif
