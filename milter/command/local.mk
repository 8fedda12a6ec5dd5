# The operator's command: one file per family of verbs, rows in table.c
noinst_LIBRARIES += libcommand.a
libcommand_a_SOURCES = \
	milter/command/arguments.c \
	milter/command/arguments.h \
	milter/command/ask.c \
	milter/command/ask.h \
	milter/command/cache_file.c \
	milter/command/cache_file.h \
	milter/command/client.c \
	milter/command/client.h \
	milter/command/ending.c \
	milter/command/ending.h \
	milter/command/events.c \
	milter/command/events.h \
	milter/command/feed.c \
	milter/command/feed.h \
	milter/command/feed_cursor.c \
	milter/command/feed_cursor.h \
	milter/command/feed_queue.c \
	milter/command/feed_queue.h \
	milter/command/follow.c \
	milter/command/follow.h \
	milter/command/follow_file.c \
	milter/command/follow_file.h \
	milter/command/follow_journal.c \
	milter/command/follow_journal.h \
	milter/command/help.c \
	milter/command/help.h \
	milter/command/journal.c \
	milter/command/journal.h \
	milter/command/line_reader.c \
	milter/command/line_reader.h \
	milter/command/lint.c \
	milter/command/lint.h \
	milter/command/logline.c \
	milter/command/logline.h \
	milter/command/maillog.c \
	milter/command/maillog.h \
	milter/command/match.c \
	milter/command/match.h \
	milter/command/names.c \
	milter/command/names.h \
	milter/command/now.h \
	milter/command/outcomes.c \
	milter/command/outcomes.h \
	milter/command/output.c \
	milter/command/output.h \
	milter/command/override.c \
	milter/command/override.h \
	milter/command/progress.c \
	milter/command/progress.h \
	milter/command/refresh.c \
	milter/command/refresh.h \
	milter/command/setup.c \
	milter/command/setup.h \
	milter/command/setup_cf.c \
	milter/command/setup_cf.h \
	milter/command/setup_exim.c \
	milter/command/setup_exim.h \
	milter/command/setup_exim_check.c \
	milter/command/setup_exim_lines.c \
	milter/command/setup_exim_text.c \
	milter/command/setup_exim_text.h \
	milter/command/setup_guise.c \
	milter/command/setup_guise.h \
	milter/command/setup_lines.c \
	milter/command/setup_lines.h \
	milter/command/setup_postconf.c \
	milter/command/setup_postconf.h \
	milter/command/setup_postfix.c \
	milter/command/setup_postfix.h \
	milter/command/setup_postfix_check.c \
	milter/command/setup_postfix_lines.c \
	milter/command/setup_postfix_milter.c \
	milter/command/setup_postfix_tls.c \
	milter/command/setup_reach.c \
	milter/command/setup_report.c \
	milter/command/setup_report.h \
	milter/command/setup_resolver.c \
	milter/command/setup_resolver.h \
	milter/command/setup_sendmail.c \
	milter/command/setup_sendmail.h \
	milter/command/setup_sendmail_check.c \
	milter/command/setup_spawn.c \
	milter/command/setup_spawn.h \
	milter/command/setup_table.h \
	milter/command/setup_talk.c \
	milter/command/setup_talk.h \
	milter/command/setup_words.c \
	milter/command/setup_words.h \
	milter/command/setup_world.h \
	milter/command/show_config.c \
	milter/command/show_config.h \
	milter/command/table.c \
	milter/command/table.h \
	milter/command/tls_exim.c \
	milter/command/tls_exim.h \
	milter/command/tls_field.c \
	milter/command/tls_field.h \
	milter/command/tls_line.c \
	milter/command/tls_line.h \
	milter/command/tls_postfix.c \
	milter/command/tls_postfix.h \
	milter/command/tls_sendmail.c \
	milter/command/tls_sendmail.h \
	milter/command/tls_sessions.c \
	milter/command/tls_sessions.h \
	milter/command/txt_text.c \
	milter/command/txt_text.h \
	milter/command/warm.c \
	milter/command/warm.h \
	milter/command/warm_tally.c \
	milter/command/warm_tally.h
COMMAND_LIBS = libcommand.a libshared.a $(STS_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS)

bin_PROGRAMS += mta-sts
mta_sts_SOURCES = milter/command/main.c
mta_sts_LDADD = $(COMMAND_LIBS)

# The examples that the lab plays are what `mta-sts setup exim` prints.
exim_examples = \
	doc/examples/exim-acl.conf \
	doc/examples/exim-main.conf \
	doc/examples/exim-router.conf \
	doc/examples/exim-transport.conf
EXTRA_DIST += $(exim_examples)

milter/command/setup_examples.h: $(exim_examples)
	$(AM_V_GEN)$(MKDIR_P) milter/command && for name in main acl router transport; do \
		echo "static const char exim_$${name}_conf[] =" && \
		sed -e 's/[\\"]/\\&/g' -e 's/^/	"/' -e 's/$$/\\n"/' $(srcdir)/doc/examples/exim-$$name.conf && echo ';' || exit 1; \
	done >$@.tmp && mv $@.tmp $@
milter/command/setup_exim_lines.$(OBJEXT): milter/command/setup_examples.h
CLEANFILES += milter/command/setup_examples.h
