# F1: RFC text in, structs out; no I/O, no clock
noinst_LIBRARIES += libsts.a
libsts_a_SOURCES = \
	common/sts/action.c \
	common/sts/action.h \
	common/sts/assessment.c \
	common/sts/assessment.h \
	common/sts/domain.c \
	common/sts/domain.h \
	common/sts/event.c \
	common/sts/fact.c \
	common/sts/fact.h \
	common/sts/field.c \
	common/sts/field.h \
	common/sts/freshness.c \
	common/sts/freshness.h \
	common/sts/mx_match.c \
	common/sts/mx_match.h \
	common/sts/nexthop.c \
	common/sts/nexthop.h \
	common/sts/override.c \
	common/sts/override.h \
	common/sts/policy.c \
	common/sts/policy.h \
	common/sts/policy_fields.c \
	common/sts/policy_fields.h \
	common/sts/policy_mx.c \
	common/sts/policy_mx.h \
	common/sts/rdata.c \
	common/sts/rdata.h \
	common/sts/reason.c \
	common/sts/reason.h \
	common/sts/record.c \
	common/sts/record.h \
	common/sts/remarks.c \
	common/sts/remarks.h \
	common/sts/route.c \
	common/sts/route.h \
	common/sts/setting_expected.c \
	common/sts/setting_type.c \
	common/sts/setting_type.h \
	common/sts/setting_word.c \
	common/sts/setting_word.h \
	common/sts/settings.c \
	common/sts/settings.h \
	common/sts/settings_check.c \
	common/sts/settings_parse.c \
	common/sts/settings_print.c \
	common/sts/settings_print.h \
	common/sts/settings_private.h \
	common/sts/settings_table.h \
	common/sts/smtp_reply.c \
	common/sts/smtp_reply.h \
	common/sts/tlsa.c \
	common/sts/tlsa.h \
	common/sts/verdict.c \
	common/sts/verdict.h
STS_LIBS = libsts.a libbase.a $(IDN2_LIBS)
