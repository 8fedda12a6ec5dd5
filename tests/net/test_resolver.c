#include "tests/unit/test.h"

#include "common/net/resolver_unbound.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/net/dns_zone.h"
#include "tests/net/steady_clock.h"

enum { SOON = 3000, NOW = 150 };

/* What the server knows, beside the signed zone. */
static const uint8_t soa_minimum_7[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0,
					 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7 };

struct world {
	struct dns_zone *zone;
	_Atomic int flaw; /* enum zone_flaw */
	atomic_bool dead; /* no answer at all */
	atomic_int asked;
	struct dns_server *server;
	struct resolver_unbound *resolver;
	struct resolver port;
	struct arena arena;
	char dir[32], anchor[64], resolvconf[64];
};

static void negative(struct dns_message *m, unsigned rcode)
{
	dns_rcode(m, rcode);
	dns_record(m, DNS_AUTHORITY, "example", DNS_SOA, 300,
		   span_make(soa_minimum_7, sizeof(soa_minimum_7)));
}

static bool plain_answer(struct dns_message *m)
{
	if (strcmp(m->name, "txt.example") == 0 && m->type == DNS_TXT) {
		dns_record(m, DNS_ANSWER, "txt.example", DNS_TXT, 77,
			   span_make("\003one\003two", 8));
		dns_record(m, DNS_ANSWER, "txt.example", DNS_TXT, 77, span_make("\005three", 6));
	} else if (strcmp(m->name, "alias.example") == 0) {
		dns_record(m, DNS_ANSWER, "alias.example", 5, 30,
			   span_make("\003txt\007example", 13));
		dns_record(m, DNS_ANSWER, "txt.example", DNS_TXT, 77,
			   span_make("\003one\003two", 8));
	} else if (strcmp(m->name, "in.example") == 0) {
		dns_record(m, DNS_ANSWER, "in.example", DNS_CNAME, 30,
			   span_make("\002mx\006signed\007example", 19));
	} else if (strcmp(m->name, "mx.example") == 0 && m->type == DNS_MX) {
		dns_record(m, DNS_ANSWER, "mx.example", DNS_MX, 77, span_make("\0\012\001a\0", 5));
	} else if (strcmp(m->name, "nodata.example") == 0) {
		negative(m, 0);
	} else if (strcmp(m->name, "bare.example") == 0) {
		dns_rcode(m, 0);
	} else if (strcmp(m->name, "refused.example") == 0) {
		dns_rcode(m, 5);
	} else if (strcmp(m->name, "servfail.example") == 0) {
		dns_rcode(m, 2);
	} else if (strncmp(m->name, "silent", 6) == 0) {
		return false;
	} else if (strncmp(m->name, "late", 4) == 0) {
		poll(NULL, 0, 1); /* as late as its question is given up */
		negative(m, 3);
	} else {
		negative(m, 3);
	}
	return true;
}

