# F3: drivers behind ports (resolver.h, fetcher.h, prober.h)
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	common/net/cert_verdict.c \
	common/net/cert_verdict.h \
	common/net/content_type.c \
	common/net/content_type.h \
	common/net/dane_client.c \
	common/net/dane_client.h \
	common/net/dial.c \
	common/net/dial.h \
	common/net/dns_answer.c \
	common/net/dns_answer.h \
	common/net/dns_call.c \
	common/net/dns_call.h \
	common/net/dns_foresight.c \
	common/net/dns_foresight.h \
	common/net/dns_lane.c \
	common/net/dns_lane.h \
	common/net/dns_packet.c \
	common/net/dns_packet.h \
	common/net/dns_upstream.c \
	common/net/dns_upstream.h \
	common/net/farewell.c \
	common/net/farewell.h \
	common/net/fetcher.h \
	common/net/fetcher_curl.c \
	common/net/fetcher_curl.h \
	common/net/file_text.c \
	common/net/file_text.h \
	common/net/http_head.c \
	common/net/http_head.h \
	common/net/pkix_look.c \
	common/net/pkix_look.h \
	common/net/probe_session.c \
	common/net/probe_session.h \
	common/net/prober.h \
	common/net/prober_tls.c \
	common/net/prober_tls.h \
	common/net/resolver.h \
	common/net/resolver_unbound.c \
	common/net/resolver_unbound.h \
	common/net/smtp_dialog.c \
	common/net/smtp_dialog.h \
	common/net/tls_client.c \
	common/net/tls_client.h \
	common/net/trust.c \
	common/net/trust.h
NET_LIBS = libnet.a $(STS_LIBS) $(UNBOUND_LIBS) $(CURL_LIBS) $(OPENSSL_LIBS)
