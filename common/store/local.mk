# F2: persistence and memory; knows policies, not the network
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	common/store/cache.c \
	common/store/cache.h \
	common/store/store.h \
	common/store/store_bind.c \
	common/store/store_bind.h \
	common/store/store_bytes.h \
	common/store/store_check.c \
	common/store/store_conn.c \
	common/store/store_conn.h \
	common/store/store_db.c \
	common/store/store_db.h \
	common/store/store_event.c \
	common/store/store_event.h \
	common/store/store_failures.c \
	common/store/store_file.c \
	common/store/store_file.h \
	common/store/store_health.c \
	common/store/store_health.h \
	common/store/store_keeper.c \
	common/store/store_keeper.h \
	common/store/store_list.c \
	common/store/store_list.h \
	common/store/store_opening.c \
	common/store/store_opening.h \
	common/store/store_ops.h \
	common/store/store_outcome.c \
	common/store/store_outcome.h \
	common/store/store_override.c \
	common/store/store_override.h \
	common/store/store_page.c \
	common/store/store_page.h \
	common/store/store_rescue.c \
	common/store/store_rescue.h \
	common/store/store_row.c \
	common/store/store_row.h \
	common/store/store_salvage.c \
	common/store/store_salvage.h \
	common/store/store_schema.c \
	common/store/store_schema.h \
	common/store/store_shm.c \
	common/store/store_shm.h \
	common/store/store_sqlite.c \
	common/store/store_sqlite.h \
	common/store/store_statement.c \
	common/store/store_statement.h \
	common/store/store_upkeep.c \
	common/store/store_upkeep.h \
	common/store/store_wal.c \
	common/store/store_wal.h
STORE_LIBS = libstore.a $(STS_LIBS) $(SQLITE_LIBS)
