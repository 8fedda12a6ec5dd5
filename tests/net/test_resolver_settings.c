#include "tests/unit/test.h"

#include "common/net/resolver_unbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/net/dns_zone.h"
#include "tests/net/steady_clock.h"

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void settings_are_checked(void **state)
{
	static const struct {
		const char *server, *stub, *anchor, *error; /* error: how the sentence begins */
	} cases[] = {
		{ "127.0.0.1", NULL, "A", NULL },
		{ "127.0.0.1@5353", NULL, "A", NULL },
		{ "::1@53", NULL, "A", NULL },
		{ "fe80::1%lo", NULL, "A", NULL },
		{ "recurse", ".@127.0.0.1@5353", "A", NULL },
		{ "recurse", "example.@::1", "", NULL },
		{ "resolvconf", "a.example@127.0.0.1", "A", NULL },
		{ "localhost", NULL, "A", "dns: \"localhost\" is neither" },
		{ "127.0.0.1:53", NULL, "A", "dns: \"127.0.0.1:53\" is neither" },
		{ "127.0.0.1@", NULL, "A", "dns: \"127.0.0.1@\" is neither" },
		{ "127.0.0.1@0", NULL, "A", "dns: " },
		{ "127.0.0.1@65536", NULL, "A", "dns: " },
		{ "127.0.0.1@53@53", NULL, "A", "dns: " },
		{ "", NULL, "A", "dns: " },
		{ "\033[2J", NULL, "A", "dns: \"\\x1b[2J\" is neither" },
		{ NULL, NULL, "A", "dns: \"\" names no server" },
		{ "127.0.0.1", "example", "A", "dns_stub: \"example\" is not ZONE@ADDRESS" },
		{ "127.0.0.1", "@127.0.0.1", "A", "dns_stub: " },
		{ "127.0.0.1", "exa mple@127.0.0.1", "A", "dns_stub: " },
		{ "127.0.0.1", "example@ns.example", "A", "dns_stub: " },
		{ "127.0.0.1", NULL, "/nonexistent",
		  "dns_trust_anchor: \"/nonexistent\" does not exist" },
		{ "127.0.0.1", NULL, "/", "dns_trust_anchor: \"/\" is no regular file" },
		{ "127.0.0.1", NULL, "/dev/null",
		  "dns_trust_anchor: \"/dev/null\" is no regular file" },
		{ "127.0.0.1", NULL, "/etc/passwd",
		  "dns_trust_anchor: \"/etc/passwd\" holds no DS or DNSKEY record" },
		{ "127.0.0.1", NULL, "BAD",
		  "dns_trust_anchor: a DS or DNSKEY record in the file is malformed" },
	};
	struct dns_zone *zone = dns_zone_new("signed.example");
	char anchor[] = "/tmp/test_settings.XXXXXX";
	(void)state;

	close(mkstemp(anchor));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *servers[] = { (char *)(uintptr_t)cases[i].server };
		char *stubs[] = { (char *)(uintptr_t)cases[i].stub };
		struct dns_settings s = { .servers = servers,
					  .n_servers = cases[i].server != NULL,
					  .stubs = stubs,
					  .n_stubs = cases[i].stub != NULL,
					  .trust_anchor = cases[i].anchor,
					  .resolvconf = "/nonexistent" };
		struct resolver_unbound *r = NULL;
		struct buf error;
		int e;

		buf_init(&error, 1024);
		write_file(anchor, dns_zone_anchor(zone));
		if (strcmp(s.trust_anchor, "A") == 0)
			s.trust_anchor = anchor;
		if (strcmp(s.trust_anchor, "BAD") == 0) {
			write_file(anchor, "example. IN DS 1 13 2 nonsense\n");
			s.trust_anchor = anchor;
		}
		e = resolver_unbound_open(&s, &steady_clock, &r, &error);
		if (e != (cases[i].error != NULL) || (e == 0) != (r != NULL))
			fail_msg("case %zu: got %d '%s'", i, e, buf_text(&error));
		if (e != 0 &&
		    strncmp(buf_text(&error), cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("case %zu: got '%s'", i, buf_text(&error));
		resolver_unbound_close(r);
		buf_release(&error);
	}
	unlink(anchor);
	dns_zone_free(zone);
}

static void too_many_servers(void **state)
{
	char *servers[17], address[] = "127.0.0.1";
	struct dns_settings s = { .servers = servers, .n_servers = 17, .trust_anchor = "" };
	struct resolver_unbound *r = NULL;
	struct buf error;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		servers[i] = address;
	buf_init(&error, 1024);
	assert_int_equal(resolver_unbound_open(&s, &steady_clock, &r, &error),
			 DNS_UPSTREAM_INVALID);
	s.n_servers = 16;
	assert_int_equal(resolver_unbound_open(&s, &steady_clock, &r, &error), 0);
	resolver_unbound_close(r);
	buf_release(&error);
}

/* Debian's own files are what the defaults say. */
static void the_defaults_open(void **state)
{
	char *servers[] = { (char *)(uintptr_t) "recurse" };
	struct dns_settings s = { .servers = servers,
				  .n_servers = 1,
				  .trust_anchor = "/usr/share/dns/root.key" };
	struct resolver_unbound *r = NULL;
	struct buf error;
	(void)state;

	if (access(s.trust_anchor, R_OK) != 0)
		skip();
	buf_init(&error, 1024);
	assert_int_equal(resolver_unbound_open(&s, &steady_clock, &r, &error), 0);
	assert_true(resolver_unbound_validates(r));
	resolver_unbound_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(too_many_servers),
		cmocka_unit_test(the_defaults_open),
	};

	return cmocka_run_group_tests_name("resolver settings", tests, NULL, NULL);
}
