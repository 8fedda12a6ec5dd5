# A fuzz target is tests/fuzz/fuzz_NAME.c and seeds in tests/fuzz/seeds/NAME/. `make check` replays the seeds (replay_main.c);
# `make fuzz` runs clang's libFuzzer on each target for FUZZ_SECONDS.
fuzz_targets = \
	tests/fuzz/fuzz_control \
	tests/fuzz/fuzz_http_head \
	tests/fuzz/fuzz_import \
	tests/fuzz/fuzz_maillog \
	tests/fuzz/fuzz_netstring \
	tests/fuzz/fuzz_nexthop \
	tests/fuzz/fuzz_policy \
	tests/fuzz/fuzz_rdata \
	tests/fuzz/fuzz_record \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_settings \
	tests/fuzz/fuzz_smtp_reply \
	tests/fuzz/fuzz_store_page \
	tests/fuzz/fuzz_store_wal \
	tests/fuzz/fuzz_tls_line \
	tests/fuzz/fuzz_tlsa \
	tests/fuzz/fuzz_tlsrpt \
	tests/fuzz/fuzz_txt_set
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

FUZZ_MAIN = tests/fuzz/fuzz.h tests/fuzz/replay_main.c
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c $(FUZZ_MAIN) tests/fake/fake_store.c tests/fake/fake_world.c
tests_fuzz_fuzz_control_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS)
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz_import.c $(FUZZ_MAIN) tests/fake/fake_store.c tests/fake/fake_world.c
tests_fuzz_fuzz_import_LDADD = libcommand.a libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS)
tests_fuzz_fuzz_maillog_SOURCES = tests/fuzz/fuzz_maillog.c $(FUZZ_MAIN)
tests_fuzz_fuzz_maillog_LDADD = $(COMMAND_LIBS)
tests_fuzz_fuzz_netstring_SOURCES = tests/fuzz/fuzz_netstring.c $(FUZZ_MAIN)
tests_fuzz_fuzz_netstring_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_tls_line_SOURCES = tests/fuzz/fuzz_tls_line.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tls_line_LDADD = $(COMMAND_LIBS)
tests_fuzz_fuzz_nexthop_SOURCES = tests/fuzz/fuzz_nexthop.c $(FUZZ_MAIN)
tests_fuzz_fuzz_nexthop_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c $(FUZZ_MAIN)
tests_fuzz_fuzz_policy_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(FUZZ_MAIN)
tests_fuzz_fuzz_record_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c $(FUZZ_MAIN)
tests_fuzz_fuzz_request_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS)
tests_fuzz_fuzz_settings_SOURCES = tests/fuzz/fuzz_settings.c $(FUZZ_MAIN)
tests_fuzz_fuzz_settings_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_smtp_reply_SOURCES = tests/fuzz/fuzz_smtp_reply.c $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_reply_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_store_page_SOURCES = tests/fuzz/fuzz_store_page.c $(FUZZ_MAIN)
tests_fuzz_fuzz_store_page_LDADD = $(STORE_LIBS)
tests_fuzz_fuzz_store_wal_SOURCES = tests/fuzz/fuzz_store_wal.c $(FUZZ_MAIN)
tests_fuzz_fuzz_store_wal_LDADD = $(STORE_LIBS)

# Files, not directories. GNU make finds them, when a distribution is made; a new seed needs no line here.
FUZZ_SEEDS = $(wildcard $(top_srcdir)/tests/fuzz/seeds/*/*)
EXTRA_DIST += tests/fuzz/fuzz.sh $(FUZZ_SEEDS)

FUZZ_SECONDS = 60
FUZZ_CC = clang
.PHONY: fuzz
fuzz:
	FUZZ_CC='$(FUZZ_CC)' FUZZ_SECONDS='$(FUZZ_SECONDS)' MAKE='$(MAKE)' \
		$(SHELL) $(top_srcdir)/tests/fuzz/fuzz.sh '$(abs_top_srcdir)' $(fuzz_targets)
tests_fuzz_fuzz_tlsa_SOURCES = tests/fuzz/fuzz_tlsa.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tlsa_LDADD = $(STS_LIBS)
tests_fuzz_fuzz_tlsrpt_SOURCES = tests/fuzz/fuzz_tlsrpt.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tlsrpt_LDADD = libdaemon.a $(STS_LIBS) $(JANSSON_LIBS)
tests_fuzz_fuzz_rdata_SOURCES = tests/fuzz/fuzz_rdata.c $(FUZZ_MAIN)
tests_fuzz_fuzz_rdata_LDADD = libnet.a $(STS_LIBS)
tests_fuzz_fuzz_http_head_SOURCES = tests/fuzz/fuzz_http_head.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_head_LDADD = libnet.a $(STS_LIBS)
tests_fuzz_fuzz_txt_set_SOURCES = tests/fuzz/fuzz_txt_set.c $(FUZZ_MAIN)
tests_fuzz_fuzz_txt_set_LDADD = $(STS_LIBS)
