/* tls_field.h - the fields that lines of mail logs are made of
 *
 * PURPOSE Each function takes one field off the beginning of a text, or leaves the text untouched and returns false. Pure; hostile bytes welcome.
 */
#ifndef MILTER_COMMAND_TLS_FIELD_H
#define MILTER_COMMAND_TLS_FIELD_H

#include "milter/command/tls_line.h"

bool take_word(struct span *text, const char *word); /* exactly this */

/* One of several words; returns its index, or -1. They end with NULL. */
int take_one(struct span *text, const char *const *words);

/* Everything up to `end`, and that; at least one octet, all of them letters, digits or among `others`. */
bool take_value(struct span *text, const char *others, const char *end, struct span *ret);

/* A message's id: letters, digits and `others`, `least` of them at least; and `end`. */
bool take_id(struct span *text, const char *others, size_t least, const char *end,
	     char ret[TLS_LINE_ID]);

/* An envelope address: a local part of which no quote, bracket, comma or blank stands outside of "...", "@" and a domain. Its domain comes back in
 * normal form, "" for literals. */
bool take_address(struct span *text, char ret_domain[DOMAIN_SIZE]);

/* "mx.example.com[192.0.2.1]", gap "["; "mx.example.com [192.0.2.1]", gap " [". */
bool take_host(struct span *text, const char *gap, struct tls_line *ret);

/* A host name up to `end`; a dot at its end is not part of it. */
bool take_name(struct span *text, const char *end, char ret[DOMAIN_SIZE]);

/* All of strangers' bytes: printable, cut. */
void set_detail(struct tls_line *line, struct span text);

#endif
