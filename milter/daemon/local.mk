# F5: the daemon; libdaemon.a is all of it but main(), so that tests can link it
sbin_PROGRAMS += mta-sts-milter
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES = \
	milter/daemon/control.c \
	milter/daemon/control.h \
	milter/daemon/control_answer.c \
	milter/daemon/control_call.c \
	milter/daemon/control_call.h \
	milter/daemon/control_check.c \
	milter/daemon/control_events.c \
	milter/daemon/control_outcome.c \
	milter/daemon/control_outcomes.c \
	milter/daemon/control_override.c \
	milter/daemon/control_override.h \
	milter/daemon/control_transfer.c \
	milter/daemon/control_verbs.h \
	milter/daemon/delivery_door.c \
	milter/daemon/delivery_door.h \
	milter/daemon/describe.c \
	milter/daemon/describe.h \
	milter/daemon/describe_delivery.c \
	milter/daemon/describe_delivery.h \
	milter/daemon/describe_outcome.c \
	milter/daemon/describe_outcome.h \
	milter/daemon/describe_override.c \
	milter/daemon/describe_override.h \
	milter/daemon/describe_status.c \
	milter/daemon/desk.c \
	milter/daemon/desk.h \
	milter/daemon/directory.c \
	milter/daemon/directory.h \
	milter/daemon/door.h \
	milter/daemon/entrance.c \
	milter/daemon/entrance.h \
	milter/daemon/exim.c \
	milter/daemon/housekeeper.c \
	milter/daemon/housekeeper.h \
	milter/daemon/identity.c \
	milter/daemon/identity.h \
	milter/daemon/json_put.h \
	milter/daemon/listener.c \
	milter/daemon/listener.h \
	milter/daemon/log.c \
	milter/daemon/log.h \
	milter/daemon/mfi.c \
	milter/daemon/mfi.h \
	milter/daemon/milter_socket.c \
	milter/daemon/milter_socket.h \
	milter/daemon/options.c \
	milter/daemon/options.h \
	milter/daemon/outcomes.c \
	milter/daemon/outcomes.h \
	milter/daemon/peer.c \
	milter/daemon/peer.h \
	milter/daemon/protocol.h \
	milter/daemon/rcpt.c \
	milter/daemon/rcpt.h \
	milter/daemon/recent.c \
	milter/daemon/recent.h \
	milter/daemon/said.c \
	milter/daemon/said.h \
	milter/daemon/service.c \
	milter/daemon/service.h \
	milter/daemon/service_stats.h \
	milter/daemon/session.c \
	milter/daemon/session.h \
	milter/daemon/socketmap.c \
	milter/daemon/stream.c \
	milter/daemon/stream.h \
	milter/daemon/tlsrpt_datagram.c \
	milter/daemon/tlsrpt_datagram.h \
	milter/daemon/tlsrpt_socket.c \
	milter/daemon/tlsrpt_socket.h \
	milter/daemon/trail.c \
	milter/daemon/trail.h \
	milter/daemon/verdict_header.c \
	milter/daemon/verdict_header.h \
	milter/daemon/warned.c \
	milter/daemon/warned.h \
	milter/daemon/wire.c \
	milter/daemon/wire.h
mta_sts_milter_SOURCES = milter/daemon/main.c
mta_sts_milter_LDADD = libdaemon.a libshared.a libengine.a libstore.a libnet.a $(STS_LIBS) $(UNBOUND_LIBS) $(CURL_LIBS) \
	$(OPENSSL_LIBS) $(SQLITE_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) $(MILTER_LIBS)
