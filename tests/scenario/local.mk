scenarios = \
	tests/scenario/actions.scn \
	tests/scenario/attack_both_blocked.scn \
	tests/scenario/attack_changing_id.scn \
	tests/scenario/attack_dns_blocked.scn \
	tests/scenario/attack_forged_mx.scn \
	tests/scenario/attack_huge_answers.scn \
	tests/scenario/attack_https_blocked.scn \
	tests/scenario/attack_redirect.scn \
	tests/scenario/backoff.scn \
	tests/scenario/breaker.scn \
	tests/scenario/broken_part.scn \
	tests/scenario/cached_policy.scn \
	tests/scenario/clock.scn \
	tests/scenario/dane.scn \
	tests/scenario/dane_names.scn \
	tests/scenario/dane_override.scn \
	tests/scenario/delivery.scn \
	tests/scenario/delivery_bound.scn \
	tests/scenario/discovery.scn \
	tests/scenario/doubt.scn \
	tests/scenario/drift.scn \
	tests/scenario/drift_standing.scn \
	tests/scenario/expiry.scn \
	tests/scenario/idle.scn \
	tests/scenario/mended.scn \
	tests/scenario/mx_hosts.scn \
	tests/scenario/negative.scn \
	tests/scenario/none.scn \
	tests/scenario/operator.scn \
	tests/scenario/other_next_hops.scn \
	tests/scenario/outage.scn \
	tests/scenario/override.scn \
	tests/scenario/probes.scn \
	tests/scenario/refresh.scn \
	tests/scenario/restless.scn \
	tests/scenario/rotating_mx.scn \
	tests/scenario/rules_answers.scn \
	tests/scenario/rules_certificate.scn \
	tests/scenario/rules_next_hop.scn \
	tests/scenario/rules_policy.scn \
	tests/scenario/rules_record.scn \
	tests/scenario/shared_hosts.scn \
	tests/scenario/static_policy.scn \
	tests/scenario/store_failed.scn \
	tests/scenario/txt_failure.scn
EXTRA_DIST += $(scenarios) tests/scenario/README.md

check_PROGRAMS += tests/scenario/run
tests_scenario_run_SOURCES = \
	tests/fake/fake_store.c \
	tests/fake/fake_store.h \
	tests/fake/fake_world.c \
	tests/fake/fake_world.h \
	tests/scenario/macro.c \
	tests/scenario/macro.h \
	tests/scenario/run.c
tests_scenario_run_LDADD = $(ENGINE_LIBS)

check_PROGRAMS += tests/scenario/promises
tests_scenario_promises_SOURCES = \
	tests/fake/fake_store.c \
	tests/fake/fake_store.h \
	tests/fake/fake_world.c \
	tests/fake/fake_world.h \
	tests/scenario/life.c \
	tests/scenario/promises.c \
	tests/scenario/promises.h \
	tests/unit/deliverable.h
tests_scenario_promises_LDADD = $(ENGINE_LIBS)

TEST_EXTENSIONS = .scn .sh
SCN_LOG_COMPILER = $(builddir)/tests/scenario/run
TESTS += $(scenarios) tests/scenario/promises