static bool answer(void *ctx, struct dns_message *m)
{
	struct world *w = ctx;

	atomic_fetch_add(&w->asked, 1);
	if (atomic_load(&w->dead))
		return false;
	return dns_zone_answer(w->zone, (enum zone_flaw)atomic_load(&w->flaw), m) ||
	       plain_answer(m);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void write_resolvconf(struct world *w, struct dns_server *server)
{
	char text[128], address[40];

	/* resolv.conf(5) has no port: the test's own form of address is skipped by the system and
	 * taken by us */
	snprintf(address, sizeof(address), "%s", dns_server_address(server));
	snprintf(text, sizeof(text), "# made by a test\nsearch example\nnameserver %s\n", address);
	write_file(w->resolvconf, text);
}

static void open_resolver(struct world *w, const char *server, const char *anchor)
{
	char *servers[] = { (char *)(uintptr_t)server };
	struct dns_settings s = { .servers = servers,
				  .n_servers = 1,
				  .trust_anchor = anchor,
				  .resolvconf = w->resolvconf };
	struct buf error;
	int r;

	buf_init(&error, 1024);
	r = resolver_unbound_open(&s, &steady_clock, &w->resolver, &error);
	if (r != 0)
		fail_msg("open: %d %s", r, buf_text(&error));
	w->port = resolver_unbound_port(w->resolver);
	buf_release(&error);
}

static void add_alias(struct world *w, const char *name, const char *target)
{
	uint8_t wire[256];
	size_t n = dns_wire_name(target, wire);

	dns_zone_add(w->zone, name, DNS_CNAME, span_make((char *)wire, n));
}

static void add_names(struct world *w)
{
	static const char tlsa[] = "\003\001\001"
				   "0123456789abcdef0123456789abcdef";

	dns_zone_add(w->zone, "mx.signed.example", DNS_A, span_make("\300\000\002\001", 4));
	dns_zone_add(w->zone, "_25._tcp.mx.signed.example", DNS_TLSA, span_make(tlsa, 35));
	dns_zone_add(w->zone, "_25._tcp.mx.signed.example", DNS_TLSA, span_make("\000\000\000", 3));
	add_alias(w, "_26._tcp.mx.signed.example", "_25._tcp.mx.signed.example");
	add_alias(w, "_27._tcp.mx.signed.example", "txt.example");
	add_alias(w, "one.signed.example", "mx.signed.example");
	add_alias(w, "two.signed.example", "one.signed.example");
	add_alias(w, "out.signed.example", "txt.example");
	add_alias(w, "back.signed.example", "in.example");
	add_alias(w, "dangling.signed.example", "nothing.signed.example");
	add_alias(w, "lost.signed.example", "nx.example");
	add_alias(w, "refused.signed.example", "refused.example");
	add_alias(w, "strange.signed.example", "a b.signed.example");
	dns_zone_add(w->zone, "a b.signed.example", DNS_A, span_make("\300\000\002\002", 4));
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_resolver.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->anchor, sizeof(w->anchor), "%s/anchor", w->dir);
	snprintf(w->resolvconf, sizeof(w->resolvconf), "%s/resolv.conf", w->dir);
	w->zone = dns_zone_new("signed.example");
	write_file(w->anchor, dns_zone_anchor(w->zone));
	add_names(w); /* before anybody reads the zone */
	w->server = dns_server_start(answer, w);
	arena_init(&w->arena, 1 << 20);
	open_resolver(w, dns_server_address(w->server), w->anchor);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	resolver_unbound_close(w->resolver);
	dns_server_stop(w->server);
	dns_zone_free(w->zone);
	arena_release(&w->arena);
	unlink(w->anchor);
	unlink(w->resolvconf);
	rmdir(w->dir);
	free(w);
	return 0;
}

static int64_t in(int64_t ms)
{
	return clock_mono(&steady_clock) + ms;
}

static void ask(struct world *w, struct dns_query *q, size_t n, int64_t ms)
{
	w->port.query(w->port.ctx, q, n, in(ms), &w->arena);
}

static void a_batch_of_everything(void **state)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status status;
		uint32_t ttl_at_most;
		size_t n;
		const char *first;
	} cases[] = {
		{ "txt.example", DNS_TXT, DNS_FOUND, 77, 2, NULL },
		{ "alias.example", DNS_TXT, DNS_FOUND, 30, 2, NULL },
		{ "mx.example", DNS_MX, DNS_FOUND, 77, 1, NULL },
		{ "nodata.example", DNS_MX, DNS_NODATA, 7, 0,
		  NULL }, /* RFC 2308 s5: the SOA's MINIMUM */
		{ "nx.example", DNS_MX, DNS_NXDOMAIN, 7, 0, NULL },
		{ "bare.example", DNS_A, DNS_NODATA, 5, 0, NULL }, /* no SOA */
		{ "refused.example", DNS_A, DNS_FAILED, 0, 0, NULL },
		{ "servfail.example", DNS_A, DNS_FAILED, 0, 0, NULL },
		{ "localhost", DNS_A, DNS_FOUND, 10800, 1, "\177\0\0\1" },
		{ "a..b", DNS_A, DNS_FAILED, 0, 0, NULL },
	};
	struct dns_query q[ARRAY_LEN(cases)];
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		q[i] = (struct dns_query){ .name = cases[i].name, .type = cases[i].type };
	ask(w, q, ARRAY_LEN(cases), SOON);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool lives = q[i].status == DNS_FOUND || q[i].status == DNS_NODATA ||
			     q[i].status == DNS_NXDOMAIN;

		if (q[i].status != cases[i].status || q[i].n_rdata != cases[i].n || q[i].secure ||
		    q[i].ttl > cases[i].ttl_at_most || (q[i].ttl > 0) != lives ||
		    q[i].why == NULL || (q[i].why[0] == '\0') != lives)
			fail_msg("%s: status %d n %zu ttl %u secure %d why '%s'", q[i].name,
				 q[i].status, q[i].n_rdata, q[i].ttl, q[i].secure, q[i].why);
		if (cases[i].first != NULL)
			assert_memory_equal(q[i].rdata[0].p, cases[i].first, q[i].rdata[0].n);
	}
}

