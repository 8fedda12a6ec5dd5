# F5: what daemon and command have in common
noinst_LIBRARIES += libshared.a
libshared_a_SOURCES = \
	milter/shared/input.c \
	milter/shared/input.h \
	milter/shared/settings_file.c \
	milter/shared/settings_file.h
