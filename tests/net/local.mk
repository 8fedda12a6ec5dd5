# The drivers against servers of our own on loopback
net_tests = \
	tests/net/test_resolver
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)

tests_net_test_resolver_SOURCES = \
	tests/net/dns_server.c \
	tests/net/dns_server.h \
	tests/net/dns_zone.c \
	tests/net/dns_zone.h \
	tests/net/steady_clock.h \
	tests/net/test_resolver.c
tests_net_test_resolver_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