static void validated_data_is_secure(void **state)
{
	struct dns_query q[] = { { .name = "signed.example", .type = DNS_TXT },
				 { .name = "absent.signed.example", .type = DNS_TXT },
				 { .name = "signed.example", .type = DNS_MX } };
	struct world *w = *state;

	ask(w, q, 3, SOON);
	assert_int_equal(q[0].status, DNS_FOUND);
	assert_true(q[0].secure);
	assert_in_range(q[0].ttl, 1, 300); /* an hour in the zone */
	assert_memory_equal(q[0].rdata[0].p, "\006signed", 7);
	assert_int_equal(q[1].status, DNS_NXDOMAIN);
	assert_true(q[1].secure);
	assert_int_equal(q[2].status, DNS_NODATA);
	assert_true(q[2].secure);
	assert_in_range(q[2].ttl, 1, 60);
}

/* RFC 7672 s2.1.1 (states), s2.1.3 (aliases, and what one of them alone is), s2.2.3 */
static void aliases_and_what_they_are_worth(void **state)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status status;
		bool secure;
		size_t n;
		const char *canonical;
	} cases[] = {
		{ "mx.signed.example", DNS_A, DNS_FOUND, true, 1, NULL },
		{ "mx.signed.example", DNS_AAAA, DNS_NODATA, true, 0, NULL },
		{ "mx.signed.example", DNS_CNAME, DNS_NODATA, true, 0, NULL },
		{ "one.signed.example", DNS_A, DNS_FOUND, true, 1, "mx.signed.example" },
		{ "two.signed.example", DNS_A, DNS_FOUND, true, 1, "mx.signed.example" },
		{ "two.signed.example", DNS_AAAA, DNS_NODATA, true, 0, "mx.signed.example" },
		{ "two.signed.example", DNS_CNAME, DNS_FOUND, true, 1, NULL },
		{ "out.signed.example", DNS_TXT, DNS_FOUND, false, 2, "txt.example" },
		{ "out.signed.example", DNS_A, DNS_NXDOMAIN, false, 0, "txt.example" },
		{ "out.signed.example", DNS_CNAME, DNS_FOUND, true, 1, NULL },
		{ "in.example", DNS_A, DNS_FOUND, false, 1, "mx.signed.example" },
		{ "in.example", DNS_CNAME, DNS_FOUND, false, 1, NULL },
		{ "back.signed.example", DNS_A, DNS_FOUND, false, 1, "mx.signed.example" },
		{ "back.signed.example", DNS_CNAME, DNS_FOUND, true, 1, NULL },
		{ "dangling.signed.example", DNS_A, DNS_NXDOMAIN, true, 0,
		  "nothing.signed.example" },
		{ "lost.signed.example", DNS_A, DNS_NXDOMAIN, false, 0, "nx.example" },
		{ "refused.signed.example", DNS_A, DNS_FAILED, false, 0, NULL },
		{ "refused.signed.example", DNS_CNAME, DNS_FOUND, true, 1, NULL },
		{ "strange.signed.example", DNS_A, DNS_FOUND, true, 1,
		  NULL }, /* no host is called so */
		{ "_25._tcp.mx.signed.example", DNS_TLSA, DNS_FOUND, true, 2, NULL },
		{ "_26._tcp.mx.signed.example", DNS_TLSA, DNS_FOUND, true, 2,
		  "_25._tcp.mx.signed.example" },
		{ "_27._tcp.mx.signed.example", DNS_TLSA, DNS_NXDOMAIN, false, 0, "txt.example" },
		{ "_25._tcp.signed.example", DNS_TLSA, DNS_NXDOMAIN, true, 0, NULL },
		{ "_25._tcp.nx.example", DNS_TLSA, DNS_NXDOMAIN, false, 0, NULL },
		{ "nodata.example", DNS_TLSA, DNS_NODATA, false, 0, NULL },
		{ "servfail.example", DNS_TLSA, DNS_FAILED, false, 0, NULL },
	};
	struct dns_query q[ARRAY_LEN(cases)];
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		q[i] = (struct dns_query){ .name = cases[i].name, .type = cases[i].type };
	ask(w, q, ARRAY_LEN(cases), SOON);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = q[i].canonical != NULL ? q[i].canonical : "";
		const char *want = cases[i].canonical != NULL ? cases[i].canonical : "";

		if (q[i].status != cases[i].status || q[i].secure != cases[i].secure ||
		    q[i].n_rdata != cases[i].n || strcmp(got, want) != 0)
			fail_msg("%s type %d: status %d secure %d n %zu canonical '%s' why '%s'",
				 q[i].name, q[i].type, q[i].status, q[i].secure, q[i].n_rdata, got,
				 q[i].why);
		if (q[i].type == DNS_CNAME && q[i].n_rdata > 0) /* the first target, as it stands */
			assert_int_equal(q[i].rdata[0].p[q[i].rdata[0].n - 1], 0);
	}
}

