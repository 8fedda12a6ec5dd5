/* verdict_header.h - the MTA-STS-Verdict header field
 *
 * PURPOSE Says what one host found, in its own name: "mail.example.com; id=...; result=pass". No domains, no counts: a blind
 *         recipient must leave no trace but, at worst, the word. Pure.
 */
#ifndef MILTER_DAEMON_VERDICT_HEADER_H
#define MILTER_DAEMON_VERDICT_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* Does a field's value claim to come from authority? Comments, folding and case do not hide it. */
bool verdict_header_claims(const char *value, const char *authority);

const char *verdict_header_format(char *out, size_t size, const char *authority, const char *id,
				  const char *word);

#endif
