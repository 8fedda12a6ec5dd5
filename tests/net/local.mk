# The drivers against servers of our own on loopback
net_tests =
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)

net_names = \
	tests/net/dns_server.c \
	tests/net/dns_server.h \
	tests/net/dns_zone.c \
	tests/net/dns_zone.h \
	tests/net/steady_clock.h

net_tests += tests/net/test_resolver
tests_net_test_resolver_SOURCES = tests/net/test_resolver.c $(net_names)
tests_net_test_resolver_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_resolver_settings
tests_net_test_resolver_settings_SOURCES = tests/net/test_resolver_settings.c $(net_names)
tests_net_test_resolver_settings_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_servers = \
	tests/net/peer_server.c \
	tests/net/peer_server.h \
	tests/net/pki.c \
	tests/net/pki.h \
	tests/net/steady_clock.h

net_tests += tests/net/test_fetcher
tests_net_test_fetcher_SOURCES = tests/net/test_fetcher.c tests/net/policy_host.c tests/net/policy_host.h $(net_servers)
tests_net_test_fetcher_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_fetcher_tls
tests_net_test_fetcher_tls_SOURCES = tests/net/test_fetcher_tls.c tests/net/policy_host.c tests/net/policy_host.h $(net_servers)
tests_net_test_fetcher_tls_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_trust
tests_net_test_trust_SOURCES = tests/net/test_trust.c tests/net/pki.c tests/net/pki.h
tests_net_test_trust_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_prober
tests_net_test_prober_SOURCES = tests/net/test_prober.c tests/net/mail_host.c tests/net/mail_host.h $(net_servers)
tests_net_test_prober_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_prober_dane
tests_net_test_prober_dane_SOURCES = tests/net/test_prober_dane.c tests/net/mail_host.c tests/net/mail_host.h $(net_servers)
tests_net_test_prober_dane_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)

net_tests += tests/net/test_prober_tls
tests_net_test_prober_tls_SOURCES = tests/net/test_prober_tls.c tests/net/mail_host.c tests/net/mail_host.h $(net_servers)
tests_net_test_prober_tls_LDADD = $(NET_LIBS) $(CMOCKA_LIBS)
