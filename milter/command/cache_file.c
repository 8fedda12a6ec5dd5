#include "config.h"

#include "milter/command/cache_file.h"

#include "common/base/cleanup.h"
#include "milter/command/ask.h"
#include "milter/command/line_reader.h"
#include "milter/command/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	AT_ONCE = 16,		    /* policies in one request */
	AT_ONCE_OCTETS = 200 << 10, /* in JSON; a request is bounded (LIMIT_CONTROL_LINE) */
	ERRORS_SHOWN = 100,
	BUSY_TRIES = 600,
	BUSY_MS = 200
};

json_t *cache_file_read_head(struct span line, const char **ret_why)
{
	json_t *head = json_loadb(line.n > 0 ? line.p : "", line.n, JSON_REJECT_DUPLICATES, NULL);
	json_t *wanted = json_loads(CACHE_FILE_HEAD, 0, NULL);

	if (!json_equal(head, wanted)) {
		json_decref(head);
		head = NULL;
		*ret_why =
			"The first line is not " CACHE_FILE_HEAD ": this is no export file, or one "
			"of another version.";
	}
	json_decref(wanted);
	return head;
}

json_t *cache_file_read_line(struct span line, const char **ret_why)
{
	json_t *row = json_loadb(line.n > 0 ? line.p : "", line.n, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(row))
		*ret_why = "A policy is one JSON object on one line.";
	else if (json_dumpb(row, NULL, 0, JSON_COMPACT) > AT_ONCE_OCTETS)
		*ret_why = "The line is too long for any policy.";
	else
		return row;
	json_decref(row);
	return NULL;
}

static int write_line(json_t *row)
{
	return output_json(row, stdout) == 0 ? EX_OK : EX_IOERR;
}

static int export_page(struct client *c, json_t **after)
{
	json_t *page = NULL, *row;
	size_t i;
	int status;

	status = client_ask(c, json_pack("{s:s, s:O}", "verb", "export", "after", *after), &page);
	if (status != EX_OK)
		return status;
	json_array_foreach(json_object_get(page, "policies"), i, row)
	{
		status = write_line(row);
		if (status != EX_OK)
			break;
	}
	json_decref(*after);
	*after = json_incref(json_object_get(page, "more"));
	json_decref(page);
	return status;
}

int cache_file_export(const struct invocation *inv)
{
	AUTO(client_closep) struct client *c = NULL;
	json_t *after = json_string(""), *head = json_loads(CACHE_FILE_HEAD, 0, NULL);
	int status = ask_open(inv, &c);

	if (status == EX_OK)
		status = write_line(head);
	while (status == EX_OK && after != NULL)
		status = export_page(c, &after);
	json_decref(after);
	json_decref(head);
	if (status == EX_IOERR || fflush(stdout) != 0) {
		complain("the policies could not be written: %s", strerror(errno));
		status = EX_TEMPFAIL;
	}
	return status;
}

struct import {
	struct client *client;
	struct line_reader reader;
	struct output out;
	struct row_list errors;
	json_t *rows; /* of the next request */
	size_t lines[AT_ONCE];
	size_t octets;
	size_t imported, not_newer, expired, invalid;
};

static void note_error(struct import *im, size_t line, const char *why)
{
	struct row row;

	if (im->invalid++ >= ERRORS_SHOWN)
		return;
	complain("%s:%zu: %s", im->reader.name, line, why);
	row = list_row(im->errors);
	row_number(row, "line", (int64_t)line);
	row_text(row, "message", why);
}

/* False: the daemon asks for patience with this one. */
static bool take_result(struct import *im, size_t line, const json_t *result, int *status)
{
	const char *word = json_string_value(json_object_get(result, "result"));
	const char *why = json_string_value(json_object_get(result, "error"));

	if (word == NULL)
		word = "lost";
	if (strcmp(word, "busy") == 0)
		return false;
	if (strcmp(word, "imported") == 0)
		im->imported++;
	else if (strcmp(word, "not-newer") == 0)
		im->not_newer++;
	else if (strcmp(word, "expired") == 0)
		im->expired++;
	else if (strcmp(word, "invalid") == 0)
		note_error(im, line, why != NULL ? why : "The daemon refuses it.");
	else
		*status = EX_TEMPFAIL;
	return true;
}

