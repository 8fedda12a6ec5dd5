/* record.h - the _mta-sts TXT RRset becomes one id, none, or invalid
 *
 * OWNERSHIP Diagnostics point to static text.
 * LIMITS    LIMIT_TXT_RECORDS records of LIMIT_TXT octets; a longer one is invalid, never truncated.
 *           Warnings past RECORD_WARNINGS are left out.
 * RFC       8461 s3.1 (ABNF, several records, strings joined), s3.2 (first duplicate wins, unknown fields ignored)
 */
#ifndef COMMON_STS_RECORD_H
#define COMMON_STS_RECORD_H

#include "common/base/limits.h"
#include "common/base/span.h"

enum record_verdict {
	RECORD_OK,
	RECORD_NONE,	 /* no TXT record begins with v=STSv1; */
	RECORD_MULTIPLE, /* more than one does: no policy (s3.1) */
	RECORD_INVALID,	 /* the only one breaks the grammar: no policy (s3.1) */
};

enum { RECORD_WARNINGS = 8 };

struct record_remark {
	size_t record; /* 1-based, in the order given; 0: all of them */
	size_t column; /* 1-based octet of the joined record; 0: the record as a whole */
	const char *message;
};

struct sts_record {
	enum record_verdict verdict;
	char id[LIMIT_STS_ID + 1];
	struct record_remark error; /* why INVALID, MULTIPLE or NONE */
	size_t n_warnings;
	struct record_remark warnings[RECORD_WARNINGS];
};

/* records: the TXT records of one name, each with its strings already joined. Total: always fills *ret. */
void record_select(const struct span *records, size_t n, struct sts_record *ret);

#endif
