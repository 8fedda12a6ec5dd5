# The sample configuration comes from the settings table, like the list in mta-sts.conf(5) (doc/local.mk).
check_PROGRAMS += packaging/gen_settings
packaging_gen_settings_SOURCES = packaging/gen_settings.c
packaging_gen_settings_LDADD = $(STS_LIBS)

packaging/mta-sts.conf: $(settings_sources) | packaging/gen_settings$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) packaging && packaging/gen_settings sample >$@.tmp && mv $@.tmp $@
MAINTAINERCLEANFILES += packaging/mta-sts.conf

EXTRA_DIST += packaging/mta-sts.conf

# An existing configuration is never overwritten; what make uninstall takes away is only what nobody has changed.
configdir = $(sysconfdir)/mta-sts-milter
sampledir = $(docdir)/examples
sample_DATA = packaging/mta-sts.conf

install-data-hook:
	@f="$(DESTDIR)$(configdir)/mta-sts.conf"; $(MKDIR_P) "$(DESTDIR)$(configdir)"; \
	if test -e "$$f"; then echo "$$f stays as it is"; \
	else $(INSTALL_DATA) "$(DESTDIR)$(sampledir)/mta-sts.conf" "$$f"; fi

uninstall-local:
	@f="$(DESTDIR)$(configdir)/mta-sts.conf"; \
	if cmp -s "$$f" "$(DESTDIR)$(sampledir)/mta-sts.conf"; then rm -f "$$f"; fi; \
	rmdir "$(DESTDIR)$(configdir)" 2>/dev/null || :

# make deb: packages in deb/, made from the tarball. DEB_BUILD_OPTIONS=nocheck leaves the tests out.
debian_files = \
	packaging/debian/README.Debian \
	packaging/debian/changelog \
	packaging/debian/control \
	packaging/debian/copyright \
	packaging/debian/mta-sts-milter.lintian-overrides \
	packaging/debian/mta-sts-milter.mta-sts-feed.service \
	packaging/debian/mta-sts-milter.postrm \
	packaging/debian/mta-sts-milter.service \
	packaging/debian/mta-sts-milter.sysusers \
	packaging/debian/mta-sts-milter.tmpfiles \
	packaging/debian/rules \
	packaging/debian/source/format
EXTRA_DIST += $(debian_files) packaging/build-deb.sh packaging/test-install.sh

deb: dist-xz
	$(srcdir)/packaging/build-deb.sh $(distdir).tar.xz $(PACKAGE_VERSION) deb

# Installs, starts, asks, stops, removes and purges what make deb has built, in a root of its own. Wants to be root.
check-deb:
	DEB_BUILD_OPTIONS="nocheck $$DEB_BUILD_OPTIONS" $(MAKE) $(AM_MAKEFLAGS) deb
	$(srcdir)/packaging/test-install.sh deb

clean-local:
	rm -rf deb
.PHONY: deb check-deb
