/* replay_main.c - runs a fuzz target over seeds, without libFuzzer
 *
 * Arguments: directories or files. Without any: tests/fuzz/seeds/NAME below $srcdir, where the
 * program is called fuzz_NAME; so `make check` runs the program as it is. Every seed is run as it
 * is, cut short at every length, and with every octet replaced by a few nasty ones: that finds more
 * than the seed alone, and the same on every machine. No seed found is a failure. With FUZZ_ENGINE
 * defined this file is empty: libFuzzer has its own main().
 */
#include "tests/fuzz/fuzz.h"

#ifndef FUZZ_ENGINE

#include "common/base/buf.h"
#include "common/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

enum { SEED_MAX = 1 << 20, MUTATE_MAX = 1024 };

static void closep(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static void closedirp(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* In a block of exactly its size, so that a sanitizer sees the first octet too far. */
static void run(const char *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	if (n > 0)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void run_mutations(struct buf *seed)
{
	static const char nasty[] = {
		'\0', '\n', '\r', ' ', ':', ';', '@', '.', '"', '\x7f', '\xff'
	};

	for (size_t n = 0; n < seed->n; n++)
		run(seed->p, n);
	for (size_t i = 0; i < seed->n; i++) {
		char was = seed->p[i];

		for (size_t k = 0; k < sizeof(nasty); k++) {
			seed->p[i] = nasty[k];
			run(seed->p, seed->n);
		}
		seed->p[i] = was;
	}
}

static int run_file(const char *path)
{
	AUTO(closep) FILE *f = fopen(path, "rb");
	AUTO(buf_release) struct buf seed;
	char piece[4096];
	size_t n;

	buf_init(&seed, SEED_MAX);
	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		if (buf_add(&seed, piece, n) < 0)
			break;
	if (ferror(f) || !feof(f)) {
		fprintf(stderr, "%s: unreadable, or larger than %d bytes\n", path, SEED_MAX);
		return -1;
	}
	/* Last words, should the target abort. */
	printf("%s\n", path);
	fflush(stdout);
	run(seed.p, seed.n);
	if (seed.n <= MUTATE_MAX)
		run_mutations(&seed);
	return 1;
}

/* The number of seeds, or -1. */
static int run_path(const char *path)
{
	AUTO(closedirp) DIR *dir = opendir(path);
	struct dirent *entry;
	int seeds = 0;

	if (dir == NULL)
		return run_file(path);
	while ((entry = readdir(dir)) != NULL) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) >= (int)sizeof(file))
			return -1;
		if (run_file(file) < 0)
			return -1;
		seeds++;
	}
	return seeds;
}

static const char *default_path(const char *program, char *out, size_t size)
{
	const char *base = strrchr(program, '/'), *src = getenv("srcdir");

	base = base != NULL ? base + 1 : program;
	if (strncmp(base, "fuzz_", 5) == 0)
		base += 5;
	snprintf(out, size, "%s/tests/fuzz/seeds/%s", src != NULL ? src : ".", base);
	return out;
}

int main(int argc, char **argv)
{
	char path[4096];
	int seeds = 0;

	for (int i = 1; i < argc || (i == 1 && argc == 1); i++) {
		const char *at = argc > 1 ? argv[i] : default_path(argv[0], path, sizeof(path));
		int n = run_path(at);

		if (n <= 0) {
			fprintf(stderr, "%s: no seeds\n", at);
			return 1;
		}
		seeds += n;
	}
	printf("%d seeds\n", seeds);
	return 0;
}

#endif
