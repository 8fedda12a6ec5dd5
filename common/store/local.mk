# F2: persistence and memory; knows policies, not the network
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	common/store/cache.c \
	common/store/cache.h \
	common/store/store.h \
	common/store/store_sqlite.h
STORE_LIBS = libstore.a $(STS_LIBS) $(SQLITE_LIBS)
