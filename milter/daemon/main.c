#include "config.h"

#include "milter/daemon/control.h"
#include "milter/daemon/directory.h"
#include "milter/daemon/entrance.h"
#include "milter/daemon/housekeeper.h"
#include "milter/daemon/identity.h"
#include "milter/daemon/mfi.h"
#include "milter/daemon/milter_socket.h"
#include "milter/daemon/options.h"
#include "milter/daemon/service.h"
#include "milter/daemon/tlsrpt_socket.h"
#include "milter/daemon/trail.h"
#include "milter/daemon/warned.h"
#include "milter/daemon/wire.h"
#include "milter/shared/settings_file.h"

#include "common/base/kv.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* Everything that lives as long as the process, in the order in which it is made. */
struct daemon {
	struct settings *settings;
	struct identity identity;
	struct listener socket; /* libmilter's */
	bool listening;		/* on the socket: from then on its path is ours to remove */
	struct log *log;
	struct control *control;
	struct service *service;
	struct tlsrpt_socket *tlsrpt;
	struct wire *wire;
	struct engine *engine;
	struct housekeeper *housekeeper;
	struct outcomes *outcomes;
	struct warned *warned;
	struct trail *trail;
	struct door door;
	char authority[256];
	struct buf error;
};

enum { HOUSEKEEPER_PATIENCE = 1000 }; /* milliseconds */

static int complain(struct daemon *d, int status)
{
	if (d->error.n > 0) {
		fprintf(stderr, "mta-sts-milter: %s\n", buf_text(&d->error));
		if (d->log != NULL) {
			struct kv kv;

			kv_begin(&kv, "fatal");
			kv_span(&kv, "detail", buf_span(&d->error));
			log_line(d->log, LOG_LEVEL_WARNING, kv_end(&kv));
		}
	}
	return status;
}

/* libmilter hands a burst of ready sessions to two workers and starts no more while it believes that one is idle, so a callback that waits
 * stalls strangers. A connection makes it start or wake a worker, which finds nothing here and drains the queue. */
static void poke(void *arg)
{
	struct daemon *d = arg;

	listener_poke(&d->socket);
}

static void prepare_process(void)
{
	struct rlimit files;

	mfi_hold_stop();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN); /* libmilter leaves it deadly */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static struct listener_access milter_access(const struct daemon *d)
{
	return (struct listener_access){ d->identity.uid, d->identity.milter_gid,
					 (mode_t)d->settings->milter_socket_mode };
}

static int open_sockets(struct daemon *d)
{
	struct listener_access access;
	int r;

	if (listener_prepare(&d->socket, d->identity.uid, &d->error) != 0)
		return -1;
	/* Before the other: who finds the milter can ask about it. */
	d->control = control_open(d->settings, &d->identity, &d->error);
	if (d->control == NULL)
		return -1;
	d->service = service_open(d->settings, &d->identity, &d->error);
	if (d->service == NULL)
		return -1;
	if (d->settings->tlsrpt_socket[0] != '\0') {
		d->tlsrpt = tlsrpt_socket_open(d->settings, &d->identity, &d->error);
		if (d->tlsrpt == NULL)
			return -1;
	}
	umask(0177);
	r = mfi_open(&d->door, d->settings->milter_socket);
	umask(0027);
	if (r != 0) {
		buf_addf(&d->error, "milter_socket: cannot listen on %s",
			 d->settings->milter_socket);
		return -1;
	}
	d->listening = true;
	access = milter_access(d);
	return listener_permit(&d->socket, &access, &d->error);
}

static void close_sockets(struct daemon *d)
{
	if (d->listening && d->socket.path != NULL)
		unlink(d->socket.path);
	d->control = control_close(d->control);
	d->service = service_close(d->service);
	d->tlsrpt = tlsrpt_socket_close(d->tlsrpt);
}

