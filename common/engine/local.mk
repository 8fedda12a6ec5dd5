# F4: facts are gathered, cached, and turned into verdicts; ports only, no drivers
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	common/engine/assess.c \
	common/engine/assess.h \
	common/engine/core.h \
	common/engine/dane.c \
	common/engine/dane.h \
	common/engine/discover.c \
	common/engine/discover.h \
	common/engine/draft.h \
	common/engine/engine.c \
	common/engine/engine.h \
	common/engine/entry.c \
	common/engine/entry.h \
	common/engine/facts.c \
	common/engine/facts.h \
	common/engine/flight.c \
	common/engine/flight.h \
	common/engine/gate.c \
	common/engine/gate.h \
	common/engine/gated.c \
	common/engine/gated.h \
	common/engine/grace.c \
	common/engine/grace.h \
	common/engine/held.c \
	common/engine/held.h \
	common/engine/host_facts.c \
	common/engine/host_facts.h \
	common/engine/job.c \
	common/engine/job.h \
	common/engine/outage.c \
	common/engine/outage.h \
	common/engine/overrides.c \
	common/engine/overrides.h \
	common/engine/overrides_load.c \
	common/engine/overrides_table.h \
	common/engine/park.c \
	common/engine/park.h \
	common/engine/pool.c \
	common/engine/pool.h \
	common/engine/stats.h \
	common/engine/task.c \
	common/engine/task.h \
	common/engine/terms.c \
	common/engine/terms.h \
	common/engine/timed_wait.c \
	common/engine/timed_wait.h \
	common/engine/transfer.c \
	common/engine/transfer.h \
	common/engine/work.c \
	common/engine/work.h
ENGINE_LIBS = libengine.a libstore.a $(STS_LIBS)
