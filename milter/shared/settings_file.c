#include "config.h"

#include "milter/shared/settings_file.h"

#include "milter/shared/input.h"

#include <errno.h>
#include <string.h>

int settings_file_load(const char *path, struct settings **ret, struct buf *error)
{
	struct buf text;
	int r;

	buf_init(&text, SETTINGS_FILE_MAX + 1);
	r = input_read(path, SETTINGS_FILE_MAX, &text);
	if (r == -EFBIG)
		buf_addf(error, "%s: larger than 1 MiB, this is no configuration", path);
	else if (r != 0)
		buf_addf(error, "%s: %s", path, strerror(-r));
	else if ((r = settings_parse(buf_span(&text), path, ret, error)) < 0)
		buf_addf(error, "%s: %s", path, strerror(-r));
	buf_release(&text);
	return r == 0 ? 0 : -1;
}
