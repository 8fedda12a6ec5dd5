# Benchmarks: built and run by `make bench` alone, never part of `make check`. Each prints `bench name=... value=...` lines (figure.h).
bench_programs = \
	tests/bench/bench_cache \
	tests/bench/bench_decision \
	tests/bench/bench_milter \
	tests/bench/bench_rss \
	tests/bench/bench_store
bench_figure = tests/bench/figure.c tests/bench/figure.h
bench_town = tests/bench/load.c tests/bench/load.h tests/bench/town.c tests/bench/town.h
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += tests/bench/run.sh

bench: $(bench_programs) tests/bench/null_milter$(EXEEXT) mta-sts-milter$(EXEEXT)
	@$(SHELL) $(srcdir)/tests/bench/run.sh $(bench_programs)
.PHONY: bench

# The milter that decides nothing; the burst test uses it as well.
check_PROGRAMS += tests/bench/null_milter
tests_bench_null_milter_SOURCES = tests/bench/null_milter.c
tests_bench_null_milter_LDADD = libmiltertest.a libbase.a $(MILTER_LIBS)

tests_bench_bench_decision_SOURCES = tests/bench/bench_decision.c $(bench_figure)
tests_bench_bench_decision_LDADD = $(ENGINE_LIBS) -lm
tests_bench_bench_milter_SOURCES = tests/bench/bench_milter.c $(bench_town) $(bench_figure)
tests_bench_bench_milter_LDADD = $(TEST_DAEMON_LIBS) -lm
tests_bench_bench_rss_SOURCES = tests/bench/bench_rss.c $(bench_town) $(bench_figure)
tests_bench_bench_rss_LDADD = $(TEST_DAEMON_LIBS) -lm
bench_resident = tests/bench/resident.c tests/bench/resident.h
tests_bench_bench_cache_SOURCES = tests/bench/bench_cache.c $(bench_figure) $(bench_resident)
tests_bench_bench_cache_LDADD = libstore.a libbase.a -lm
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c $(bench_figure) $(bench_resident)
tests_bench_bench_store_LDADD = libengine.a $(STORE_LIBS) -lm