/* A TLSA answer that does not hold, and one that never comes: a failure, not "no records" (RFC 7672 s2.1.2), and in time. */
static void tlsa_records_that_cannot_be_had(void **state)
{
	struct dns_query q[] = { { .name = "_25._tcp.mx.signed.example", .type = DNS_TLSA },
				 { .name = "one.signed.example", .type = DNS_A },
				 { .name = "silent.example", .type = DNS_TLSA } };
	struct world *w = *state;
	int64_t before = clock_mono(&steady_clock);

	atomic_store(&w->flaw, ZONE_EXPIRED);
	ask(w, q, ARRAY_LEN(q), NOW);
	assert_int_equal(q[0].status, DNS_BOGUS);
	assert_int_equal(q[1].status, DNS_BOGUS);
	assert_int_equal(q[2].status, DNS_FAILED);
	assert_in_range(clock_mono(&steady_clock) - before, NOW, NOW + 1000);
	for (size_t i = 0; i < ARRAY_LEN(q); i++) {
		assert_false(q[i].secure);
		assert_null(q[i].canonical);
		assert_int_equal(q[i].n_rdata, 0);
	}
}

static void bogus_data_is_never_handed_out(void **state)
{
	struct dns_query q[] = { { .name = "signed.example", .type = DNS_TXT } };
	struct world *w = *state;

	atomic_store(&w->flaw, ZONE_EXPIRED);
	ask(w, q, 1, SOON);
	assert_int_equal(q[0].status, DNS_BOGUS);
	assert_false(q[0].secure);
	assert_null(q[0].rdata);
	assert_int_equal(q[0].n_rdata, 0);
	assert_true(strlen(q[0].why) > 0);
}

static void the_deadline_holds(void **state)
{
	struct dns_query q[] = { { .name = "silent.example", .type = DNS_A },
				 { .name = "txt.example", .type = DNS_TXT } };
	struct world *w = *state;
	int64_t before = clock_mono(&steady_clock), took;

	ask(w, q, 2, NOW);
	took = clock_mono(&steady_clock) - before;
	assert_int_equal(q[0].status, DNS_FAILED);
	assert_int_equal(q[1].status, DNS_FOUND); /* a silent one spoils no other */
	assert_in_range(took, NOW, NOW + 1000);

	before = clock_mono(&steady_clock);
	ask(w, q, 2, -1);
	assert_int_equal(q[1].status, DNS_FAILED);
	assert_true(clock_mono(&steady_clock) - before < 100);
	ask(w, q, 0, SOON);
}

static void an_arena_has_a_maximum(void **state)
{
	struct dns_query q[] = { { .name = "txt.example", .type = DNS_TXT } };
	struct world *w = *state;
	struct arena small;

	arena_init(&small, 16);
	w->port.query(w->port.ctx, q, 1, in(SOON), &small);
	assert_int_equal(q[0].status, DNS_FAILED);
	assert_int_equal(q[0].n_rdata, 0);
	arena_release(&small);
}

static void expect_health(struct world *w, enum dns_health want, bool validates)
{
	char why[LIMIT_DETAIL] = "untouched";
	enum dns_health h = resolver_unbound_selftest(w->resolver, in(SOON), why);

	if (h != want || (why[0] == '\0') != (want == DNS_HEALTH_VALIDATES))
		fail_msg("got %s (%s), want %s", dns_health_name(h), why, dns_health_name(want));
	assert_int_equal(resolver_unbound_health(w->resolver), want);
	assert_int_equal(resolver_unbound_validates(w->resolver), validates);
}

static void expect_txt(struct world *w, enum dns_status status, bool secure)
{
	struct dns_query q = { .name = "signed.example", .type = DNS_TXT };

	ask(w, &q, 1, SOON);
	if (q.status != status || q.secure != secure)
		fail_msg("got status %d secure %d (%s)", q.status, q.secure, q.why);
}