static void name_ourselves(struct daemon *d)
{
	if (d->settings->authority[0] != '\0')
		snprintf(d->authority, sizeof(d->authority), "%s", d->settings->authority);
	else if (gethostname(d->authority, sizeof(d->authority) - 1) != 0)
		snprintf(d->authority, sizeof(d->authority), "localhost");
}

static uint64_t random_number(void)
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		n = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ull ^ (uint64_t)getpid();
	return n;
}

static int start(struct daemon *d)
{
	struct engine_env *env = wire_env(d->wire);

	env->about_to_wait = poke;
	env->wait_arg = d;
	env->seed = random_number();
	d->engine = engine_new(env, d->settings);
	d->warned = warned_new();
	d->trail = trail_new(env->seed);
	d->outcomes = d->engine != NULL ? outcomes_new(d->engine, env) : NULL;
	if (d->outcomes == NULL || d->warned == NULL || d->trail == NULL) {
		buf_addf(&d->error, "cannot start %lld workers", (long long)d->settings->workers);
		return -1;
	}
	d->door = (struct door){ .engine = d->engine,
				 .env = env,
				 .settings = d->settings,
				 .log = d->log,
				 .authority = d->authority,
				 .warned = d->warned,
				 .trail = d->trail };
	atomic_init(&d->door.next_id, random_number());
	struct sources sources = { .engine = d->engine,
				   .env = env,
				   .settings = d->settings,
				   .log = d->log,
				   .outcomes = d->outcomes,
				   .tlsrpt = d->tlsrpt,
				   .started_at = clock_wall(&env->clock),
				   .service = service_stats(d->service),
				   .dns = wire_dns_state,
				   .dns_arg = d->wire };

	if (d->tlsrpt != NULL)
		tlsrpt_socket_tell(d->tlsrpt, env, d->outcomes);
	wire_selftest(d->wire);
	d->housekeeper = housekeeper_start(d->engine, d->wire, d->outcomes);
	if (d->housekeeper == NULL || control_start(d->control, &sources) != 0 ||
	    service_start(d->service, &d->door, d->tlsrpt) != 0) {
		buf_adds(&d->error, "cannot start threads");
		return -1;
	}
	return 0;
}

