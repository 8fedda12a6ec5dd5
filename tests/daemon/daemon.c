#include "config.h"

#include "tests/daemon/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"

enum { START_MS = 10000, STOP_MS = 15000, LOG_BYTES = 64 << 20, SHOWN = 20000 };

static void path(const struct daemon *d, const char *name, char out[DAEMON_PATH])
{
	(void)snprintf(out, DAEMON_PATH, "%s/%s", d->dir, name);
}

int daemon_own(const struct daemon *d, const char *file)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	errno = 0;
	pw = getpwnam(d->user);
	if (pw == NULL)
		return errno != 0 ? -errno : -ENOENT;
	return chown(file, pw->pw_uid, pw->pw_gid) < 0 ? -errno : 0;
}

int daemon_init(struct daemon *d)
{
	*d = (struct daemon){ .user = "nobody", .dir = "/tmp/mta-sts-test.XXXXXX" };
	if (mkdtemp(d->dir) == NULL) {
		d->dir[0] = '\0';
		return -errno;
	}
	path(d, "mta-sts.db", d->database);
	path(d, "ca.pem", d->ca);
	path(d, "log", d->log);
	path(d, "mta-sts.conf", d->config);
	return daemon_own(d, d->dir);
}

static int write_config(const struct daemon *d, const struct daemon_options *o)
{
	FILE *f = fopen(d->config, "we");

	if (f == NULL)
		return -errno;
	fprintf(f,
		"[daemon]\nuser = %s\ndatabase = %s\ncontrol_socket = %s/control.sock\nlog = %s\n",
		d->user, d->database, d->dir, o->to_syslog ? "syslog" : "stderr");
	fprintf(f, "[milter]\nmilter_socket = %s\nauthority = mx.test.example\n", d->address);
	fprintf(f,
		"[delivery]\nsocketmap = unix:%s/policy.sock\nexim_socket = unix:%s/exim.sock\n"
		"tlsrpt_socket = %s/tlsrpt.sock\n",
		d->dir, d->dir, d->dir);
	fprintf(f, "[dns]\ndns = %s\n", o->dns);
	fprintf(f, "[policy]\nca_bundle = %s\nallow_networks = 127.0.0.0/8\n", d->ca);
	if (o->extra != NULL)
		fputs(o->extra, f);
	return fclose(f) == 0 ? 0 : -errno;
}

/* libmilter's shutdown is not clean in ThreadSanitizer's eyes; the file says which of its words are not heard. */
static void use_suppressions(void)
{
	const char *srcdir = getenv("srcdir");
	char options[PATH_MAX + 100];

	(void)snprintf(options, sizeof(options),
		       "suppressions=%s/tests/daemon/tsan.supp report_destroy_locked=0 "
		       "report_thread_leaks=0",
		       srcdir != NULL ? srcdir : ".");
	(void)setenv("TSAN_OPTIONS", options, 0);
}

int daemon_start(struct daemon *d, const struct daemon_options *o)
{
	const char *program = getenv("MTA_STS_MILTER");
	const char *argv[] = { program != NULL ? program : "./mta-sts-milter", "-c", d->config,
			       NULL };
	int r;

	if (o->inet)
		(void)snprintf(d->address, sizeof(d->address), "inet:8890@127.0.0.1");
	else
		(void)snprintf(d->address, sizeof(d->address), "unix:%s/milter.sock", d->dir);
	use_suppressions();
	r = write_config(d, o);
	if (r == 0)
		r = child_start(&d->child, argv, d->log);
	return r < 0 ? r : child_await(&d->child, d->address, START_MS);
}

int daemon_stop(struct daemon *d, int64_t *ret_ms)
{
	return child_stop(&d->child, SIGTERM, STOP_MS, ret_ms);
}

void daemon_release(struct daemon *d)
{
	struct dirent *entry;
	DIR *dir;

	(void)child_stop(&d->child, SIGKILL, STOP_MS, NULL);
	if (d->dir[0] == '\0')
		return;
	dir = opendir(d->dir);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(d->dir);
	d->dir[0] = '\0';
}

int daemon_read_log(const struct daemon *d, struct buf *ret)
{
	int fd = open(d->log, O_RDONLY | O_CLOEXEC), r = 0;
	char chunk[16384];
	ssize_t n = 0;

	buf_init(ret, LOG_BYTES);
	if (fd < 0)
		return -errno;
	while (r == 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		r = buf_add(ret, chunk, (size_t)n);
	(void)close(fd);
	return n < 0 ? -EIO : r;
}

void daemon_show_log(const struct daemon *d)
{
	AUTO(buf_release) struct buf log;

	(void)daemon_read_log(d, &log);
	fputs(buf_text(&log) + (log.n > SHOWN ? log.n - SHOWN : 0), stderr);
}

static bool has(struct span line, const char *text)
{
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

size_t daemon_logged(const struct daemon *d, const char *const *texts)
{
	AUTO(buf_release) struct buf log;
	struct span rest, line;
	size_t count = 0;

	if (daemon_read_log(d, &log) < 0)
		return 0;
	rest = buf_span(&log);
	while (span_line(&rest, &line)) {
		size_t i = 0;

		while (texts[i] != NULL && has(line, texts[i]))
			i++;
		count += texts[i] == NULL;
	}
	return count;
}

size_t daemon_await_logged(const struct daemon *d, const char *const *texts)
{
	size_t n = 0;

	for (int i = 0; i < 100 && (n = daemon_logged(d, texts)) == 0; i++)
		(void)usleep(20000);
	return n;
}
