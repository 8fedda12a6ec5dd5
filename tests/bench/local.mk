# Benchmarks: built and run by `make bench` alone, never part of `make check`. Each prints `bench name=... value=...` lines (figure.h).
bench_programs = \
	tests/bench/bench_cache \
	tests/bench/bench_decision \
	tests/bench/bench_milter \
	tests/bench/bench_postfix \
	tests/bench/bench_rss \
	tests/bench/bench_store
bench_figure = tests/bench/figure.c tests/bench/figure.h
bench_town = tests/bench/load.c tests/bench/load.h tests/bench/town.c tests/bench/town.h
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += \
	tests/bench/in_postfix.sh \
	tests/bench/peer-packages \
	tests/bench/peer.py \
	tests/bench/run.sh \
	tests/bench/with_postfix.sh

bench: $(bench_programs) tests/bench/bench_socketmap$(EXEEXT) tests/bench/echo_map$(EXEEXT) tests/bench/null_milter$(EXEEXT) mta-sts-milter$(EXEEXT)
	@$(SHELL) $(srcdir)/tests/bench/run.sh $(bench_programs) tests/bench/bench_socketmap
.PHONY: bench

# That they build, and that the one with a Postfix runs: it needs Debian's packages, which `make check` does not fetch.
bench-smoke: $(bench_programs) tests/bench/null_milter$(EXEEXT) mta-sts-milter$(EXEEXT)
	@bash $(srcdir)/tests/bench/with_postfix.sh tests/bench/bench_postfix --quick
.PHONY: bench-smoke

# The milter that decides nothing; the burst test uses it as well.
check_PROGRAMS += tests/bench/null_milter
tests_bench_null_milter_SOURCES = tests/bench/null_milter.c
tests_bench_null_milter_LDADD = libmiltertest.a libbase.a $(MILTER_LIBS)

tests_bench_bench_decision_SOURCES = tests/bench/bench_decision.c $(bench_figure)
tests_bench_bench_decision_LDADD = $(ENGINE_LIBS) -lm
tests_bench_bench_milter_SOURCES = tests/bench/bench_milter.c $(bench_town) $(bench_figure)
tests_bench_bench_milter_LDADD = $(TEST_DAEMON_LIBS) -lm
tests_bench_bench_postfix_SOURCES = tests/bench/bench_postfix.c $(bench_town) $(bench_figure)
tests_bench_bench_postfix_LDADD = $(TEST_DAEMON_LIBS) -lm
tests_bench_bench_rss_SOURCES = tests/bench/bench_rss.c $(bench_town) $(bench_figure)
tests_bench_bench_rss_LDADD = $(TEST_DAEMON_LIBS) -lm
tests_bench_bench_socketmap_SOURCES = \
	tests/bench/bench_socketmap.c \
	tests/bench/map_load.c \
	tests/bench/map_load.h \
	tests/bench/map_pests.c \
	tests/bench/map_pests.h \
	$(bench_town) $(bench_figure)
tests_bench_bench_socketmap_LDADD = $(TEST_DAEMON_LIBS) -lm
check_PROGRAMS += tests/bench/bench_socketmap tests/bench/echo_map
TESTS += tests/bench/socketmap_check.sh
EXTRA_DIST += tests/bench/socketmap_check.sh
tests_bench_echo_map_SOURCES = tests/bench/echo_map.c
bench_resident = tests/bench/resident.c tests/bench/resident.h
tests_bench_bench_cache_SOURCES = tests/bench/bench_cache.c $(bench_figure) $(bench_resident)
tests_bench_bench_cache_LDADD = libstore.a libbase.a -lm
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c $(bench_figure) $(bench_resident)
tests_bench_bench_store_LDADD = libengine.a $(STORE_LIBS) -lm

# Cold domains: minutes, so not part of `make bench`; COLD_DOMAINS=200 is for trying. `make check` asks fifty and looks at the answers alone.
COLD_DOMAINS = 10000
bench-cold: tests/bench/bench_cold$(EXEEXT)
	@tests/bench/bench_cold --domains $(COLD_DOMAINS) --tail $$(($(COLD_DOMAINS) / 100)) --tarpits $$(($(COLD_DOMAINS) / 100))
.PHONY: bench-cold
check_PROGRAMS += tests/bench/bench_cold
TESTS += tests/bench/cold_check.sh
EXTRA_DIST += tests/bench/cold_check.sh
tests_bench_bench_cold_SOURCES = \
	tests/bench/bench_cold.c \
	tests/bench/cold_bare.c \
	tests/bench/cold_dns.c \
	tests/bench/cold_dns.h \
	tests/bench/cold_link.c \
	tests/bench/cold_link.h \
	tests/bench/cold_loop.c \
	tests/bench/cold_loop.h \
	tests/bench/cold_pki.c \
	tests/bench/cold_pki.h \
	tests/bench/cold_run.c \
	tests/bench/cold_run.h \
	tests/bench/cold_serve.c \
	tests/bench/cold_serve.h \
	tests/bench/cold_sim.c \
	tests/bench/cold_sim.h \
	tests/bench/cold_world.c \
	tests/bench/cold_world.h \
	$(bench_figure)
tests_bench_bench_cold_LDADD = libdaemon.a libengine.a libstore.a $(NET_LIBS) $(SQLITE_LIBS) libtestservers.a libbase.a -lm
