# The operator's command: one file per family of verbs, rows in table.c
noinst_LIBRARIES += libcommand.a
libcommand_a_SOURCES = \
	milter/command/arguments.c \
	milter/command/arguments.h \
	milter/command/ask.c \
	milter/command/ask.h \
	milter/command/client.c \
	milter/command/client.h \
	milter/command/show_config.c \
	milter/command/show_config.h \
	milter/command/help.c \
	milter/command/help.h \
	milter/command/lint.c \
	milter/command/lint.h \
	milter/command/match.c \
	milter/command/match.h \
	milter/command/output.c \
	milter/command/output.h \
	milter/command/override.c \
	milter/command/override.h \
	milter/command/table.c \
	milter/command/table.h \
	milter/command/txt_text.c \
	milter/command/txt_text.h
COMMAND_LIBS = libcommand.a libshared.a $(STS_LIBS) $(JANSSON_LIBS)

bin_PROGRAMS += mta-sts
mta_sts_SOURCES = milter/command/main.c
mta_sts_LDADD = $(COMMAND_LIBS)
