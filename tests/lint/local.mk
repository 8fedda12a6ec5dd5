# What a reader would otherwise have to look for. Each is told where the sources are by srcdir, and runs where they were built.
lint_tests = \
	tests/lint/banned.sh \
	tests/lint/docs.sh \
	tests/lint/floors.sh \
	tests/lint/logging.sh \
	tests/lint/planted.sh \
	tests/lint/rules.sh \
	tests/lint/scripts.sh \
	tests/lint/size.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) tests/lint/code_only.pl
AM_TESTS_ENVIRONMENT += CC='$(CC)'; AR='$(AR)'; export CC AR;
