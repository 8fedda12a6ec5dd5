/* stage.h - the world around the daemon: DNS, MX hosts with certificates, policies that it already has
 *
 * OWNERSHIP stage_open() builds it, stage_close() must follow in every case and stops a daemon that
 *           still runs. Tables must outlive the stage.
 * THREADS   One thread at a time; private_net_enter() comes first.
 * ERRORS    0 or -errno.
 */
#ifndef TESTS_DAEMON_STAGE_H
#define TESTS_DAEMON_STAGE_H

#include "common/sts/policy.h"
#include "tests/daemon/daemon.h"
#include "tests/servers/dns_responder.h"
#include "tests/servers/smtp_server.h"
#include "tests/servers/test_ca.h"

enum { STAGE_MX_HOSTS = 8 };

/* Listens on port 25 of its address. */
struct stage_mx {
	const char *ip;		 /* NULL ends a table */
	const char *certificate; /* the name in it; NULL: no STARTTLS */
	long seconds;		 /* until it ends; negative: it has expired */
};

/* A policy that was fetched a moment ago under the id "1". */
struct stage_policy {
	const char *domain; /* NULL ends a table */
	enum policy_mode mode;
	const char *mx; /* pattern */
};

struct stage {
	struct daemon daemon;
	struct test_ca *ca;
	struct dns_responder *dns; /* 127.0.0.1, port 53 */
	SSL_CTX *tls[STAGE_MX_HOSTS];
	struct smtp_server *mx[STAGE_MX_HOSTS];
};

int stage_open(struct stage *s, const struct dns_row *zone, const struct stage_mx *mx);
void stage_close(struct stage *s);

/* Before the daemon is started. */
int stage_store(struct stage *s, const struct stage_policy *policies);

#endif
