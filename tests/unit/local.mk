# One program per noun; a test links its own floor and those below.
unit_tests =
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

unit_tests += tests/unit/test_num
tests_unit_test_num_SOURCES = tests/unit/test_num.c
tests_unit_test_num_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_span
tests_unit_test_span_SOURCES = tests/unit/test_span.c
tests_unit_test_span_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_netaddr
tests_unit_test_netaddr_SOURCES = tests/unit/test_netaddr.c
tests_unit_test_netaddr_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_rdata
tests_unit_test_rdata_SOURCES = tests/unit/test_rdata.c
tests_unit_test_rdata_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_fact
tests_unit_test_fact_SOURCES = tests/unit/test_fact.c
tests_unit_test_fact_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_cache
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c
tests_unit_test_cache_LDADD = libstore.a libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_siphash
tests_unit_test_siphash_SOURCES = tests/unit/test_siphash.c
tests_unit_test_siphash_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_settings
tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/test.h
unit_scripts = \
	tests/unit/test_daemon_start.sh \
	tests/unit/test_command.sh \
	tests/unit/test_feed_journal.sh \
	tests/unit/test_grammar_doc.sh \
	tests/unit/test_setup_instances.sh \
	tests/unit/test_second_start.sh
dist_check_SCRIPTS += $(unit_scripts)
TESTS += $(unit_scripts)

unit_tests += tests/unit/test_domain
tests_unit_test_domain_SOURCES = tests/unit/test_domain.c
tests_unit_test_domain_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_punycode
tests_unit_test_punycode_SOURCES = tests/unit/test_punycode.c
tests_unit_test_punycode_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_mx_match
tests_unit_test_mx_match_SOURCES = tests/unit/test_mx_match.c
tests_unit_test_mx_match_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_mx_seen
tests_unit_test_mx_seen_SOURCES = tests/unit/test_mx_seen.c
tests_unit_test_mx_seen_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_nexthop
tests_unit_test_nexthop_SOURCES = tests/unit/test_nexthop.c
tests_unit_test_nexthop_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_netstring
tests_unit_test_netstring_SOURCES = tests/unit/test_netstring.c
tests_unit_test_netstring_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_tls_policy
tests_unit_test_tls_policy_SOURCES = tests/unit/test_tls_policy.c
tests_unit_test_tls_policy_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_trail
tests_unit_test_trail_SOURCES = tests/unit/test_trail.c
tests_unit_test_trail_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_policy
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_record
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_smtp_reply
tests_unit_test_smtp_reply_SOURCES = tests/unit/test_smtp_reply.c
tests_unit_test_smtp_reply_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_delivery
tests_unit_test_delivery_SOURCES = tests/unit/test_delivery.c
tests_unit_test_delivery_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_action
tests_unit_test_action_SOURCES = tests/unit/test_action.c
tests_unit_test_action_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_freshness
tests_unit_test_freshness_SOURCES = tests/unit/test_freshness.c
tests_unit_test_freshness_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_verdict
tests_unit_test_verdict_SOURCES = tests/unit/test_verdict.c tests/unit/deliverable.h
tests_unit_test_verdict_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c
tests_unit_test_route_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_flight
tests_unit_test_flight_SOURCES = tests/unit/test_flight.c
tests_unit_test_flight_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_engine
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c tests/unit/engine_stage.h tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_engine_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_meanwhile
tests_unit_test_meanwhile_SOURCES = tests/unit/test_meanwhile.c tests/unit/engine_stage.h tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_meanwhile_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_question
tests_unit_test_question_SOURCES = tests/unit/test_question.c tests/unit/engine_stage.h tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_question_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_arguments
tests_unit_test_arguments_SOURCES = tests/unit/test_arguments.c
tests_unit_test_arguments_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_output
tests_unit_test_output_SOURCES = tests/unit/test_output.c
tests_unit_test_output_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_txt_text
tests_unit_test_txt_text_SOURCES = tests/unit/test_txt_text.c
tests_unit_test_txt_text_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_utf8
tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_session
tests_unit_test_session_SOURCES = tests/unit/test_session.c tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_session_LDADD = libdaemon.a $(ENGINE_LIBS) $(CMOCKA_LIBS)

store_kit = tests/unit/store_kit.c tests/unit/store_kit.h tests/unit/faulty_vfs.c tests/unit/faulty_vfs.h

