# The drivers against servers of our own on loopback
net_tests =
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)

net_tests += tests/net/test_resolver
tests_net_test_resolver_SOURCES = \
	tests/net/dns_server.c \
	tests/net/dns_server.h \
	tests/net/dns_zone.c \
	tests/net/dns_zone.h \
	tests/net/steady_clock.h \
	tests/net/test_resolver.c
tests_net_test_resolver_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_fetcher
tests_net_test_fetcher_SOURCES = \
	tests/net/peer_server.c \
	tests/net/peer_server.h \
	tests/net/pki.c \
	tests/net/pki.h \
	tests/net/steady_clock.h \
	tests/net/test_fetcher.c
tests_net_test_fetcher_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
