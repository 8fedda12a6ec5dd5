/* output.h - what a verb has to say, once, for people and for programs
 *
 * PURPOSE   A verb fills rows; `--json` prints them as one line of JSON, otherwise as text with the
 *           same names in the same order. No verb prints its results in any other way.
 * OWNERSHIP struct output owns all; rows and lists are handles into it, valid until
 *           output_release(). Texts are copied.
 * LIMITS    Bytes that are not printable ASCII reach neither form as they are: \xHH in text, \uHHHH
 *           in JSON (\xHH where they are not UTF-8).
 * ERRORS    Memory that runs out is remembered and makes output_print() fail; until then nothing
 *           needs to be checked.
 */
#ifndef MILTER_COMMAND_OUTPUT_H
#define MILTER_COMMAND_OUTPUT_H

#include "common/base/span.h"

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct output {
	json_t *root;
	bool failed;
};

struct row {
	struct output *out;
	json_t *fields;
};

struct row_list {
	struct output *out;
	json_t *items;
};

void output_init(struct output *out);
void output_release(struct output *out);
struct row output_row(struct output *out); /* the outermost */

void row_text(struct row row, const char *name, const char *text); /* NULL: nothing */
void row_span(struct row row, const char *name, struct span text);
void row_number(struct row row, const char *name, int64_t number);
void row_truth(struct row row, const char *name, bool truth);
void row_nothing(struct row row, const char *name);
/* Everything that the object holds, as it is. The object stays the caller's. */
void row_object(struct row row, json_t *object);
struct row row_row(struct row row, const char *name);
struct row_list row_list(struct row row, const char *name);
void list_text(struct row_list list, const char *text);
struct row list_row(struct row_list list);

/* One object as one line of printable ASCII. 0, -ENOMEM, or what writing failed with. */
int output_json(const json_t *row, FILE *to);

/* 0, -ENOMEM, or what writing failed with. */
int output_print(const struct output *out, bool json, FILE *to);

/* The same to standard output, as the last thing that a verb does: returns status, or EX_TEMPFAIL
 * with a complaint. */
int output_answer(const struct output *out, bool json, int status);

/* Strangers' bytes to a terminal: what is not printable ASCII becomes \xHH. */
void output_printable(struct span text, FILE *to);

/* One line "mta-sts: ..." to stderr, printable. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

#endif
