# The MTA's side of the milter protocol, for the daemon's tests and for benchmarks
check_LIBRARIES += libmiltertest.a
libmiltertest_a_SOURCES = \
	tests/milter/milter_client.c \
	tests/milter/milter_client.h \
	tests/milter/milter_dial.c \
	tests/milter/milter_dial.h \
	tests/milter/milter_steps.c \
	tests/milter/milter_wire.c \
	tests/milter/milter_wire.h

check_PROGRAMS += tests/milter/test_client
TESTS += tests/milter/test_client
tests_milter_test_client_SOURCES = tests/milter/test_client.c
tests_milter_test_client_LDADD = libmiltertest.a libbase.a $(CMOCKA_LIBS)
