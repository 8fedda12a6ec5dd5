/* setup_told.h - what a real Postfix 3.7.11 tells about a good set-up, and a host as the test tells it
 *
 * For the tests of setup_postfix: each is the only file of its program that includes this.
 */
#ifndef TESTS_UNIT_SETUP_TOLD_H
#define TESTS_UNIT_SETUP_TOLD_H

#include "tests/unit/test.h"

#include "common/base/cleanup.h"
#include "milter/command/setup_postfix.h"
#include "milter/shared/input.h"
#include "tests/unit/setup_kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct told {
	enum setup_reach milter, policy, tlsrpt;
	enum setup_validation validation;
	bool far, not_root;
	const char *no_file, *no_directory; /* the path that is missing */
	const char *wall, *broken;	    /* tables */
};

#define DANE_MAIN "smtp_tls_security_level = dane\nsmtp_dns_support_level = dnssec\n"
#define DANE_OURS BOUND "[delivery]\ndane = postfix\n"
#define NEW_MAIN                                                                                   \
	"mail_version = 3.10.13\nsmtp_tlsrpt_enable = yes\nsmtp_tlsrpt_socket_name = "             \
	"mta-sts/tlsrpt.sock\n"                                                                    \
	"smtp_tls_enforce_sts_mx_patterns = yes\ntls_required_enable = yes\n"
#define NEW_OURS BOUND "[delivery]\npostfix_version = 3.10.13\n"
#define OURS	 "socketmap:unix:mta-sts/policy.sock:postfix"

static void reach(void *ctx, const struct setup_guise *guise, const struct setup_address *to,
		  enum setup_talk talk, const char *map, struct setup_reached *ret)
{
	const struct told *t = ctx;

	assert_string_equal(guise->user, "postfix");
	assert_string_equal(guise->cwd, "/var/spool/postfix");
	assert_true(to->path != NULL || to->port != 0);
	if (talk == TALK_SOCKETMAP)
		assert_string_equal(map, "postfix");
	*ret = (struct setup_reached){ .word = talk == TALK_MILTER	? t->milter
					       : talk == TALK_SOCKETMAP ? t->policy
									: t->tlsrpt,
				       .why = "the reason",
				       .cure = "the cure" };
}

static void resolver(void *ctx, const struct setup_guise *guise, struct setup_resolver *ret)
{
	const struct told *t = ctx;

	assert_string_equal(guise->user, "postfix");
	assert_string_equal(guise->root, "/var/spool/postfix");
	*ret = (struct setup_resolver){ .word = t->validation,
					.servers = "192.0.2.53",
					.far = t->far };
}

static int file(void *ctx, const char *path)
{
	const struct told *t = ctx;

	return t->no_file != NULL && strcmp(t->no_file, path) == 0 ? ENOENT : 0;
}

static int directory(void *ctx, const char *path)
{
	const struct told *t = ctx;

	return t->no_directory != NULL && strcmp(t->no_directory, path) == 0 ? ENOENT : 0;
}

static enum setup_answer table(void *ctx, const char *config, const char *name, char why[200])
{
	const struct told *t = ctx;

	(void)config;
	snprintf(why, 200, "no such file");
	if (t->wall != NULL && strcmp(t->wall, name) == 0)
		return TABLE_ANSWERS;
	return t->broken != NULL && strcmp(t->broken, name) == 0 ? TABLE_BROKEN : TABLE_SILENT;
}

static void fixture(const char *name, const char *before, struct buf *ret)
{
	const char *src = getenv("srcdir");
	char path[1000];

	snprintf(path, sizeof(path), "%s/tests/fixtures/postconf-3.7.%s", src != NULL ? src : ".",
		 name);
	buf_init(ret, 1 << 20);
	buf_adds(ret, before != NULL ? before : "");
	assert_int_equal(input_read(path, 1 << 19, ret), 0);
}

/* column: a line that takes the place of the one of that name. */
static void facts_of(const char *main, const char *overrides, const char *columns,
		     const char *column, struct arena *arena, struct postfix_facts *ret)
{
	AUTO(buf_release) struct buf m, c, o;
	char *at = NULL;

	fixture("main", main, &m);
	fixture("columns", columns, &c);
	fixture("overrides", overrides, &o);
	if (column != NULL) { /* "smtp/unix/chroot = n": the last character is what differs */
		AUTO(buf_release) struct buf line = { .max = 200 };

		buf_addf(&line, "\n%.*s", (int)strlen(column) - 1, column);
		at = strstr(c.p, buf_text(&line));
		assert_non_null(at);
		at[line.n] = column[strlen(column) - 1];
	}
	*ret = (struct postfix_facts){ .version = NULL };
	assert_int_equal(postfix_facts_parse(buf_span(&m), buf_span(&c), buf_span(&o), arena, ret),
			 0);
}

#define WORLD(root)                                                                                \
	{                                                                                          \
		&told, root, reach, resolver, file, directory, NULL, table                         \
	}

#endif
