#include "config.h"

#include "milter/command/setup_resolver.h"

#include "common/base/netaddr.h"
#include "milter/command/setup_guise.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

static void name_server(const struct sockaddr *sa, struct setup_resolver *r)
{
	char text[NETADDR_TEXT];
	size_t n = strlen(r->servers);
	struct netaddr a;

	if (sa->sa_family == AF_INET6)
		a = netaddr_make(ADDR_V6,
				 &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
	else
		a = netaddr_make(ADDR_V4,
				 &((const struct sockaddr_in *)(const void *)sa)->sin_addr);
	netaddr_format(&a, text);
	if (!setup_is_loopback(text))
		r->far = true;
	snprintf(r->servers + n, sizeof(r->servers) - n, "%s%s", n > 0 ? " " : "", text);
}

/* What Postfix, Sendmail and Exim do: the C library, asked to tell whether the answer was validated. The root is signed. */
static void look(const void *arg, void *found)
{
	struct setup_resolver r = { .word = VALIDATION_NO_ANSWER };
	struct __res_state state = { 0 };
	unsigned char answer[4096];
	const HEADER *head = (const void *)answer;
	int n;

	(void)arg;
	if (res_ninit(&state) == 0) {
		for (int i = 0; i < state.nscount && i < MAXNS; i++) {
			struct sockaddr_storage sa = { 0 };

			if (state.nsaddr_list[i].sin_family != AF_INET &&
			    state._u._ext.nsaddrs[i] != NULL)
				memcpy(&sa, state._u._ext.nsaddrs[i], sizeof(struct sockaddr_in6));
			else
				memcpy(&sa, &state.nsaddr_list[i], sizeof(struct sockaddr_in));
			name_server((const struct sockaddr *)&sa, &r);
		}
		state.options |= RES_USE_EDNS0 | RES_USE_DNSSEC | RES_TRUSTAD;
		state.retrans = 3;
		state.retry = 1;
		n = res_nquery(&state, ".", ns_c_in, ns_t_soa, answer, sizeof(answer));
		if (n >= (int)sizeof(HEADER))
			r.word = head->ad ? VALIDATION_OK : VALIDATION_NO_AD;
		res_nclose(&state);
	}
	memcpy(found, &r, sizeof(r));
}

void setup_resolver_look(void *ctx, const struct setup_guise *guise, struct setup_resolver *ret)
{
	(void)ctx;
	*ret = (struct setup_resolver){ .word = VALIDATION_UNKNOWN };
	setup_in_guise(guise, look, NULL, ret, sizeof(*ret));
}
