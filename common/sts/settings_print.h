/* settings_print.h - the settings table as text: what is set, the sample file, the manual page
 *
 * PURPOSE One source for `mta-sts config`, /etc/mta-sts-milter/mta-sts.conf and mta-sts.conf(5).
 * ERRORS  0; -ENOMEM; -EMSGSIZE when out is too small (SETTINGS_TEXT_MAX always suffices for defaults).
 */
#ifndef COMMON_STS_SETTINGS_PRINT_H
#define COMMON_STS_SETTINGS_PRINT_H

#include "common/sts/settings.h"

enum { SETTINGS_TEXT_MAX = 1 << 20 };

enum settings_form {
	SETTINGS_ALL,	  /* every setting with its value; s = settings_defaults() gives `config -d` */
	SETTINGS_CHANGED, /* only what differs from its default: `config -n` */
	SETTINGS_SAMPLE,  /* every setting explained, and commented out at its default; s may be NULL */
	SETTINGS_MDOC,	  /* the list of settings in mta-sts.conf(5); s may be NULL */
};

/* Output of the first three forms can be read back by settings_parse(). */
int settings_print(const struct settings *s, enum settings_form form, struct buf *out);

#endif
