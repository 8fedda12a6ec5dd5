# The lab: real servers in namespaces; ./bootstrap try and ./bootstrap check run it
lab_files = \
	tests/lab/.shellcheckrc \
	tests/lab/attack.sh \
	tests/lab/cases.sh \
	tests/lab/cases/1-delivery.case \
	tests/lab/cases/2-policy.case \
	tests/lab/cases/3-change.case \
	tests/lab/cases/4-mta.case \
	tests/lab/cases/5-dane.case \
	tests/lab/cases/6-operator.case \
	tests/lab/cases/7-peer.case \
	tests/lab/cases/8-both.case \
	tests/lab/cases/8-setup.case \
	tests/lab/cases/9-mtas.case \
	tests/lab/cases/9-setup.case \
	tests/lab/checks.sh \
	tests/lab/client.sh \
	tests/lab/columns.sh \
	tests/lab/configs \
	tests/lab/daemon.sh \
	tests/lab/deliver \
	tests/lab/dns.sh \
	tests/lab/evidence.sh \
	tests/lab/exim.sh \
	tests/lab/inside \
	tests/lab/mx-hosts \
	tests/lab/mx.sh \
	tests/lab/net.sh \
	tests/lab/packages \
	tests/lab/pki.sh \
	tests/lab/postfix.sh \
	tests/lab/postfix310.sh \
	tests/lab/README.md \
	tests/lab/root \
	tests/lab/run \
	tests/lab/sender.sh \
	tests/lab/sendmail.sh \
	tests/lab/setup.sh \
	tests/lab/skipped_check.sh \
	tests/lab/strip-dnssec \
	tests/lab/strip-starttls \
	tests/lab/syslog \
	tests/lab/table.sh \
	tests/lab/truncated-answer \
	tests/lab/unpack \
	tests/lab/unpack-trixie \
	tests/lab/web.sh \
	tests/lab/world.sh
EXTRA_DIST += $(lab_files)
TESTS += tests/lab/skipped_check.sh

.PHONY: lab
lab: all
	$(top_srcdir)/tests/lab/run --build $(abs_top_builddir)
