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
	tests/daemon/test_burst \
	tests/daemon/test_command \
	tests/daemon/test_message \
	tests/daemon/test_override \
	tests/daemon/test_service \
	tests/daemon/test_session \
	tests/daemon/test_socketmap \
	tests/daemon/test_stop
check_PROGRAMS += $(daemon_tests)
TESTS += $(daemon_tests)

session_fixture = \
	tests/daemon/mta.c \
	tests/daemon/mta.h \
	tests/daemon/village.c \
	tests/daemon/village.h

tests_daemon_test_burst_SOURCES = tests/daemon/test_burst.c
tests_daemon_test_burst_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_command_SOURCES = tests/daemon/test_command.c $(session_fixture)
tests_daemon_test_command_LDADD = $(TEST_DAEMON_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_message_SOURCES = tests/daemon/test_message.c $(session_fixture)
tests_daemon_test_message_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_session_SOURCES = tests/daemon/test_session.c $(session_fixture)
tests_daemon_test_session_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_stop_SOURCES = tests/daemon/test_stop.c $(session_fixture)
tests_daemon_test_stop_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_socketmap_SOURCES = tests/daemon/test_socketmap.c tests/daemon/map_client.c tests/daemon/map_client.h \
	$(session_fixture)
tests_daemon_test_socketmap_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
tests_daemon_test_service_SOURCES = tests/daemon/test_service.c tests/daemon/map_client.c tests/daemon/map_client.h \
	$(session_fixture)
tests_daemon_test_service_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/daemon/tsan.supp
tests_daemon_test_override_SOURCES = tests/daemon/test_override.c tests/daemon/map_client.c tests/daemon/map_client.h \
	$(session_fixture)
tests_daemon_test_override_LDADD = $(TEST_DAEMON_LIBS) $(CMOCKA_LIBS)
