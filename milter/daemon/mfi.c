#include "config.h"

#include "milter/daemon/mfi.h"

#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct door *the_door;
static atomic_uint busy;
static atomic_bool closed;

unsigned mfi_busy(void)
{
	return atomic_load(&busy);
}

void mfi_close(void)
{
	atomic_store(&closed, true);
}

static void leave(void)
{
	atomic_fetch_sub(&busy, 1);
}

/* Callbacks go on while the daemon stops: libmilter's threads outlive smfi_main(). */
static bool enter(void)
{
	atomic_fetch_add(&busy, 1);
	if (!atomic_load(&closed))
		return true;
	leave();
	return false;
}

/* What libmilter keeps for us per connection. */
struct link {
	struct session *session;
	unsigned long mute; /* SMFIP_NR_*: steps to which no reply may be sent */
};

static struct link *link_of(SMFICTX *ctx)
{
	struct link *l = smfi_getpriv(ctx);

	if (l != NULL)
		return l;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->session = session_new(the_door);
	if (l->session == NULL || smfi_setpriv(ctx, l) != MI_SUCCESS) {
		session_free(l->session);
		free(l);
		return NULL;
	}
	return l;
}

/* A reply to a step for which none was agreed on would be taken for the reply to the next one. */
static sfsistat done(const struct link *l, unsigned long step)
{
	return (l->mute & step) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static const char *macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, (char *)name);
}

/* The steps that we need, and no replies to those that we never answer: each costs the MTA a round trip. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
			     unsigned long f2, unsigned long f3, unsigned long *ret_actions,
			     unsigned long *ret_steps, unsigned long *ret_f2, unsigned long *ret_f3)
{
	const unsigned long mute = SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH;
	const unsigned long needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS;
	unsigned long skip = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOBODY | SMFIP_NOUNKNOWN;
	struct link *l = link_of(ctx);

	(void)f2;
	(void)f3;
	if ((steps & SMFIP_NR_EOH) == 0) /* then the end of the message is soon enough */
		skip |= SMFIP_NOEOH;
	if (l == NULL || (actions & needed) != needed)
		return SMFIS_REJECT;
	l->mute = steps & mute;
	*ret_actions = actions & (needed | SMFIF_SETSYMLIST);
	*ret_steps = (steps & skip) | l->mute;
	*ret_f2 = *ret_f3 = 0;
	if ((actions & SMFIF_SETSYMLIST) != 0) {
		smfi_setsymlist(ctx, SMFIM_CONNECT, (char *)"v");
		smfi_setsymlist(ctx, SMFIM_ENVFROM, (char *)"{auth_authen}");
		smfi_setsymlist(ctx, SMFIM_ENVRCPT,
				(char *)"{rcpt_mailer} {rcpt_host} {rcpt_addr}");
		smfi_setsymlist(ctx, SMFIM_EOH, (char *)"i");
		smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
	}
	return SMFIS_CONTINUE;
}

static bool client_address(const _SOCK_ADDR *sa, struct netaddr *ret)
{
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		*ret = netaddr_make(ADDR_V4,
				    &((const struct sockaddr_in *)(const void *)sa)->sin_addr);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		*ret = netaddr_make(ADDR_V6,
				    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
		return true;
	}
	return false;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *sa)
{
	struct link *l = link_of(ctx);
	struct netaddr client;

	(void)name;
	if (l == NULL)
		return SMFIS_TEMPFAIL;
	session_connect(l->session, macro(ctx, "v"), client_address(sa, &client) ? &client : NULL);
	return done(l, SMFIP_NR_CONN);
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
	struct link *l = link_of(ctx);

	if (l == NULL)
		return SMFIS_TEMPFAIL;
	if (enter()) {
		session_mail(l->session, macro(ctx, "{auth_authen}"));
		for (size_t i = 1; argv[0] != NULL && argv[i] != NULL; i++)
			session_mail_parameter(l->session, argv[i]);
		leave();
	}
	return done(l, SMFIP_NR_MAIL);
}

static sfsistat tempfail(SMFICTX *ctx, struct rcpt_reply *reply)
{
	smfi_setreply(ctx, (char *)"451", reply->code, reply->text);
	return SMFIS_TEMPFAIL;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
{
	struct link *l = link_of(ctx);
	struct rcpt_reply reply;
	struct session_rcpt rcpt = {
		.arg = argv[0] != NULL ? argv[0] : "",
		.mailer = macro(ctx, "{rcpt_mailer}"),
		.host = macro(ctx, "{rcpt_host}"),
		.addr = macro(ctx, "{rcpt_addr}"),
	};

	if (l == NULL || !enter())
		return SMFIS_TEMPFAIL;
	session_rcpt(l->session, &rcpt, &reply);
	leave();
	return reply.answer == ANSWER_TEMPFAIL ? tempfail(ctx, &reply) : SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct link *l = link_of(ctx);

	if (l == NULL)
		return SMFIS_TEMPFAIL;
	if (enter()) {
		session_header(l->session, name, value);
		leave();
	}
	return done(l, SMFIP_NR_HDR);
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
	struct link *l = link_of(ctx);

	if (l == NULL)
		return SMFIS_TEMPFAIL;
	if (enter()) {
		session_end_of_header(l->session, macro(ctx, "i"));
		leave();
	}
	return done(l, SMFIP_NR_EOH);
}

/* Mail is kept by the client when the mark cannot be made: a forged one would stay otherwise. */
static bool mark(SMFICTX *ctx, struct session *s, char *header)
{
	char *name = (char *)session_header_name;

	for (unsigned i = session_verdicts_seen(s); i > 0; i--)
		if (session_removes(s, i) && smfi_chgheader(ctx, name, (int)i, NULL) != MI_SUCCESS)
			return false;
	return header[0] == '\0' || smfi_insheader(ctx, 0, name, header) == MI_SUCCESS;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	struct link *l = link_of(ctx);
	char header[HEADER_SIZE];
	bool marked;

	if (l == NULL || !enter())
		return SMFIS_TEMPFAIL;
	session_eom(l->session, macro(ctx, "i"), header);
	leave();
	marked = mark(ctx, l->session, header);
	session_reset(l->session);
	return marked ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct link *l = smfi_getpriv(ctx);

	if (l != NULL)
		session_reset(l->session);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct link *l = smfi_getpriv(ctx);

	if (l != NULL) {
		session_free(l->session);
		free(l);
		smfi_setpriv(ctx, NULL);
	}
	return SMFIS_CONTINUE;
}

int mfi_open(struct door *door, char *socket)
{
	struct smfiDesc callbacks = {
		.xxfi_name = (char *)PACKAGE_NAME,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_header,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	the_door = door;
	if (smfi_register(callbacks) != MI_SUCCESS || smfi_setconn(socket) != MI_SUCCESS ||
	    smfi_setbacklog(1024) != MI_SUCCESS)
		return -1;
	return smfi_opensocket(true) == MI_SUCCESS ? 0 : -1;
}

/* What libmilter takes for the order to stop. */
static const int orders[] = { SIGTERM, SIGINT, SIGHUP };

void mfi_hold_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		sigaddset(&set, orders[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool mfi_is_told_to_stop(void)
{
	bool told = false;
	sigset_t set;

	if (sigpending(&set) != 0)
		return false;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		told = told || sigismember(&set, orders[i]) == 1;
	return told;
}

/* An order that is there already makes libmilter close its socket before it looks for it, and fail. */
int mfi_run(void)
{
	return mfi_is_told_to_stop() || smfi_main() == MI_SUCCESS ? 0 : -1;
}
