/* null_milter - what a libmilter milter costs that decides nothing
 *
 * It negotiates the steps that it is told, writes one log line per recipient as a plain program
 * would, and accepts everything. The benchmark puts it beside the daemon; the burst test makes it
 * wait in RCPT to show libmilter's stall, and the cure.
 */
#include "config.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tests/milter/milter_dial.h"

enum { LINE_MAX_BYTES = 1000 };

/* libmilter hands no pointer of ours to its callbacks: written once, before any thread exists. */
static struct {
	const char *socket;
	unsigned long steps;
	unsigned long actions;
	size_t line; /* bytes of a log line; 0: none */
	bool to_syslog;
	unsigned wait_ms; /* for recipients that begin with <slow */
	bool poke;
} options;

static sfsistat quiet(unsigned long mute)
{
	return (options.steps & mute) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
			  unsigned long f3, unsigned long *pf0, unsigned long *pf1,
			  unsigned long *pf2, unsigned long *pf3)
{
	(void)ctx;
	(void)f2;
	(void)f3;
	*pf0 = f0 & options.actions;
	*pf1 = f1 & options.steps;
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static void log_recipient(SMFICTX *ctx, const char *rcpt)
{
	char symbol[] = "{rcpt_host}";
	const char *host = smfi_getsymval(ctx, symbol);
	char line[LINE_MAX_BYTES + 1];
	int n = snprintf(line, sizeof(line), "rcpt to=%s host=%s answer=accept ", rcpt,
			 host != NULL ? host : "-");

	if (n < 0)
		return;
	if ((size_t)n < options.line)
		memset(line + n, 'x', options.line - (size_t)n);
	line[options.line] = '\0';
	if (options.to_syslog)
		syslog(LOG_INFO, "%s", line);
	else
		fprintf(stderr, "%s\n", line);
}

/* Connects to our own socket and leaves: libmilter's pool then wakes a worker, which drains the
 * queue. */
static void poke(void)
{
	int fd = milter_dial(options.socket);

	if (fd >= 0)
		(void)close(fd);
}

static void wait_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000L };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* Every step has a callback, or libmilter would tell the MTA to leave it out. */
static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *sa)
{
	(void)ctx;
	(void)name;
	(void)sa;
	return quiet(SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return quiet(SMFIP_NR_HELO);
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
	(void)ctx;
	(void)argv;
	return quiet(SMFIP_NR_MAIL);
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
{
	if (options.wait_ms > 0 && strncmp(argv[0], "<slow", 5) == 0) {
		if (options.poke)
			poke();
		wait_ms(options.wait_ms);
	}
	if (options.line > 0)
		log_recipient(ctx, argv[0]);
	return quiet(SMFIP_NR_RCPT);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return quiet(SMFIP_NR_HDR);
}

static sfsistat on_data(SMFICTX *ctx)
{
	(void)ctx;
	return quiet(SMFIP_NR_DATA);
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
	(void)ctx;
	return quiet(SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *chunk, size_t n)
{
	(void)ctx;
	(void)chunk;
	(void)n;
	return quiet(SMFIP_NR_BODY);
}

static sfsistat on_unknown(SMFICTX *ctx, const char *command)
{
	(void)ctx;
	(void)command;
	return quiet(SMFIP_NR_UNKN);
}

static sfsistat on_end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static int usage(void)
{
	fputs("usage: null_milter [-S STEPS] [-A ACTIONS] [-l BYTES] [-s] [-w MS] [-p] ADDRESS\n",
	      stderr);
	return 64;
}

static bool number(const char *text, uint64_t max, uint64_t *ret)
{
	return num_u64(span_of(text), max, ret);
}

static bool parse(int argc, char **argv)
{
	uint64_t v = 0;
	int c;

	while ((c = getopt(argc, argv, "S:A:l:w:ps")) != -1) {
		if (strchr("SAlw", c) != NULL &&
		    !number(optarg, c == 'l' ? LINE_MAX_BYTES : UINT32_MAX, &v))
			return false;
		switch (c) {
		case 'S':
			options.steps = v;
			break;
		case 'A':
			options.actions = v;
			break;
		case 'l':
			options.line = v;
			break;
		case 'w':
			options.wait_ms = (unsigned)v;
			break;
		case 'p':
			options.poke = true;
			break;
		case 's':
			options.to_syslog = true;
			break;
		default:
			return false;
		}
	}
	if (optind + 1 != argc)
		return false;
	options.socket = argv[optind];
	return true;
}

int main(int argc, char **argv)
{
	char name[] = "null_milter";
	struct smfiDesc milter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS,
		.xxfi_negotiate = negotiate,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_unknown = on_unknown,
		.xxfi_data = on_data,
	};
	char address[256];

	if (!parse(argc, argv) || !span_copy(span_of(options.socket), address, sizeof(address)))
		return usage();
	if (options.to_syslog)
		openlog("null-milter", LOG_PID, LOG_MAIL);
	if (smfi_register(milter) != MI_SUCCESS || smfi_setconn(address) != MI_SUCCESS ||
	    smfi_setbacklog(256) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS)
		return 69;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
