# The real daemon, driven by the milter client, in a network of its own; exit status 77 where the system does not allow that
check_LIBRARIES += libtestdaemon.a
libtestdaemon_a_SOURCES = \
	tests/daemon/burst.c \
	tests/daemon/burst.h \
	tests/daemon/daemon.c \
	tests/daemon/daemon.h \
	tests/daemon/stage.c \
	tests/daemon/stage.h
TEST_DAEMON_LIBS = libtestdaemon.a $(STORE_LIBS) $(TEST_SERVERS_LIBS)

daemon_tests = \
	tests/daemon/test_burst
check_PROGRAMS += $(daemon_tests)

tests_daemon_test_burst_SOURCES = tests/daemon/test_burst.c
tests_daemon_test_burst_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
