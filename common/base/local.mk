# F0: no I/O, no globals
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	common/base/arena.c \
	common/base/arena.h \
	common/base/buf.c \
	common/base/buf.h \
	common/base/cleanup.h \
	common/base/clock.h \
	common/base/distance.c \
	common/base/distance.h \
	common/base/kv.c \
	common/base/kv.h \
	common/base/limits.h \
	common/base/moment.c \
	common/base/moment.h \
	common/base/netaddr.c \
	common/base/netaddr.h \
	common/base/num.c \
	common/base/num.h \
	common/base/siphash.c \
	common/base/siphash.h \
	common/base/span.c \
	common/base/span.h \
	common/base/steady.c \
	common/base/steady.h \
	common/base/text.c \
	common/base/text.h \
	common/base/utf8.c \
	common/base/utf8.h
