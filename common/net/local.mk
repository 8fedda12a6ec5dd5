# F3: drivers behind ports (resolver.h, fetcher.h, prober.h)
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	common/net/fetcher.h \
	common/net/prober.h \
	common/net/resolver.h
NET_LIBS = libnet.a $(STS_LIBS) $(UNBOUND_LIBS) $(CURL_LIBS) $(OPENSSL_LIBS)
