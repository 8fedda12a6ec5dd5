# The list of settings in mta-sts.conf(5) comes from the settings table. The page is distributed, and made again only
# when its sources change: the program that prints it is no reason to (order-only).
settings_sources = \
	common/sts/setting_expected.c \
	common/sts/settings_print.c \
	common/sts/settings_table.h

dist_man_MANS += \
	doc/mta-sts-milter.8 \
	doc/mta-sts.1 \
	doc/mta-sts.conf.5
EXTRA_DIST += doc/mta-sts.conf.5.in doc/ARCHITECTURE.md
dist_doc_DATA = \
	README.md \
	doc/DECISIONS.md \
	doc/GRAMMAR.md \
	doc/GUIDE.md \
	doc/LOGGING.md \
	doc/MIGRATION.md \
	doc/TESTING.md

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	doc/examples/exim-acl.conf \
	doc/examples/exim-main.conf \
	doc/examples/exim-router.conf \
	doc/examples/exim-transport.conf \
	doc/examples/sendmail.mc

doc/mta-sts.conf.5: doc/mta-sts.conf.5.in $(settings_sources) | packaging/gen_settings$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && packaging/gen_settings mdoc >$@.list && \
		sed -e '/^@SETTINGS@$$/r '$@.list -e '/^@SETTINGS@$$/d' $(srcdir)/doc/mta-sts.conf.5.in >$@.tmp && \
		rm $@.list && mv $@.tmp $@
MAINTAINERCLEANFILES += doc/mta-sts.conf.5
