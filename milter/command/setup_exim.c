#include "config.h"

#include "milter/command/setup_exim.h"

#include "common/base/cleanup.h"
#include "milter/command/setup_exim_text.h"
#include "milter/command/setup_spawn.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED = 1 << 20 };

static int ask(const char *program, const char *config, const char *a, const char *b,
	       struct buf *out)
{
	const char *plain[] = { program, a, b, NULL };
	const char *with[] = { program, "-C", config, a, b, NULL };

	return setup_spawn(config != NULL ? with : plain, false, NULL, out);
}

/* "Exim version 4.96 #2 built ..." */
static const char *version_in(struct span text, struct arena *arena)
{
	struct span behind, word;

	if (!exim_says(text, "Exim version ", &behind) || !span_word(&behind, &word))
		return NULL;
	return arena_strdup(arena, word);
}

/* "exim_user = 105"; a name is what we need. */
static const char *user_in(const char *program, const char *config, struct arena *arena)
{
	AUTO(buf_release) struct buf out = { .max = 4000 };
	const char *value;

	if (ask(program, config, "-bP", "exim_user", &out) != 0)
		return NULL;
	value = exim_option(buf_span(&out), "exim_user", arena);
	if (value[0] >= '0' && value[0] <= '9') {
		unsigned long uid = strtoul(value, NULL, 10);
		const struct passwd *pw = getpwuid((uid_t)uid);

		return pw != NULL ? arena_strdup(arena, span_of(pw->pw_name)) : NULL;
	}
	return value[0] != '\0' ? value : NULL;
}

int exim_facts_read(const char *config, struct arena *arena, struct exim_facts *ret,
		    struct buf *error)
{
	static const char *const programs[] = { "exim4", "exim" };
	AUTO(buf_release) struct buf built = { .max = PRINTED }, text = { .max = PRINTED };
	const char *program = NULL;
	int r = 0;

	for (size_t i = 0; i < 2 && program == NULL; i++) {
		r = ask(programs[i], config, "-bV", NULL, &built);
		if (r != -ENOENT)
			program = programs[i];
	}
	if (program == NULL)
		return -ENOENT;
	if (r == 0)
		r = ask(program, config, "-bP", "config", &text);
	if (r != 0) {
		buf_addf(error, "%s does not tell its configuration: %s", program,
			 r < 0 ? strerror(-r) : "run it with -bV and -bP config to see why");
		return r < 0 ? r : -EIO;
	}
	r = setup_keep(&built, arena, &ret->built);
	if (r == 0)
		r = setup_keep(&text, arena, &ret->config);
	if (r == 0) {
		ret->version = version_in(ret->built, arena);
		ret->user = user_in(program, config, arena);
	}
	return r != 0 || ret->version != NULL ? r : -EBADMSG;
}