/* Issue of the day: a forwarder strips DNSSEC, is mended, strips again. */
static void stripping_is_found_and_left(void **state)
{
	struct world *w = *state;

	assert_int_equal(resolver_unbound_health(w->resolver), DNS_HEALTH_UNKNOWN);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	expect_txt(w, DNS_FOUND, true);
	atomic_store(&w->flaw, ZONE_STRIPPED);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
	expect_txt(w, DNS_FOUND, false);
	atomic_store(&w->flaw, ZONE_SOUND);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	expect_txt(w, DNS_FOUND, true);
}

static void without_the_self_test_all_would_be_bogus(void **state)
{
	struct world *w = *state;

	atomic_store(&w->flaw, ZONE_STRIPPED);
	expect_txt(w, DNS_BOGUS, false);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
	expect_txt(w, DNS_FOUND, false);
}

static void missing_proofs_count_as_stripped(void **state)
{
	struct world *w = *state;

	atomic_store(&w->flaw, ZONE_NO_PROOFS);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
}

static void a_dead_resolver_is_not_a_stripping_one(void **state)
{
	struct world *w = *state;
	char why[LIMIT_DETAIL];

	atomic_store(&w->dead, true);
	assert_int_equal(resolver_unbound_selftest(w->resolver, in(NOW), why), DNS_HEALTH_UNKNOWN);
	assert_true(resolver_unbound_validates(w->resolver));
	atomic_store(&w->dead, false);
	atomic_store(&w->flaw, ZONE_STRIPPED);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
	atomic_store(&w->dead, true);
	assert_int_equal(resolver_unbound_selftest(w->resolver, in(NOW), why), DNS_HEALTH_UNKNOWN);
	assert_false(resolver_unbound_validates(w->resolver));
}

static void wrong_time_or_anchor_is_not_stripping(void **state)
{
	struct world *w = *state;
	struct dns_zone *other = dns_zone_new("signed.example");

	atomic_store(&w->flaw, ZONE_EXPIRED);
	expect_health(w, DNS_HEALTH_DISTRUSTED, false);
	atomic_store(&w->flaw, ZONE_SOUND);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	write_file(w->anchor, dns_zone_anchor(other));
	expect_health(w, DNS_HEALTH_DISTRUSTED, false);
	write_file(w->anchor, dns_zone_anchor(w->zone));
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	dns_zone_free(other);
}

static void a_private_root_is_asked_for_itself(void **state)
{
	struct world *w = *state;

	resolver_unbound_close(w->resolver);
	dns_server_stop(w->server);
	dns_zone_free(w->zone);
	w->zone = dns_zone_new("");
	w->server = dns_server_start(answer, w);
	write_file(w->anchor, dns_zone_anchor(w->zone));
	open_resolver(w, dns_server_address(w->server), w->anchor);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	atomic_store(&w->flaw, ZONE_STRIPPED);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
}

static void no_anchor_no_validation(void **state)
{
	struct world *w = *state;

	resolver_unbound_close(w->resolver);
	open_resolver(w, dns_server_address(w->server), "");
	expect_health(w, DNS_HEALTH_OFF, false);
	expect_txt(w, DNS_FOUND, false);
}

static void a_new_resolvconf_is_noticed(void **state)
{
	struct world *w = *state;
	struct dns_server *other = dns_server_start(answer, w);

	resolver_unbound_close(w->resolver);
	write_resolvconf(w, w->server);
	open_resolver(w, "resolvconf", w->anchor);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	dns_server_stop(w->server);
	w->server = other;
	write_resolvconf(w, other);
	expect_health(w, DNS_HEALTH_VALIDATES, true);
	expect_txt(w, DNS_FOUND, true);
}

struct tomorrow {
	atomic_int mx, a, aaaa;
};

static bool answer_tomorrow(void *ctx, struct dns_message *m)
{
	struct tomorrow *t = ctx;

	if (m->type == DNS_MX) {
		dns_record(m, DNS_ANSWER, "example", DNS_MX, 77, span_make("\0\012\002mx\0", 6));
		atomic_fetch_add(&t->mx, 1);
	} else if (m->type == DNS_A) {
		dns_record(m, DNS_ANSWER, "mx", DNS_A, 77, span_make("\300\0\002\031", 4));
		atomic_fetch_add(&t->a, 1);
	} else {
		negative(m, 0);
		atomic_fetch_add(&t->aaaa, m->type == DNS_AAAA);
	}
	return true;
}