static int send_rows(struct import *im, json_t *rows, const size_t *lines, json_t **ret_again,
		     size_t *again_lines)
{
	json_t *result = NULL, *results;
	int status = client_ask(
		im->client, json_pack("{s:s, s:O}", "verb", "import", "policies", rows), &result);
	size_t n = 0;

	if (status != EX_OK)
		return status;
	results = json_object_get(result, "results");
	*ret_again = json_array();
	for (size_t i = 0; i < json_array_size(rows); i++) {
		if (take_result(im, lines[i], json_array_get(results, i), &status))
			continue;
		json_array_append(*ret_again, json_array_get(rows, i));
		again_lines[n++] = lines[i];
	}
	json_decref(result);
	if (status != EX_OK)
		complain("the daemon's database does not work: mta-sts status");
	return status;
}

/* What is being checked just now is sent again. */
static int flush_rows(struct import *im)
{
	const struct timespec rest = { 0, BUSY_MS * 1000000L };
	int status = EX_OK;

	for (unsigned tries = 0; status == EX_OK && json_array_size(im->rows) > 0; tries++) {
		json_t *again = NULL;

		if (tries > 0)
			nanosleep(&rest, NULL);
		if (tries == BUSY_TRIES) {
			complain("domains are being checked for too long; try again");
			status = EX_TEMPFAIL;
			break;
		}
		status = send_rows(im, im->rows, im->lines, &again, im->lines);
		json_decref(im->rows);
		im->rows = again;
	}
	json_decref(im->rows);
	im->rows = json_array();
	im->octets = 0;
	return status;
}

static int add_row(struct import *im, json_t *row)
{
	size_t octets = json_dumpb(row, NULL, 0, JSON_COMPACT), n = json_array_size(im->rows);
	int status = EX_OK;

	if (n == AT_ONCE || im->octets + octets > AT_ONCE_OCTETS) {
		status = flush_rows(im);
		n = 0;
	}
	im->lines[n] = im->reader.number;
	im->octets += octets;
	json_array_append_new(im->rows, row);
	return status;
}

static int unreadable(const struct import *im, int r)
{
	complain("%s cannot be read: %s", im->reader.name, strerror(-r));
	return EX_NOINPUT;
}

static int read_lines(struct import *im)
{
	const char *why = "The line is too long for any policy.";
	struct span line;
	json_t *row;
	int r, status = EX_OK;

	while (status == EX_OK && (r = line_reader_next(&im->reader, &line)) != 0) {
		if (r < 0 && r != -EFBIG)
			return unreadable(im, r);
		row = r > 0 ? cache_file_read_line(line, &why) : NULL;
		if (row != NULL)
			status = add_row(im, row);
		else
			note_error(im, im->reader.number, why);
	}
	return status == EX_OK ? flush_rows(im) : status;
}

static int read_head(struct import *im)
{
	const char *why = "The file is empty.";
	struct span line;
	json_t *head = NULL;
	int r = line_reader_next(&im->reader, &line);

	if (r < 0 && r != -EFBIG)
		return unreadable(im, r);
	if (r == 1)
		head = cache_file_read_head(line, &why);
	if (r == -EFBIG)
		why = "The first line is not " CACHE_FILE_HEAD ".";
	if (head == NULL) {
		complain("%s:1: %s", im->reader.name, why);
		return EX_DATAERR;
	}
	json_decref(head);
	return EX_OK;
}

static int show_import(struct import *im, const struct invocation *inv, int status)
{
	struct row row = output_row(&im->out);
	json_t *errors = json_incref(json_object_get(im->out.root, "errors"));

	json_object_del(im->out.root, "errors"); /* stands last */
	row_truth(row, "finished", status == EX_OK);
	row_number(row, "imported", (int64_t)im->imported);
	row_number(row, "not_newer", (int64_t)im->not_newer);
	row_number(row, "expired", (int64_t)im->expired);
	row_number(row, "invalid", (int64_t)im->invalid);
	json_object_set_new(im->out.root, "errors", errors);
	if (status == EX_OK && im->invalid > 0)
		status = EX_NO;
	return output_answer(&im->out, inv->options & OPTION_BIT(OPTION_JSON), status);
}

int cache_file_import(const struct invocation *inv)
{
	struct import im = { .client = NULL };
	int status, r = line_reader_open(&im.reader, inv->operands[0], CACHE_FILE_LINE);

	im.rows = json_array();
	output_init(&im.out);
	im.errors = row_list(output_row(&im.out), "errors");
	status = r < 0 ? unreadable(&im, r) : read_head(&im);
	if (status == EX_OK)
		status = ask_open(inv, &im.client);
	if (status == EX_OK)
		status = show_import(&im, inv, read_lines(&im));
	client_close(im.client);
	line_reader_close(&im.reader);
	output_release(&im.out);
	json_decref(im.rows);
	return status;
}
