# What the daemon's tests and benchmarks surround it with: a network, DNS, MX hosts, a CA; all in the test's own process
check_LIBRARIES += libtestservers.a
libtestservers_a_SOURCES = \
	tests/servers/child.c \
	tests/servers/child.h \
	tests/servers/dns_responder.c \
	tests/servers/dns_responder.h \
	tests/servers/private_net.c \
	tests/servers/private_net.h \
	tests/servers/smtp_server.c \
	tests/servers/smtp_server.h \
	tests/servers/syslog_sink.c \
	tests/servers/syslog_sink.h \
	tests/servers/test_ca.c \
	tests/servers/test_ca.h
TEST_SERVERS_LIBS = libtestservers.a libmiltertest.a libbase.a $(OPENSSL_LIBS)
