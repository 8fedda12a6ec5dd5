sbin_PROGRAMS += mta-sts-milter
mta_sts_milter_SOURCES = milter/daemon/main.c