unit_tests += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(store_kit)
tests_unit_test_store_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_damage
tests_unit_test_store_damage_SOURCES = tests/unit/test_store_damage.c $(store_kit)
tests_unit_test_store_damage_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_salvage
tests_unit_test_store_salvage_SOURCES = tests/unit/test_store_salvage.c $(store_kit)
tests_unit_test_store_salvage_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_trouble
tests_unit_test_store_trouble_SOURCES = tests/unit/test_store_trouble.c $(store_kit)
tests_unit_test_store_trouble_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_patience
tests_unit_test_patience_SOURCES = tests/unit/test_patience.c tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_patience_LDADD = libdaemon.a $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_recent
tests_unit_test_recent_SOURCES = tests/unit/test_recent.c
tests_unit_test_recent_LDADD = libdaemon.a $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_stream
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c
tests_unit_test_stream_LDADD = libdaemon.a libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_LDADD = libdaemon.a libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_wire
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c tests/net/mail_host.c tests/net/mail_host.h $(net_servers)
tests_unit_test_wire_LDADD = libdaemon.a libengine.a libstore.a $(NET_LIBS) $(SQLITE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_control
tests_unit_test_control_SOURCES = tests/unit/test_control.c $(control_kit)
tests_unit_test_control_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_desk
tests_unit_test_desk_SOURCES = tests/unit/test_desk.c $(control_kit)
tests_unit_test_desk_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_control_socket
tests_unit_test_control_socket_SOURCES = tests/unit/test_control_socket.c tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_control_socket_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_tlsa
tests_unit_test_tlsa_SOURCES = tests/unit/test_tlsa.c
tests_unit_test_tlsa_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_gate
tests_unit_test_gate_SOURCES = tests/unit/test_gate.c
tests_unit_test_gate_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_moment
tests_unit_test_moment_SOURCES = tests/unit/test_moment.c
tests_unit_test_moment_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_override
tests_unit_test_override_SOURCES = tests/unit/test_override.c
tests_unit_test_override_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_control_override
tests_unit_test_control_override_SOURCES = tests/unit/test_control_override.c tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_control_override_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_port
tests_unit_test_store_port_SOURCES = tests/unit/test_store_port.c tests/fake/fake_store.c $(store_kit)
tests_unit_test_store_port_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_upgrade
tests_unit_test_store_upgrade_SOURCES = tests/unit/test_store_upgrade.c $(store_kit)
tests_unit_test_store_upgrade_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/fixtures/schema-1.db

unit_tests += tests/unit/test_maillog
tests_unit_test_maillog_SOURCES = tests/unit/test_maillog.c
tests_unit_test_maillog_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_exported
tests_unit_test_exported_SOURCES = tests/unit/test_exported.c
tests_unit_test_exported_LDADD = libshared.a $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_provider
tests_unit_test_provider_SOURCES = tests/unit/test_provider.c \
	tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_provider_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_steady
tests_unit_test_steady_SOURCES = tests/unit/test_steady.c
tests_unit_test_steady_LDADD = libbase.a $(CMOCKA_LIBS)

unit_tests += tests/unit/test_refresh
tests_unit_test_refresh_SOURCES = tests/unit/test_refresh.c
tests_unit_test_refresh_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_tls_required
tests_unit_test_tls_required_SOURCES = tests/unit/test_tls_required.c
tests_unit_test_tls_required_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_life
tests_unit_test_store_life_SOURCES = tests/unit/test_store_life.c $(store_kit)
tests_unit_test_store_life_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_store_rescue
tests_unit_test_store_rescue_SOURCES = tests/unit/test_store_rescue.c $(store_kit)
tests_unit_test_store_rescue_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_warm
tests_unit_test_warm_SOURCES = tests/unit/test_warm.c
tests_unit_test_warm_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_overrides
tests_unit_test_overrides_SOURCES = tests/unit/test_overrides.c tests/fake/fake_store.c tests/fake/fake_world.c
tests_unit_test_overrides_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
control_kit = tests/unit/control_kit.c tests/unit/control_kit.h tests/fake/fake_store.c tests/fake/fake_world.c

unit_tests += tests/unit/test_control_transfer
tests_unit_test_control_transfer_SOURCES = tests/unit/test_control_transfer.c $(control_kit)
tests_unit_test_control_transfer_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_outcome
tests_unit_test_outcome_SOURCES = tests/unit/test_outcome.c
tests_unit_test_outcome_LDADD = $(STS_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_control_outcome
tests_unit_test_control_outcome_SOURCES = tests/unit/test_control_outcome.c $(control_kit)
tests_unit_test_control_outcome_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/fake/fake_outcomes.h tests/fixtures/schema-1.db tests/fixtures/schema-2.db

unit_tests += tests/unit/test_setup_postfix
tests_unit_test_setup_postfix_SOURCES = tests/unit/test_setup_postfix.c tests/unit/setup_told.h tests/unit/setup_kit.h
tests_unit_test_setup_postfix_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_setup_lines
tests_unit_test_setup_lines_SOURCES = tests/unit/test_setup_lines.c tests/unit/setup_told.h tests/unit/setup_kit.h
tests_unit_test_setup_lines_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += \
	tests/fixtures/exim-4.96.built \
	tests/fixtures/exim-4.96.config \
	tests/fixtures/postconf-3.7.columns \
	tests/fixtures/postconf-3.7.main \
	tests/fixtures/postconf-3.7.overrides \
	tests/fixtures/sendmail-8.17.built \
	tests/fixtures/sendmail-8.17.cf

unit_tests += tests/unit/test_setup_spawn
tests_unit_test_setup_spawn_SOURCES = tests/unit/test_setup_spawn.c
tests_unit_test_setup_spawn_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_setup_others
tests_unit_test_setup_others_SOURCES = tests/unit/test_setup_others.c tests/unit/setup_kit.h
tests_unit_test_setup_others_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_outcomes
tests_unit_test_outcomes_SOURCES = tests/unit/test_outcomes.c $(control_kit)
tests_unit_test_outcomes_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_tlsrpt
tests_unit_test_tlsrpt_SOURCES = tests/unit/test_tlsrpt.c $(control_kit)
tests_unit_test_tlsrpt_LDADD = libdaemon.a libshared.a $(ENGINE_LIBS) $(JANSSON_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_tls_sessions
tests_unit_test_tls_sessions_SOURCES = tests/unit/test_tls_sessions.c
tests_unit_test_tls_sessions_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_follow
tests_unit_test_follow_SOURCES = tests/unit/test_follow.c
tests_unit_test_follow_LDADD = $(COMMAND_LIBS) $(CMOCKA_LIBS)

unit_tests += tests/unit/test_feed
tests_unit_test_feed_SOURCES = tests/unit/test_feed.c
tests_unit_test_feed_LDADD = $(JANSSON_LIBS) $(CMOCKA_LIBS)