static void rest(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Callbacks and workers get a moment to finish. False: some are still at work, and nothing under them may be freed. */
static bool drain(struct daemon *d)
{
	mfi_close();
	for (int i = 0; i < 40; i++) {
		if (mfi_busy() == 0 && engine_is_idle(d->engine))
			return true;
		rest(50);
	}
	return false;
}

static void log_event(struct daemon *d, const char *event)
{
	struct kv kv;

	kv_begin(&kv, event);
	kv_str(&kv, "version", PACKAGE_VERSION);
	kv_str(&kv, "socket", d->settings->milter_socket);
	log_line(d->log, LOG_LEVEL_INFO, kv_end(&kv));
}

static void stop(struct daemon *d)
{
	bool idle;

	sd_notify(0, "STOPPING=1");
	engine_stop(d->engine);
	close_sockets(d);
	idle = drain(d);
	d->housekeeper = housekeeper_stop(d->housekeeper, HOUSEKEEPER_PATIENCE);
	engine_tick(d->engine); /* failure times go to the store */
	outcomes_flush(d->outcomes);
	log_event(d, "stop");
	if (!idle || d->housekeeper != NULL) {
		/* Somebody sits in a time-out. The database is safe at every instant (WAL). */
		log_flush(d->log); /* workers may still use it */
		_exit(EX_OK);
	}
	d->outcomes = outcomes_free(d->outcomes);
	d->engine = engine_free(d->engine);
	d->wire = wire_close(d->wire);
}

static void release(struct daemon *d)
{
	control_close(d->control);
	service_close(d->service);
	tlsrpt_socket_close(d->tlsrpt);
	if (housekeeper_stop(d->housekeeper, HOUSEKEEPER_PATIENCE) != NULL)
		return;
	outcomes_free(d->outcomes);
	engine_free(d->engine);
	wire_close(d->wire);
	warned_free(d->warned);
	trail_free(d->trail);
	log_close(d->log);
	settings_free(d->settings);
	buf_release(&d->error);
}

static int serve(struct daemon *d)
{
	int r;

	prepare_process();
	d->log = log_open(d->settings->log, d->settings->log_level, "mta-sts-milter");
	if (d->log == NULL)
		return EX_OSERR;
	if (directory_make_for(d->settings->database, 0750, d->identity.uid, d->identity.gid,
			       &d->error) != 0 ||
	    open_sockets(d) != 0 || identity_assume(&d->identity, &d->error) != 0) {
		close_sockets(d);
		return complain(d, EX_CONFIG);
	}
	if (mfi_is_told_to_stop()) { /* a large database takes its time */
		close_sockets(d);
		return EX_OK;
	}
	r = wire_open(d->settings, d->log, &d->wire, &d->error);
	if (r != 0 || start(d) != 0) {
		close_sockets(d);
		return complain(d, r == WIRE_CONFIG ? EX_CONFIG : EX_OSERR);
	}
	log_event(d, "start");
	sd_notify(0, "READY=1");
	r = mfi_run();
	stop(d);
	return r == 0 ? EX_OK : EX_OSERR;
}

/* Prints what a piece of the examination has found. */
static bool tell(struct buf *report, bool well)
{
	fputs(buf_text(report), stdout);
	fflush(stdout);
	buf_release(report);
	return well;
}

static bool examine_directory(const char *setting, const char *path, struct buf *report)
{
	switch (directory_look(path)) {
	case DIRECTORY_HOPELESS:
		buf_addf(report, "problem %s: the directory of %s is missing; make it\n", setting,
			 path);
		return false;
	case DIRECTORY_CAN_BE_MADE:
		buf_addf(report, "ok      %s: the directory of %s will be made\n", setting, path);
		return true;
	case DIRECTORY_THERE:
		break;
	}
	return true;
}

static bool examine_places(struct daemon *d)
{
	struct buf report = { .max = 64 * 1024 };
	const struct listener_access access = milter_access(d);
	bool well = milter_socket_examine(&d->socket, &access, &report);

	well = entrances_examine(d->settings, &d->identity, &report) && well;
	if (d->settings->tlsrpt_socket[0] != '\0')
		well = tlsrpt_socket_examine(d->settings, &d->identity, &report) && well;
	well = examine_directory("control_socket", d->settings->control_socket, &report) && well;
	well = examine_directory("database", d->settings->database, &report) && well;
	return tell(&report, well);
}

static bool examine_services(struct daemon *d)
{
	struct buf report = { .max = 64 * 1024 };
	bool with_store = directory_look(d->settings->database) == DIRECTORY_THERE;

	return tell(&report, wire_examine(d->settings, with_store, &report));
}

/* What the daemon will meet is what its user meets. */
static bool examine_services_as_user(struct daemon *d)
{
	int status = -1;
	pid_t child;

	if (geteuid() != 0 || d->identity.uid == 0)
		return examine_services(d);
	child = fork();
	if (child == 0)
		_exit(identity_assume(&d->identity, &d->error) == 0 && examine_services(d) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int examine(struct daemon *d)
{
	bool places = examine_places(d);
	bool well = examine_services_as_user(d) && places;

	puts(well ? "mta-sts-milter: all is well" : "mta-sts-milter: see above");
	return well ? EX_OK : EX_CONFIG;
}

int main(int argc, char **argv)
{
	struct daemon d = { .error = { .max = 4096 } };
	struct options options;
	int status = options_parse(argc, argv, &options);

	if (status >= 0)
		return status;
	status = EX_CONFIG;
	if (settings_file_load(options.config, &d.settings, &d.error) == 0 &&
	    identity_find(d.settings, &d.identity, &d.error) == 0 &&
	    listener_parse("milter_socket", d.settings->milter_socket, &d.socket, &d.error) == 0) {
		name_ourselves(&d);
		status = options.test ? examine(&d) : serve(&d);
	} else {
		complain(&d, status);
	}
	release(&d);
	return status;
}