/* Nobody has asked for the host's addresses when they are asked for, and nobody has to wait for them later. */
static void what_was_foreseen_is_there(void **state)
{
	struct dns_query q[] = { { .name = "example", .type = DNS_MX },
				 { .name = "mx", .type = DNS_A },
				 { .name = "mx", .type = DNS_AAAA } };
	struct tomorrow t = { 0 };
	struct world *w = *state;
	struct dns_server *server = dns_server_start(answer_tomorrow, &t);

	resolver_unbound_close(w->resolver);
	open_resolver(w, dns_server_address(server), "");
	expect_health(w, DNS_HEALTH_OFF, false);
	w->port.foresee(w->port.ctx, "example");
	for (int ms = 0; ms < 5000 && atomic_load(&t.a) + atomic_load(&t.aaaa) < 2; ms++)
		poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&t.a), 1);
	assert_int_equal(atomic_load(&t.aaaa), 1);
	ask(w, q, ARRAY_LEN(q), 5000);
	assert_int_equal(q[0].status, DNS_FOUND);
	assert_int_equal(q[1].status, DNS_FOUND);
	assert_int_equal(q[2].status, DNS_NODATA);
	assert_int_equal(atomic_load(&t.mx) + atomic_load(&t.a) + atomic_load(&t.aaaa), 3);
	dns_server_stop(server);
}

/* The moment when a question is given up and the moment of its answer fall together, often enough. */
static void answers_cross_cancellations(void **state)
{
	struct world *w = *state;
	int in_time = 0;

	for (int i = 0; i < 300; i++) {
		char late[40];
		struct dns_query q = { .name = late, .type = DNS_A };

		snprintf(late, sizeof(late), "late%d.example", i);
		ask(w, &q, 1, 1 + i % 2);
		in_time += q.status == DNS_NXDOMAIN;
	}
	assert_in_range(in_time, 1, 299);
}

enum { CALLERS = 8, ROUNDS = 40 };

static void *caller(void *arg)
{
	struct world *w = arg;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	for (int i = 0; i < ROUNDS; i++) {
		char silent[40], absent[40];
		struct dns_query q[] = { { .name = "txt.example", .type = DNS_TXT },
					 { .name = silent, .type = DNS_A },
					 { .name = absent, .type = DNS_MX },
					 { .name = "signed.example", .type = DNS_TXT } };

		snprintf(silent, sizeof(silent), "silent%d.example", i);
		snprintf(absent, sizeof(absent), "nx%d.%d.example", i,
			 (int)((uintptr_t)&arena % 997));
		/* every fifth waits for something that never comes, some give up at the moment the
		 * answer arrives */
		w->port.query(w->port.ctx, q, i % 5 == 0 ? 4 : 1, in(i % 5 == 0 ? 20 : i % 3),
			      &arena);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return NULL;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void switching_while_queries_fly(void **state)
{
	struct world *w = *state;
	pthread_t threads[CALLERS];
	int before;

	expect_health(w, DNS_HEALTH_VALIDATES, true);
	before = count_fds();
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, caller, w), 0);
	for (int i = 0; i < 6; i++) {
		char why[LIMIT_DETAIL];

		atomic_store(&w->flaw, i % 2 == 0 ? ZONE_STRIPPED : ZONE_SOUND);
		resolver_unbound_selftest(w->resolver, in(SOON), why);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&w->flaw, ZONE_STRIPPED);
	expect_health(w, DNS_HEALTH_STRIPPED, false);
	/* no context is left behind: each has an epoll, two pipes and an eventfd */
	assert_true(count_fds() <= before + 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_batch_of_everything),
		T(validated_data_is_secure),
		T(aliases_and_what_they_are_worth),
		T(tlsa_records_that_cannot_be_had),
		T(bogus_data_is_never_handed_out),
		T(the_deadline_holds),
		T(an_arena_has_a_maximum),
		T(stripping_is_found_and_left),
		T(without_the_self_test_all_would_be_bogus),
		T(missing_proofs_count_as_stripped),
		T(a_dead_resolver_is_not_a_stripping_one),
		T(wrong_time_or_anchor_is_not_stripping),
		T(a_private_root_is_asked_for_itself),
		T(no_anchor_no_validation),
		T(a_new_resolvconf_is_noticed),
		T(what_was_foreseen_is_there),
		T(answers_cross_cancellations),
		T(switching_while_queries_fly),
	};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
