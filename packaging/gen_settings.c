/* gen_settings - prints what is made from the settings table while the package is built: `sample` or `mdoc` */
#include "config.h"

#include "common/sts/settings_print.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	bool sample = argc == 2 && strcmp(argv[1], "sample") == 0;
	struct buf out;

	if (!sample && (argc != 2 || strcmp(argv[1], "mdoc") != 0)) {
		fprintf(stderr, "usage: gen_settings sample|mdoc\n");
		return 64;
	}
	buf_init(&out, SETTINGS_TEXT_MAX);
	if (settings_print(NULL, sample ? SETTINGS_SAMPLE : SETTINGS_MDOC, &out) != 0)
		return 71;
	fputs(buf_text(&out), stdout);
	buf_release(&out);
	return fclose(stdout) == 0 ? 0 : 74;
}
